"""Lines are put together from pieces; what is no record is left out, and nothing fills memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_log_record, printed
from tests.unit.plan.printed import changed

from davit_operator.plan.log_lines import MAX_LINE_BYTES, LineReader

FIRST, SECOND = printed(a_log_record(1)), printed(a_log_record(2))
JUNK = [
    b"Traceback (most recent call last):\n",
    b"\xff\xfe\x00\r\n",
    b"\n",
    b'{"type":"log"}\n',
    b"x" * (MAX_LINE_BYTES + 1) + b"\n",
    b"y" * MAX_LINE_BYTES + b"\n",
    b"\x00" * 200_000 + b"\n",
]


def sequences(pieces: Iterable[bytes]) -> list[int]:
    reader = LineReader()
    return [line.record.sequence for piece in pieces for line in reader.feed(piece)]


def pieces_of(text: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, *(cut % (len(text) + 1) for cut in cuts), len(text)})
    return [text[begin:end] for begin, end in itertools.pairwise(places)]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: f"{junk[:8]!r} ({len(junk):,} bytes)")
def test_records_before_and_after_junk_are_read(junk: bytes) -> None:
    assert sequences([FIRST + junk + SECOND]) == [1, 2]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: f"{junk[:8]!r} ({len(junk):,} bytes)")
def test_a_record_that_stands_in_a_line_of_junk_is_none(junk: bytes) -> None:
    assert sequences([FIRST + junk[:-1] + b"!" + SECOND]) == [1]


def test_a_line_without_an_end_is_not_read_yet() -> None:
    reader = LineReader()
    assert list(reader.feed(FIRST[:-1])) == []
    [line] = reader.feed(b"\n")
    assert (line.record.sequence, line.raw) == (1, FIRST[:-1])


def test_a_record_as_long_as_a_line_may_be_is_read_and_a_longer_one_is_not() -> None:
    room = MAX_LINE_BYTES - len(printed(a_log_record(1, ""))) + 1
    fits, too_long = (printed(a_log_record(1, "x" * size)) for size in (room, room + 1))
    assert len(fits) == MAX_LINE_BYTES + 1
    assert (sequences([fits]), sequences([too_long])) == ([1], [])


def test_a_line_that_never_ends_is_not_kept() -> None:
    reader = LineReader()
    for _ in range(100):
        assert list(reader.feed(b"x" * 64 * 1024)) == []
        assert len(reader._rest) <= MAX_LINE_BYTES
    assert [line.record.sequence for line in reader.feed(b"\n" + SECOND)] == [2]


def test_a_record_that_continues_another_says_so() -> None:
    [line] = LineReader().feed(printed(a_log_record(2, "more", continued=True)))
    assert getattr(line.record, "continued", None) is True


def test_fields_of_a_newer_runner_do_not_hide_a_record() -> None:
    text = changed(a_log_record(3), mood="good").replace('"type": ', '"type":').encode()
    assert sequences([text + b"\n"]) == [3]


@given(
    order=st.lists(st.sampled_from([*JUNK, FIRST, SECOND]), max_size=8),
    cuts=st.lists(st.integers(0, 2**20), max_size=12),
)
def test_any_cuts_of_the_same_bytes_give_the_same_records(
    order: list[bytes], cuts: list[int]
) -> None:
    text = b"".join(order)
    expected = [1 if each == FIRST else 2 for each in order if each in (FIRST, SECOND)]
    assert sequences([text]) == expected
    assert sequences(pieces_of(text, cuts)) == expected


def test_a_log_cut_after_every_byte_is_the_same_log() -> None:
    text = FIRST + JUNK[1] + SECOND + b"x" * 777 + b"\n" + FIRST
    assert sequences(text[at : at + 1] for at in range(len(text))) == [1, 2, 1]
