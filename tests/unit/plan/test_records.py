"""What pods say is not trusted: all of it is read, bounded, and never an error."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    CLASS_PATH,
    RUN_UID,
    STARTED,
    a_log_record,
    an_outcome,
    printed,
    read_log,
)
from tests.unit.plan.printed import changed, described, descriptions, numbered, part

from davit_contract import (
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    encode,
)
from davit_operator.plan.discovered import read_discovery
from davit_operator.plan.log_tail import MAX_TAIL_BYTES
from davit_operator.plan.records import decode_outcome, last_sequence

BOTTOMLESS = "[" * 100_000


def tail_bytes(text: bytes) -> int:
    lines = [
        line.model_dump(mode="json", by_alias=True, exclude_none=True)
        for line in read_log(text).tail
    ]
    return len(json.dumps(lines, separators=(",", ":"), ensure_ascii=False).encode())


def test_the_outcome_of_this_run_is_read() -> None:
    assert decode_outcome(encode(an_outcome()), RUN_UID) == an_outcome()


def test_fields_of_a_newer_runner_are_ignored() -> None:
    assert decode_outcome(changed(an_outcome(), mood="good"), RUN_UID) == an_outcome()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("Killed", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param("{}", id="an empty object"),
        pytest.param(BOTTOMLESS, id="a bottomless list"),
        pytest.param(encode(an_outcome())[:-5], id="cut short"),
        pytest.param(changed(an_outcome(), version=2), id="a version that is not known"),
        pytest.param(changed(an_outcome(), version="1"), id="a version that is text"),
        pytest.param(changed(an_outcome(), subject="another"), id="another run's"),
        pytest.param(changed(an_outcome(), subject=""), id="nobody's"),
        pytest.param(changed(an_outcome(), reason="Splendid"), id="a reason that is not known"),
        pytest.param(changed(an_outcome(), exit_code="none"), id="an exit code of letters"),
        pytest.param(changed(an_outcome(), exit_code=10**30), id="a huge exit code"),
        pytest.param(changed(an_outcome(), started_at="now"), id="a time that is none"),
        pytest.param(changed(an_outcome(), started_at=""), id="no time"),
        pytest.param(changed(an_outcome(), finished_at="2026-11-22"), id="a day"),
        pytest.param(
            changed(an_outcome(), finished_at="0001-01-01T00:00:00+23:59"), id="before all time"
        ),
        pytest.param(changed(an_outcome(), finished_at="2026-13-22T06:30:00Z"), id="month 13"),
        pytest.param(changed(an_outcome(), last_sequence=-1), id="a negative sequence"),
        pytest.param(changed(an_outcome(), dropped_records=-1), id="fewer than no records"),
        pytest.param(changed(an_outcome(), counts={"info": -1}), id="a negative count"),
        pytest.param(changed(an_outcome(), counts={"info": 10**30}), id="a huge count"),
        pytest.param(
            changed(an_outcome(), error={"type": "\ud800", "message": ""}), id="half a character"
        ),
    ],
)
def test_what_is_no_outcome_of_this_run_is_none(text: str) -> None:
    assert decode_outcome(text, RUN_UID) is None


def test_a_runner_that_could_not_read_its_request_speaks_of_nobody() -> None:
    lost = an_outcome(OutcomeReason.INVALID_REQUEST, subject="")
    assert decode_outcome(encode(lost), RUN_UID) == lost


def test_the_tail_is_the_end_of_the_log_in_its_order() -> None:
    text = printed(*(a_log_record(n, f"line {n}") for n in range(1, 4)))
    reading = read_log(text)
    assert [line.message for line in reading.tail] == ["line 1", "line 2", "line 3"]
    assert (reading.last_sequence, reading.result) == (3, None)


def test_the_tail_is_at_most_8_kib_of_what_is_written_into_the_status() -> None:
    text = printed(*(a_log_record(n, "é" * 30, grouping="") for n in range(1, 1_000)))
    assert MAX_TAIL_BYTES - 200 < tail_bytes(text) <= MAX_TAIL_BYTES
    assert read_log(text).tail[-1].sequence == 999


def test_a_last_record_longer_than_the_tail_is_cut_not_lost() -> None:
    text = printed(a_log_record(1, "before"), a_log_record(2, "x" * 15_000))
    [*_, last] = read_log(text).tail
    assert last.message == "x" * 1_000 + " [...]"
    assert tail_bytes(text) <= MAX_TAIL_BYTES


def test_what_is_no_record_is_left_out_of_the_log() -> None:
    junk = [
        b"Traceback (most recent call last):",
        b"\xff\xfe\x00",
        b'{"type":"log","version":1}',
        changed(a_log_record(), version=2).encode(),
        changed(a_log_record(), sequence=0).encode(),
        changed(a_log_record(), sequence=10**30).encode(),
        changed(a_log_record(), message="\ud800").encode(),
        changed(a_log_record(), type="shout").encode(),
        b'{"type":"progress","version":1,"sequence":1,"time":"","done":1e999,"total":NaN}',
        BOTTOMLESS.encode(),
    ]
    text = printed(a_log_record(7)) + b"\n".join(junk)
    reading = read_log(text)
    assert [line.sequence for line in reading.tail] == [7]
    assert (reading.last_sequence, reading.result) == (7, None)


def test_progress_counts_as_the_last_record_but_is_no_line_of_the_log() -> None:
    progress = ProgressRecord(sequence=2, time=STARTED, done=1, total=2)
    reading = read_log(printed(a_log_record(1), progress))
    assert ([line.sequence for line in reading.tail], reading.last_sequence) == ([1], 2)


def test_a_result_is_joined_from_its_parts_though_records_stand_between_them() -> None:
    text = numbered(part('{"a":', 1, 2), a_log_record(), part("1}", 2, 2))
    assert read_log(text).result == '{"a":1}'


def test_the_files_of_a_run_are_no_part_of_its_log_and_result() -> None:
    # More than the lines of junk that are borne with.
    files = [part("x", number, 1_200, kind=PartType.FILE) for number in range(1, 1_201)]
    text = numbered(a_log_record(1), part("[", 1, 2), *files, part("7]", 2, 2), *files[:3])
    reading = read_log(text)
    assert ([line.sequence for line in reading.tail], reading.result) == ([1], "[7]")
    found = read_discovery(printed(*files[:3]) + descriptions(described()))
    assert [item.class_path for item in found.descriptions] == [CLASS_PATH]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([part("1", 2, 2), part("2", 1, 2)], id="in the wrong order"),
        pytest.param([part("1", 1, 3), part("2", 3, 3)], id="one is missing"),
        pytest.param([part("1", 1, 2)], id="the last is missing"),
        pytest.param([part("1", 2, 2), part("2", 2, 2)], id="twice the last"),
        pytest.param([part("1", 0, 0)], id="part nothing of nothing"),
        pytest.param([part("1", 5, 1)], id="more than there are"),
    ],
)
def test_a_result_whose_parts_do_not_fit_is_none(parts: list[PartRecord]) -> None:
    assert read_log(numbered(*parts)).result is None


def test_a_result_that_is_told_anew_begins_anew() -> None:
    assert read_log(numbered(part("[", 1, 2), part("7", 1, 2), part("8", 2, 2))).result == "78"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"{}\n" * 500_000, id="many empty objects"),
        pytest.param(b"\n" * 500_000, id="nothing but line ends"),
        pytest.param(printed(part("x", 2, 2)) * 8_000, id="thousands of second parts"),
        pytest.param(
            b"".join(printed(part("x", n, 8_000)) for n in range(1, 8_001)),
            id="a result of thousands of parts",
        ),
        pytest.param(b'{"type":"result"' + b"[" * 9_000_000, id="one long line"),
    ],
)
def test_a_pod_that_prints_junk_does_not_keep_the_operator_busy(text: bytes) -> None:
    # Of the processor, whatever else the machine does; 2 s are usual for the worst of them.
    began = time.process_time()
    read_log(text)
    read_discovery(text)
    last_sequence(text)
    assert time.process_time() - began < 10


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
MESSAGES = [
    json.loads(encode(item))
    for item in (an_outcome(), a_log_record(), part("1"), json.loads(described()))
]


@given(
    message=st.sampled_from(MESSAGES),
    changes=st.dictionaries(st.sampled_from(sorted({k for m in MESSAGES for k in m})), JSON),
    garbage=st.binary(max_size=20),
)
def test_whatever_a_pod_says_is_no_error(
    message: dict[str, Any], changes: dict[str, Any], garbage: bytes
) -> None:
    line = json.dumps({**message, **changes})
    decode_outcome(line, RUN_UID)
    text = garbage + b"\n" + line.encode() + b"\n" + descriptions(line) + printed(part(line))
    assert tail_bytes(text) <= MAX_TAIL_BYTES
    read_discovery(text)
