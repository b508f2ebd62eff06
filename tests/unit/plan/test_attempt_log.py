"""What a run said is taken once and in order, whichever stream brings it, and is bounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    STARTED,
    a_batch_job,
    a_log_record,
    a_pod,
    a_run,
    an_outcome,
    ended,
    printed,
    seen_run,
)
from tests.unit.plan.printed import numbered, part

from davit_contract import PartType, ProgressRecord, places
from davit_operator.api.joblog import MAX_CHUNKS
from davit_operator.api.jobrun import JobRunStatus
from davit_operator.plan.attempt_log import AttemptLog
from davit_operator.plan.log_lines import LineReader
from davit_operator.plan.observed import LogReading
from davit_operator.plan.run_status import succeeded_status

RECORDS = [a_log_record(n, f"line {n}") for n in range(1, 21)]


def feed(log: AttemptLog, *records: Any, until: int = 0) -> AttemptLog:
    for line in LineReader().feed(printed(*records)):
        log.take(line, until)
    return log


def messages(reading: LogReading) -> list[str]:
    return [line.message for line in reading.tail]


def waiting(log: AttemptLog) -> list[int]:
    """Return the numbers of the records that wait for a JobLog."""
    return [sequence for sequence, _ in log.chunks._waiting]


@given(begins=st.lists(st.integers(0, 20), max_size=6), ends=st.lists(st.integers(0, 20)))
def test_streams_that_are_cut_and_opened_again_lose_and_repeat_nothing(
    begins: list[int], ends: list[int]
) -> None:
    log = AttemptLog()
    for begin, end in zip(begins, ends, strict=False):
        # A stream goes on at or before what is known.
        feed(log, *RECORDS[min(begin, log.last_sequence) : end])
    feed(log, *RECORDS)
    assert messages(log.reading()) == [f"line {n}" for n in range(1, 21)]
    assert waiting(log) == list(range(1, 21))
    assert (log.reading().counts.info, log.is_complete(20)) == (20, True)


def test_two_streams_at_once_give_each_record_once() -> None:
    log = AttemptLog()
    for begin in range(0, 20, 4):
        feed(log, *RECORDS[begin : begin + 4])
        feed(log, *RECORDS[: begin + 2])
    assert waiting(log) == list(range(1, 21))


def test_a_record_that_is_missing_is_counted() -> None:
    log = feed(AttemptLog(), RECORDS[0], *RECORDS[3:5])
    assert (log.reading().missing, log.reading().last_sequence) == (2, 5)
    assert not log.is_complete(5)


def test_a_log_is_complete_when_its_last_record_was_read() -> None:
    log = feed(AttemptLog(), *RECORDS[:5])
    assert [log.is_complete(until) for until in (4, 5, 6)] == [True, True, False]


def test_what_comes_after_the_runners_last_word_is_forged() -> None:
    log = feed(AttemptLog(), *RECORDS[:5], a_log_record(6, "I am root"), until=5)
    assert messages(log.reading())[-1] == "line 5"


def test_a_record_that_continues_another_is_not_counted_again() -> None:
    whole = [a_log_record(1, "a"), a_log_record(2, "b", continued=True), a_log_record(3, "c")]
    assert feed(AttemptLog(), *whole).reading().counts.info == 2


@pytest.mark.parametrize("level", ["debug", "success", "warning", "failure", "error", "critical"])
def test_records_are_counted_by_their_level(level: str) -> None:
    counts = feed(AttemptLog(), a_log_record(1, level=level)).reading().counts
    assert counts.model_dump() == {**dict.fromkeys(counts.model_dump(), 0), level: 1}


def test_a_level_that_nobody_knows_counts_as_info() -> None:
    assert feed(AttemptLog(), a_log_record(1, level="shout")).reading().counts.info == 1


def test_the_last_progress_counts() -> None:
    said = [ProgressRecord(sequence=n, time=STARTED, done=n, total=9) for n in (1, 2)]
    progress = feed(AttemptLog(), *said).reading().progress
    assert progress is not None
    assert (progress.done, progress.total) == (2, 9)


@pytest.mark.parametrize("time", ["", "soon", "2026-13-01T00:00:00Z", "2026-11-22T06:30:00+01:00"])
def test_a_time_that_is_none_does_not_say_where_to_go_on(time: str) -> None:
    log = feed(AttemptLog(), a_log_record(1), a_log_record(2, time=time))
    assert log.last_time == STARTED


@pytest.mark.parametrize("kind", [PartType.DESCRIPTION, PartType.PROBLEM])
def test_documents_that_no_run_has_are_not_kept(kind: PartType) -> None:
    log = feed(AttemptLog(), part("x" * 1_000, 1, 2, kind=kind))
    assert kind not in log._documents


@pytest.mark.parametrize("kind", [PartType.RESULT, PartType.FILE])
def test_a_document_that_never_ends_does_not_fill_memory(kind: PartType) -> None:
    log = AttemptLog()
    text = "x" * 15_000
    for number in range(1, 600):
        feed(log, part(text, number, 10**6, kind=kind, sequence=number))
    assert sum(map(len, log._documents[kind]._pieces)) <= places.LOG_BUDGET_BYTES // 2


def test_more_than_all_job_logs_hold_is_left_out_and_said() -> None:
    log = AttemptLog()
    log.chunks.wrote(MAX_CHUNKS, 3)
    assert "2 log records were left out" in feed(log, *RECORDS[:5]).reading().refused


def status(reading: LogReading, last_sequence: int) -> JobRunStatus:
    seen = seen_run(run=a_run(), batch_job=a_batch_job(), pod=a_pod(ended()))
    outcome = an_outcome(last_sequence=last_sequence)
    return succeeded_status(replace(seen, outcome=outcome), outcome, reading)


def said(records: Iterable[Any], last_sequence: int) -> str | None:
    log = status(feed(AttemptLog(), *records).reading(), last_sequence).log
    assert log is not None
    assert bool(log.incomplete) == bool(log.message)
    return log.message


@pytest.mark.parametrize(
    ("records", "last_sequence", "message"),
    [
        pytest.param(RECORDS[:5], 5, None, id="everything"),
        pytest.param(
            RECORDS[:5], 7, "2 of 7 records could not be read from the node.", id="no end"
        ),
        pytest.param(
            [RECORDS[0], *RECORDS[2:5]],
            7,
            "3 of 7 records could not be read from the node.",
            id="a hole and no end",
        ),
    ],
)
def test_a_loss_is_stated(records: list[Any], last_sequence: int, message: str | None) -> None:
    assert said(records, last_sequence) == message


def test_a_forged_end_is_stated_as_such() -> None:
    told = said([*RECORDS[:5], a_log_record(2**50, "I am root")], 5)
    assert told is not None
    assert "the runner did not write" in told


def test_a_result_is_no_news_for_a_live_run_since_its_end_comes_with_it() -> None:
    log = AttemptLog()
    for line in LineReader().feed(numbered(a_log_record(), part("7"))):
        log.take(line)
    assert (log.last_shown, log.last_sequence) == (1, 2)
