"""The tail is the end of a log, in at most 8 KiB of a status."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_log_record

from davit_contract import LogRecord
from davit_operator.api.run_output import MAX_TAIL_LINES
from davit_operator.plan.log_tail import MAX_TAIL_BYTES, Tail


def tail_of(*records: LogRecord) -> Tail:
    tail = Tail()
    for record in records:
        tail.add(record)
    return tail


def written(tail: Tail) -> int:
    """Return the bytes of the tail in a status."""
    lines = [
        line.model_dump(mode="json", by_alias=True, exclude_none=True) for line in tail.lines()
    ]
    return len(json.dumps(lines, separators=(",", ":"), ensure_ascii=False).encode())


def test_a_log_that_fits_is_whole() -> None:
    tail = tail_of(a_log_record(1), a_log_record(2))
    assert ([line.sequence for line in tail.lines()], tail.is_whole) == ([1, 2], True)


def test_the_oldest_records_make_room() -> None:
    tail = tail_of(*(a_log_record(n, "x" * 1_000) for n in range(1, 21)))
    assert [line.sequence for line in tail.lines()] == list(range(14, 21))
    assert not tail.is_whole


def test_it_has_no_more_lines_than_a_status_may() -> None:
    short = LogRecord(sequence=1, time="", level="", grouping="", message="")
    tail = tail_of(*[short] * (MAX_TAIL_LINES + 1))
    assert len(tail.lines()) <= MAX_TAIL_LINES
    assert not tail.is_whole


def test_a_record_that_was_cut_makes_it_less_than_whole() -> None:
    tail = tail_of(a_log_record(1, "x" * 10_000))
    assert ([line.message[-6:] for line in tail.lines()], tail.is_whole) == ([" [...]"], False)


def test_what_a_record_continues_is_told() -> None:
    tail = tail_of(a_log_record(1, "one"), a_log_record(2, "two", continued=True))
    assert [line.continued for line in tail.lines()] == [None, True]


@pytest.mark.parametrize("field", ["grouping", "level", "object", "time"])
def test_a_record_that_no_runner_writes_is_left_out_where_cutting_does_not_help(field: str) -> None:
    tail = tail_of(a_log_record(1), a_log_record(2, **{field: "x" * 9_000}), a_log_record(3))
    assert [line.sequence for line in tail.lines()] == [3]
    assert not tail.is_whole


@given(
    st.lists(st.tuples(st.text(max_size=40), st.integers(1, 400)), max_size=40),
)
def test_it_never_takes_more_than_8_kib(texts: list[tuple[str, int]]) -> None:
    tail = tail_of(*(a_log_record(n, text * times) for n, (text, times) in enumerate(texts, 1)))
    assert written(tail) <= MAX_TAIL_BYTES
    assert [line.sequence for line in tail.lines()] == sorted(
        line.sequence for line in tail.lines()
    )
    if texts:
        assert tail.lines()[-1].sequence == len(texts)
