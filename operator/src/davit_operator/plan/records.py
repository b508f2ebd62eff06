"""Decode what a pod said. Authors' code ran there, so nothing of it is trusted: all is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from davit_contract import (
    VERSION,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
)
from davit_operator.api.jobrun import LogLine
from davit_operator.plan.observed import LogReading
from davit_operator.plan.plain import MAX_COUNT, plain_json
from davit_operator.plan.times import parse_time

# The tail must stay a small part of the object: it is in every list of runs.
MAX_TAIL_BYTES = 8 * 1024
# What is kept of the last record where it alone is longer than the tail may be.
_CUT_CHARACTERS = 1_000
_CUT_MARK = " [...]"
# The runner prints nothing but records: more junk than this was printed to keep us busy.
_MAX_JUNK_LINES = 1_000
_MAX_EXIT_CODE = 2**31
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")

Record = LogRecord | ProgressRecord | PartRecord
_RECORD: TypeAdapter[Record] = TypeAdapter(Record)
_OUTCOME = TypeAdapter(Outcome)
M = TypeVar("M")


def decode_outcome(text: str, subject: str) -> Outcome | None:
    """Return the Outcome in a termination message; None where ``text`` is none of ``subject``.

    A runner that could not read its request does not know whom it speaks of.
    """
    outcome = decode(_OUTCOME, text)
    if outcome is None or not _is_sound(outcome):
        return None
    knows = outcome.reason is not OutcomeReason.INVALID_REQUEST
    return outcome if outcome.subject == (subject if knows else "") else None


def _is_sound(outcome: Outcome) -> bool:
    """Return whether the API server takes what ``outcome`` says into a status."""
    counts = (*asdict(outcome.counts).values(), outcome.last_sequence, outcome.dropped_records)
    return (
        all(0 <= count <= MAX_COUNT for count in counts)
        and abs(outcome.exit_code) < _MAX_EXIT_CODE
        and _is_time(outcome.started_at)
        and _is_time(outcome.finished_at)
    )


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and parse_time(text))
    except ValueError:
        return False


def read_log(text: bytes) -> LogReading:
    """Return the end of a run's log, and its result; lines that are no records are left out."""
    lines = text.split(b"\n")
    # A result is the one thing that may stand far from the end: told by how encode() begins it.
    results = records_in(line for line in lines if line.startswith(b'{"type":"result"'))
    return LogReading(
        tail=_tail(records_in(reversed(lines))),
        # One that is too large for the status must still be told from none.
        result=next(documents(results, PartType.RESULT), None),
        last_sequence=last_sequence(text),
    )


def last_sequence(text: bytes) -> int:
    """Return the number of the last record in ``text``; 0 where there is none."""
    last = next(records_in(reversed(text.split(b"\n"))), None)
    return last.sequence if last else 0


def _tail(newest_first: Iterable[Record]) -> tuple[LogLine, ...]:
    """Return the last records whose compact JSON fits into ``MAX_TAIL_BYTES``, oldest first."""
    kept: list[LogLine] = []
    room = MAX_TAIL_BYTES
    for record in newest_first:
        if not isinstance(record, LogRecord):
            continue
        line = _line(record)
        if not kept and _size(line) > room:
            cut = line.message[:_CUT_CHARACTERS] + _CUT_MARK
            line = line.model_copy(update={"message": cut})
        room -= _size(line)
        if room < 0:
            break
        kept.append(line)
    return tuple(reversed(kept))


def _size(line: LogLine) -> int:
    """Return the bytes of ``line`` in a status, with its comma."""
    return len(line.model_dump_json(by_alias=True, exclude_none=True).encode()) + 1


def _line(record: LogRecord) -> LogLine:
    return LogLine(
        sequence=record.sequence,
        time=record.time,
        level=record.level,
        grouping=record.grouping,
        message=record.message,
        object=record.object or None,
    )


def records_in(lines: Iterable[bytes]) -> Iterator[Record]:
    """Yield the records among ``lines``, until there is too much else."""
    junk = 0
    for line in lines:
        record = decode(_RECORD, line) if line else None
        if record is not None and 1 <= record.sequence <= MAX_COUNT:
            yield record
            continue
        junk += 1
        if junk > _MAX_JUNK_LINES:
            return


def documents(records: Iterable[Record], kind: PartType) -> Iterator[str]:
    """Yield the documents of ``kind``, joined from their parts."""
    pieces: list[str] = []
    for record in records:
        if not isinstance(record, PartRecord) or record.type is not kind:
            continue
        if record.part == 1:
            pieces = []
        if record.part != len(pieces) + 1:
            continue
        pieces.append(record.data)
        if record.part == record.parts:
            yield "".join(pieces)


def decode(adapter: TypeAdapter[M], text: str | bytes) -> M | None:
    """Return the message in ``text``; None where it is none, or of another version."""
    try:
        data = plain_json(text if isinstance(text, str) else text.decode())
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        return adapter.validate_python(data)
    except (ValueError, ValidationError):
        return None
