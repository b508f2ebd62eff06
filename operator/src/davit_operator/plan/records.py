"""Decode what a pod said. Authors' code ran there, so nothing of it is trusted: all is bounded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from davit_contract import (
    VERSION,
    DiscoveryProblem,
    JobDescription,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    places,
)
from davit_operator.api.jobrepository import Problem
from davit_operator.api.jobrun import LogLine
from davit_operator.plan.observed import Discovered, LogReading

MAX_PROBLEMS = 100
MAX_PROBLEM_CHARACTERS = 2_000
# The tail must stay a small part of the object: it is in every list of runs.
MAX_TAIL_BYTES = 8 * 1024

Record = LogRecord | ProgressRecord | PartRecord
_RECORD: TypeAdapter[Record] = TypeAdapter(Record)
_OUTCOME = TypeAdapter(Outcome)
_DESCRIPTION = TypeAdapter(JobDescription)
_PROBLEM = TypeAdapter(DiscoveryProblem)
M = TypeVar("M")


def decode_outcome(text: str, subject: str) -> Outcome | None:
    """Return the Outcome in a termination message; None where ``text`` is none of ``subject``.

    A runner that could not read its request does not know whom it speaks of.
    """
    outcome = _decode(_OUTCOME, text)
    if outcome is None:
        return None
    knows = outcome.reason is not OutcomeReason.INVALID_REQUEST
    return outcome if outcome.subject == (subject if knows else "") else None


def read_log(text: bytes) -> LogReading:
    """Return the end of a run's log, and its result; lines that are no records are left out."""
    lines = text.split(b"\n")
    # A result is the one thing that may stand far from the end: told by how encode() begins it.
    results = _records(line for line in lines if line.startswith(b'{"type":"result"'))
    return LogReading(
        tail=_tail(_records(reversed(lines))),
        result=next(_documents(results, PartType.RESULT, places.LOG_BUDGET_BYTES), None),
        last_sequence=last_sequence(text),
    )


def last_sequence(text: bytes) -> int:
    """Return the number of the last record in ``text``; 0 where there is none."""
    last = next(_records(reversed(text.split(b"\n"))), None)
    return last.sequence if last else 0


def read_discovery(text: bytes) -> Discovered:
    """Return what a discovery pod said of the classes and the problems that it found."""
    records = list(_records(text.split(b"\n")))
    descriptions = _documents(records, PartType.DESCRIPTION, places.MAX_DESCRIPTION_BYTES)
    problems = _documents(records, PartType.PROBLEM, places.MAX_DESCRIPTION_BYTES)
    return Discovered(
        descriptions=tuple(_decoded(_DESCRIPTION, descriptions))[: places.MAX_DESCRIPTIONS],
        problems=tuple(
            Problem(
                path=problem.path[:MAX_PROBLEM_CHARACTERS],
                line=max(problem.line, 0),
                message=problem.message[:MAX_PROBLEM_CHARACTERS],
            )
            for problem in _decoded(_PROBLEM, problems)
        )[:MAX_PROBLEMS],
    )


def _tail(newest_first: Iterable[Record]) -> tuple[LogLine, ...]:
    """Return the last records whose compact JSON fits into ``MAX_TAIL_BYTES``, oldest first."""
    kept: list[LogLine] = []
    room = MAX_TAIL_BYTES
    for record in newest_first:
        if not isinstance(record, LogRecord):
            continue
        line = _line(record)
        room -= len(line.model_dump_json(by_alias=True, exclude_defaults=True).encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return tuple(reversed(kept))


def _line(record: LogRecord) -> LogLine:
    return LogLine(
        sequence=record.sequence,
        time=record.time,
        level=record.level,
        grouping=record.grouping,
        message=record.message,
        object=record.object or None,
    )


def _records(lines: Iterable[bytes]) -> Iterator[Record]:
    for line in lines:
        record = _decode(_RECORD, line) if line else None
        if record is not None:
            yield record


def _documents(records: Iterable[Record], kind: PartType, limit: int) -> Iterator[str]:
    """Yield the documents of ``kind``, joined from their parts; longer ones are left out."""
    pieces: list[str] = []
    for record in records:
        if not isinstance(record, PartRecord) or record.type is not kind:
            continue
        pieces = [record.data] if record.part == 1 else [*pieces, record.data]
        complete = record.part == record.parts == len(pieces)
        if complete and len(document := "".join(pieces)) <= limit:
            yield document


def _decoded(adapter: TypeAdapter[M], documents: Iterable[str]) -> Iterator[M]:
    for document in documents:
        message = _decode(adapter, document)
        if message is not None:
            yield message


def _decode(adapter: TypeAdapter[M], text: str | bytes) -> M | None:
    """Return the message in ``text``; None where it is none, or of another version."""
    try:
        data: Any = json.loads(text)
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        return adapter.validate_python(data)
    except (ValueError, RecursionError, ValidationError):
        return None
