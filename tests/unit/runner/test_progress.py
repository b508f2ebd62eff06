"""Progress: numbers that a job tells, and what is none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.runner.performed import job_that, performed

from davit import Job
from davit._runner.instance import FrameReport
from davit.testing import run_job_for_testing


def test_progress_is_sent_as_numbers() -> None:
    frames: list[tuple[Any, ...]] = []
    report = FrameReport(lambda *frame: frames.append(frame))
    performed(job_that(lambda job: job.progress(3, 10)), report)
    assert frames == [("progress", 3.0, 10.0)]


def test_a_test_sees_every_step_of_the_progress() -> None:
    def work(job: Job) -> None:
        for done in range(3):
            job.progress(done, 2)

    ended = run_job_for_testing(job_that(work))
    assert ended.progress == [(0.0, 2.0), (1.0, 2.0), (2.0, 2.0)]


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [
        (-1, 2, "progress() takes numbers from 0 on, got -1 of 2."),
        (1, float("inf"), "progress() takes numbers from 0 on, got 1 of inf."),
        (float("nan"), 2, "progress() takes numbers from 0 on, got nan of 2."),
        ("some", 2, "progress() takes numbers from 0 on, got 'some' of 2."),
        (None, 2, "progress() takes numbers from 0 on, got None of 2."),
        (1, 10**400, f"progress() takes numbers from 0 on, got 1 of {10**400}."),
    ],
    ids=["negative", "infinite", "NaN", "text", "None", "too large"],
)
def test_what_is_no_progress_is_refused(done: Any, total: Any, words: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (compared whole below)
        Job().progress(done, total)
    assert str(refused.value) == words
