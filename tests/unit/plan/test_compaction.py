"""What a finished run keeps that may not be deleted."""

from __future__ import annotations

import pytest
from tests.builders import FINISHED, STARTED

from davit_operator.api.jobrun import Attempt, JobRunStatus, Phase, RunError
from davit_operator.api.run_output import LogCountsStatus, LogLine, RunFile, RunLog, RunProgress
from davit_operator.plan.compaction import compacted

WHY = (
    "as ttlSecondsAfterFinished or historyLimits ask: the run itself stays, since Flux or Argo CD "
    "would make it again."
)
LINE = LogLine(sequence=1, time=STARTED, level="info", message="Hello")
FILE = RunFile(name="a.csv", size_bytes=3, digest="sha256:a", parts=["x-file-0-1"])
ERROR = RunError(type="ValueError", message="no", traceback="x" * 9_000, reason="JobFailed")


def a_status(log: RunLog | None) -> JobRunStatus:
    return JobRunStatus(
        phase=Phase.FAILED,
        started_at=STARTED,
        finished_at=FINISHED,
        attempts=[Attempt(number=1, batch_job="x-1")],
        result={"rows": list(range(99))},
        error=ERROR,
        log=log,
        progress=RunProgress(done=1, total=2),
        files=[FILE],
    )


def test_a_stripped_run_still_says_what_it_was_and_how_it_ended() -> None:
    counts = LogCountsStatus(info=3)
    told = compacted(a_status(RunLog(counts=counts, tail=[LINE], last_sequence=3)))
    assert told == JobRunStatus(
        phase=Phase.FAILED,
        started_at=STARTED,
        finished_at=FINISHED,
        attempts=[Attempt(number=1, batch_job="x-1")],
        error=ERROR.model_copy(update={"traceback": None}),
        log=RunLog(
            counts=counts,
            last_sequence=3,
            incomplete=True,
            message=f"The log was removed, {WHY}",
        ),
        files=[FILE.model_copy(update={"parts": [], "removed": True})],
        files_message=f"1 file was removed {WHY}",
        compacted=True,
    )


def test_of_a_long_log_it_says_how_much_there_was() -> None:
    counts = LogCountsStatus(info=3)
    told = compacted(a_status(RunLog(counts=counts, tail=[LINE], chunks=2))).log
    assert told is not None
    assert (told.tail, told.chunks) == ([], None)
    assert told.message == f"2 JobLogs were removed that held this log of 3 records, {WHY}"


def test_what_was_missing_before_is_still_said() -> None:
    told = compacted(a_status(RunLog(tail=[LINE], incomplete=True, message="1 is lost."))).log
    assert told is not None
    assert told.message == f"1 is lost. The log was removed, {WHY}"


@pytest.mark.parametrize("log", [None, RunLog(tail=[LINE])], ids=["never ran", "ran"])
def test_stripping_twice_changes_nothing(log: RunLog | None) -> None:
    once = compacted(a_status(log))
    assert compacted(once) == once
