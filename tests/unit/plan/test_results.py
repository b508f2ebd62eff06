"""What run() returned: in the status where it fits, said to be elsewhere where it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import a_batch_job, a_pod, an_outcome, ended, read_log, seen_run
from tests.unit.plan.printed import numbered, part
from tests.unit.plan.runs import written

from davit_contract import OutcomeReason, encode, places
from davit_operator.api.jobrun import JobRunStatus
from davit_operator.api.run_output import FileKind, RunFile
from davit_operator.plan.observed import LogReading
from davit_operator.plan.run import plan_run

LARGEST = '"' + "x" * (places.MAX_RESULT_BYTES - 2) + '"'
FILE = RunFile(name="result.json", kind=FileKind.RESULT, size_bytes=1, digest="sha256:0")


def status_of(log: LogReading, **outcome: Any) -> JobRunStatus:
    """Return the status of a run that ended and said ``log``."""
    last_word = an_outcome(last_sequence=log.last_sequence, **outcome)
    pod = a_pod(ended(message=encode(last_word)))
    return written(plan_run(seen_run(batch_job=a_batch_job(), pod=pod, outcome=last_word, log=log)))


def said(result: str) -> LogReading:
    return read_log(numbered(part(result)))


@pytest.mark.parametrize(
    ("result", "expected"),
    [("42", 42), ('{"vlans":[7,null]}', {"vlans": [7, None]}), (LARGEST, LARGEST[1:-1])],
    ids=["a number", "a mapping", "16 KiB"],
)
def test_a_result_stands_in_the_status(result: str, expected: object) -> None:
    status = status_of(said(result))
    assert (status.result, status.result_truncated) == (expected, None)


@pytest.mark.parametrize(
    "result",
    [LARGEST.replace("xx", "xxx", 1), "NaN", "1e999", '["\\ud800"]', "[" * 70 + "]" * 70, "{"],
    ids=["a byte more", "not a number", "endless", "half a character", "deep", "no JSON"],
)
def test_a_result_that_no_status_holds_is_said_to_be_elsewhere(result: str) -> None:
    status = status_of(replace(said(result), files=(FILE,)))
    assert (status.result, status.result_truncated) == (None, True)
    assert status.files == [FILE]
    assert status.files_message is None


def test_a_result_that_the_runner_had_no_room_for_is_said_to_be_nowhere() -> None:
    status = status_of(replace(said("1"), result=None), dropped_result=True)
    assert status.result_truncated
    assert status.files_message == (
        "The result was left out: the log of a pod has no room for it. Return less, or leave files."
    )


def test_what_is_missing_is_said_in_one_place() -> None:
    log = replace(said("1"), files_message='File "a" was left out: it is too large.')
    status = status_of(log, reason=OutcomeReason.JOB_FAILED, dropped_result=True)
    assert status.files_message is not None
    assert status.files_message.startswith('File "a" was left out: it is too large. The result was')
