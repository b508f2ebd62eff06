from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit._runner.budget import run_budget
from davit._runner.frames import FrameReader, FrameWriter, Sent
from davit._runner.lines import MAX_PENDING_BYTES, LineSplitter
from davit._runner.output import Output
from davit._runner.portable import is_portable
from davit._runner.records import RecordWriter
from davit._runner.redact import Redactor
from davit._runner.text import encodable, json_bytes, pieces
from davit._runner.verdict import CUT_MARK, Ending, Verdict, fitted, verdict_of
from davit_contract import (
    ErrorInfo,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    encode,
)
from davit_contract.places import LINE_OVERHEAD_BYTES, MAX_LINE_BYTES, MAX_OUTCOME_BYTES

any_text = st.text(st.characters(codec=None), max_size=200)
MARKER = b"\x1edavit-7 "


@given(text=st.text(max_size=300), room=st.integers(min_value=6, max_value=40))
def test_pieces_fit_and_join_to_the_whole(text: str, room: int) -> None:
    found = pieces(text, room)
    assert "".join(found) == text
    assert all(json_bytes(piece) <= room for piece in found)
    assert all(found) or text == ""


@given(text=any_text)
def test_any_text_can_be_made_fit_for_utf_8(text: str) -> None:
    encodable(text).encode()


@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(min_value=1, max_value=50)))
def test_lines_do_not_depend_on_how_the_bytes_arrive(data: bytes, cuts: list[int]) -> None:
    whole, parts = LineSplitter(Redactor()), LineSplitter(Redactor())
    expected = whole.feed(data) + whole.end()
    found, rest = [], data
    for cut in cuts:
        found += parts.feed(rest[:cut])
        rest = rest[cut:]
    found += parts.feed(rest) + parts.end()
    assert found == expected


def test_a_line_that_never_ends_is_passed_on_in_pieces() -> None:
    splitter = LineSplitter(Redactor())
    whole = "é" * MAX_PENDING_BYTES
    found = splitter.feed(f"x{whole}".encode())
    found += splitter.feed(b"y\nnext\n")
    assert [continued for _, continued in found] == [False, True, True, False]
    assert "".join(text for text, _ in found[:-1]) == f"x{whole}y"


messages = st.lists(
    st.binary(min_size=1, max_size=40) | st.lists(st.text(max_size=9000), min_size=1, max_size=3),
    max_size=5,
)


@given(messages=messages, turn=st.sampled_from([1, 7, 4096]))
def test_frames_and_output_come_out_as_they_went_in(
    messages: list[bytes | list[str]], turn: int
) -> None:
    read_fd, write_fd = os.pipe()
    writer, reader = FrameWriter(write_fd, MARKER), FrameReader(MARKER)
    data = b""
    for message in messages:
        if isinstance(message, bytes):
            os.write(write_fd, message)
        else:
            message[:] = [text[:3000] for text in message]
            writer.send(*message)
        data += os.read(read_fd, 65536)
    os.close(read_fd)
    os.close(write_fd)
    found: list[object] = []
    for start in range(0, len(data), turn):
        for item in reader.feed(data[start : start + turn]):
            if isinstance(item, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += item
            else:
                found.append(item.frame if isinstance(item, Sent) else item)
    frames = [message for message in messages if not isinstance(message, bytes)]
    assert [item for item in found if isinstance(item, list)] == frames
    output = b"".join(item for item in found if isinstance(item, bytes)) + reader.end()
    assert output == b"".join(message for message in messages if isinstance(message, bytes))


def test_a_frame_that_was_cut_short_spoils_no_other() -> None:
    reader = FrameReader(b"#")
    assert reader.feed(b'#7 1 1 ["lost", "half\n#7 2 0 ["whole"]\n#8 1 0 {]\n#\n') == [
        (7, ["whole"])
    ]
    assert reader.feed(b'#7 3 1 ["from\n#9 1 0 ["other"]\nout#7 3 0  two"]\n') == [
        (9, ["other"]), b"out", (7, ["from two"]),
    ]  # fmt: skip


@given(
    logs=st.lists(
        st.tuples(st.sampled_from(["info", "warning", "odd"]), any_text, st.text(max_size=9000))
    )
)
def test_records_are_numbered_without_gaps_and_stay_within_line_and_budget(
    logs: list[tuple[str, str, str]],
) -> None:
    lines: list[bytes] = []
    total = 300_000
    writer = RecordWriter(Output(lines.append), run_budget(total), lambda: "now")
    for level, grouping, message in logs:
        writer.log(level, grouping, message * 5, grouping)
    writer.document(PartType.RESULT, json.dumps([message for _, _, message in logs]))
    writer.progress(1.5, 2.0, last=True)
    writer.close()
    records = [json.loads(line) for line in lines]
    # Put together by hand, and yet as the contract has it.
    kinds = {"log": LogRecord, "progress": ProgressRecord, "result": PartRecord}
    assert lines == [encode(kinds[r["type"]](**r)).encode() + b"\n" for r in records]
    assert [record["sequence"] for record in records] == list(range(1, writer.last_sequence + 1))
    assert max(map(len, lines), default=0) <= MAX_LINE_BYTES
    assert sum(len(line) + LINE_OVERHEAD_BYTES for line in lines) <= total


@given(message=any_text, trace=st.text(max_size=6000))
def test_an_outcome_fits_and_keeps_the_end_of_its_traceback(message: str, trace: str) -> None:
    error = ErrorInfo(type="E", message=message, traceback=trace)
    outcome = Outcome(
        subject="u", reason=OutcomeReason.JOB_FAILED, exit_code=1, started_at="", finished_at="",
        last_sequence=9, error=error,
    )  # fmt: skip
    text = fitted(outcome)
    assert len(text.encode()) <= MAX_OUTCOME_BYTES
    kept = json.loads(text)["error"]
    assert kept["message"] == encodable(message)
    assert trace.endswith(kept["traceback"].removeprefix(CUT_MARK))
    if len(encode(replace(outcome, error=replace(error, message=""))).encode()) < 2500:
        assert kept["traceback"] == trace


def test_an_outcome_with_an_endless_message_keeps_its_beginning() -> None:
    outcome = Outcome(
        subject="u", reason=OutcomeReason.JOB_FAILED, exit_code=1, started_at="", finished_at="",
        last_sequence=9, error=ErrorInfo(type="E", message="é" * 9000, traceback="t"),
    )  # fmt: skip
    text = fitted(outcome)
    assert MAX_OUTCOME_BYTES - 4 < len(text.encode()) <= MAX_OUTCOME_BYTES
    assert json.loads(text)["error"]["message"].endswith("é [...]")


SAID = Verdict(reason=OutcomeReason.SUCCEEDED)
FAILED = Verdict(reason=OutcomeReason.JOB_FAILED, error=ErrorInfo(type="E", message="m"))


@pytest.mark.parametrize(
    ("ending", "reason", "words"),
    [
        (Ending(exit_code=0, verdict=SAID), "Succeeded", ""),
        (Ending(exit_code=1, verdict=FAILED), "JobFailed", "m"),
        (Ending(exit_code=139, verdict=FAILED), "JobFailed", "m"),
        (Ending(exit_code=139, verdict=SAID), "JobCrashed", "(SIGSEGV) after the job had ended"),
        (Ending(exit_code=139, verdict=None), "JobCrashed", "(SIGSEGV) before the job had ended"),
        (Ending(exit_code=137, verdict=None), "JobCrashed", "the usual cause is the memory limit"),
        (Ending(exit_code=143, verdict=None, cancelled=True), "Cancelled", "was cancelled"),
        (Ending(exit_code=0, verdict=SAID, cancelled=True), "Succeeded", ""),
        (
            Ending(exit_code=137, verdict=None, cancelled=True, cancel_enforced=True),
            "Cancelled",
            "and was killed",
        ),
        (
            Ending(exit_code=137, verdict=SAID, timed_out=True),
            "TimeLimitExceeded",
            "a thread or an exit handler of it kept running",
        ),
    ],
    ids=[
        "success", "failure", "a crash after a failure", "a crash after success", "a crash",
        "a kill from outside", "a cancel before any handler", "a cancel that came too late",
        "a cancel that was ignored", "a thread that never ends",
    ],
)  # fmt: skip
def test_the_supervisors_own_acts_come_before_the_childs_word(
    ending: Ending, reason: str, words: str
) -> None:
    found = verdict_of(ending)
    assert found.reason == reason
    assert words in (found.error.message if found.error else "")


@pytest.mark.parametrize(
    "regex",
    ["^[a-z]+$", "a|b", "(?:ab)+", "x{2,5}", r"a\.b", "[^/]*", r"\$5", "a+?", "^$", r"\[x\]"],
)
def test_a_plain_pattern_is_portable(regex: str) -> None:
    assert is_portable(regex)


@pytest.mark.parametrize(
    "regex",
    [
        r"\d+", r"\w", r"\bx", r"(a)\1", "(?i)x", "(?=x)", "(?<!x)", "(?P<a>x)", "a$|b", "é",
        "x++", "x{,3}", "x{1001}", "[[:alpha:]]", "$x", "(?>x)", "x?+",
    ],
)  # fmt: skip
def test_a_pattern_that_re2_may_read_otherwise_is_not_portable(regex: str) -> None:
    assert not is_portable(regex)
