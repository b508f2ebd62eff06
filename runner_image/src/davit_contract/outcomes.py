"""How an attempt ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from davit_contract.messages import VERSION, ErrorInfo, OutcomeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCounts:
    """How many log records were emitted, by level; dropped ones count, continuations do not."""

    debug: int = 0
    info: int = 0
    success: int = 0
    warning: int = 0
    failure: int = 0
    error: int = 0
    critical: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The supervisor's last word: the container's termination message, at most 4,096 bytes."""

    version: int = VERSION
    subject: str
    reason: OutcomeReason
    # Of the author's process; 128 + n for signal n; 1 where none was started.
    exit_code: int
    # RFC 3339, UTC, microseconds: the author's process began and ended.
    started_at: str
    finished_at: str
    # Sequence number of the last record: a log is complete when that record was read.
    last_sequence: int
    error: ErrorInfo | None = None
    counts: LogCounts = field(default_factory=LogCounts)
    # Records that were not written because the budget of the pod's log was used up.
    dropped_records: int = 0
    # True: what run() returned was too large to be printed.
    dropped_result: bool = False
