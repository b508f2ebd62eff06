from __future__ import annotations

import gzip
import itertools
import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import STARTED, a_log_record, printed

from davit_contract import LogRecord, PartRecord, PartType, ProgressRecord
from davit_kubectl.records import MAX_LINE_BYTES, Lines, Record, record_in, unpacked
from davit_kubectl.run_view import RunView
from davit_kubectl.seam import Filter, Seam, since_text
from davit_operator.plan.log_chunks import Chunk

PART = PartRecord(type=PartType.FILE, sequence=3, time=STARTED, part=1, parts=1, data="")
PROGRESS = ProgressRecord(sequence=2, time=STARTED, done=1.0, total=2.0)


def records(first: int, last: int) -> list[LogRecord]:
    return [a_log_record(number, f"line {number}") for number in range(first, last + 1)]


def fed(*pieces: bytes) -> list[Record]:
    lines = Lines()
    return [record for piece in pieces for record in lines.feed(piece)]


@given(st.lists(st.integers(min_value=1, max_value=400), max_size=8))
def test_records_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    text = printed(a_log_record(), PROGRESS, PART, a_log_record(4, "ä\n\u2028"))
    places = sorted({0, len(text), *(cut % len(text) for cut in cuts)})
    pieces = [text[begin:end] for begin, end in itertools.pairwise(places)]
    assert fed(*pieces) == [a_log_record(), PROGRESS, 3, a_log_record(4, "ä\n\u2028")]


def test_a_line_that_is_too_long_is_left_out_and_fills_no_memory() -> None:
    lines = Lines()
    for _ in range(32):
        assert list(lines.feed(b"x" * MAX_LINE_BYTES)) == []
        assert len(lines._rest) <= MAX_LINE_BYTES
    assert list(lines.feed(b"x\n" + printed(a_log_record()))) == [a_log_record()]


LINE = json.loads(printed(a_log_record()))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Hello",
        b"\xff\xfe\x00",
        b'{"type":"log"',
        json.dumps({**LINE, "version": 2}).encode(),
        json.dumps({**LINE, "sequence": 0}).encode(),
        json.dumps({**LINE, "sequence": 2**60}).encode(),
        json.dumps({**LINE, "sequence": True}).encode(),
        json.dumps({**LINE, "message": {"a": 1}}).encode(),
        json.dumps({**LINE, "type": "progress", "done": "x"}).encode(),
        b'{"type":"log","a":' + b"[" * 20_000,
    ],
)
def test_what_is_no_record_is_left_out(line: bytes) -> None:
    compact = line.replace(b'{"type": ', b'{"type":').replace(b'", "', b'","')
    assert record_in(compact) is None


def test_a_job_log_gives_back_what_the_operator_packed() -> None:
    chunk = Chunk(0, 1, 3, printed(*records(1, 3)))
    assert list(unpacked(chunk.data())) == records(1, 3)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("no Base64!", "it is no Base64 of gzip"),
        (b64encode(b"no gzip").decode(), "it is no Base64 of gzip"),
        (b64encode(gzip.compress(b"x" * 100_000)[:-20]).decode(), "it is cut"),
        (b64encode(gzip.compress(b"\n" * 5_000_000)).decode(), "larger than 4,194,304 bytes"),
    ],
)
def test_a_job_log_that_somebody_else_made_is_refused(data: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        list(unpacked(data))


def test_each_record_is_told_once_whichever_source_says_it() -> None:
    seam = Seam()
    told = [*seam.news([*records(1, 5), PROGRESS, 6]), *seam.news(records(3, 9))]
    assert told == [*records(1, 5), *records(7, 9)]
    seam.reach(12)
    assert list(seam.news(records(10, 13))) == records(13, 13)


def test_a_live_tail_is_taken_only_where_nothing_can_be_missing() -> None:
    seam = Seam()
    seam.reach(10)
    assert seam.is_followed_by(records(8, 20))
    assert seam.is_followed_by(records(11, 20))
    assert not seam.is_followed_by(records(12, 20))
    assert not seam.is_followed_by([])


@pytest.mark.parametrize(
    ("shown", "taken"),
    [
        (Filter(), True),
        (Filter(level="info"), True),
        (Filter(level="success"), False),
        (Filter(grouping="run"), True),
        (Filter(grouping="post_run"), False),
        (Filter(since=since_text(datetime(2026, 11, 22, 6, 30, 1, tzinfo=UTC))), True),
        (Filter(since=since_text(datetime(2026, 11, 22, 6, 30, 2, tzinfo=UTC))), False),
    ],
)
def test_a_filter_takes_what_it_says(shown: Filter, *, taken: bool) -> None:
    assert shown.takes(a_log_record()) is taken


def test_of_several_attempts_the_newest_is_meant() -> None:
    attempts = [
        {"number": number, "batchJob": f"ada-{number}", "pod": f"ada-{number}-x"}
        for number in (1, 2)
    ]
    metadata = {"name": "ada", "namespace": "netops", "uid": "u"}
    run = RunView({"metadata": metadata, "status": {"phase": "Running", "attempts": attempts}})
    assert (run.attempt, run.batch_job, run.pod) == (2, "ada-2", "ada-2-x")
