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
    places,
)
from davit_operator.plan.plain import MAX_COUNT, plain_json
from davit_operator.plan.times import parse_time

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
        and is_time(outcome.started_at)
        and is_time(outcome.finished_at)
    )


def is_time(text: str) -> bool:
    """Return whether ``text`` is a time as the wire has them."""
    try:
        return bool(_TIME.fullmatch(text) and parse_time(text))
    except ValueError:
        return False


def last_sequence(text: bytes) -> int:
    """Return the number of the last record in ``text``; 0 where there is none."""
    last = next(records_in(reversed(text.split(b"\n"))), None)
    return last.sequence if last else 0


def records_in(lines: Iterable[bytes]) -> Iterator[Record]:
    """Yield the records among ``lines``, until there is too much else."""
    junk = 0
    for line in lines:
        record = record_in(line)
        if record is not None:
            yield record
            continue
        junk += 1
        if junk > _MAX_JUNK_LINES:
            return


def record_in(line: bytes) -> Record | None:
    """Return the record that ``line`` is; None where it is none."""
    record = decode(_RECORD, line) if line else None
    return record if record is not None and 1 <= record.sequence <= MAX_COUNT else None


class Documents:
    """Joins the JSON documents of one kind from their parts; ``limit`` are characters of one."""

    def __init__(self, limit: int = places.LOG_BUDGET_BYTES) -> None:
        self._limit = limit
        self._pieces: list[str] = []
        self._characters = 0

    def add(self, record: PartRecord) -> str | None:
        """Return the document that the part completes; None where it completes none."""
        if record.part == 1:
            self._pieces, self._characters = [], 0
        if record.part != len(self._pieces) + 1:
            return None
        self._characters += len(record.data)
        if self._characters > self._limit:
            # More than a runner prints.
            self._pieces = []
            return None
        self._pieces.append(record.data)
        if record.part != record.parts:
            return None
        pieces, self._pieces = self._pieces, []
        return "".join(pieces)


def documents(records: Iterable[Record], kind: PartType) -> Iterator[str]:
    """Yield the documents of ``kind``, joined from their parts."""
    joined = Documents()
    for record in records:
        if isinstance(record, PartRecord) and record.type is kind:
            document = joined.add(record)
            if document is not None:
                yield document


def decode(adapter: TypeAdapter[M], text: str | bytes) -> M | None:
    """Return the message in ``text``; None where it is none, or of another version."""
    try:
        data = plain_json(text if isinstance(text, str) else text.decode())
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        return adapter.validate_python(data)
    except (ValueError, ValidationError):
        return None
