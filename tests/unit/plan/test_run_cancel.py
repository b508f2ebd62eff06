"""A run that somebody wants ended ends, in whatever phase it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    NOW,
    a_batch_job,
    a_pod,
    a_run,
    an_outcome,
    ended,
    later,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import decided, verdict, was_running, written

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRun, JobRunStatus, Phase
from davit_operator.plan.observed import SeenContainer, SeenRun
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import NOTHING, RunPlan
from davit_operator.plan.times import format_time


def cancelled_run(status: JobRunStatus | None = None) -> JobRun:
    run = a_run(status=status)
    return run.model_copy(update={"spec": run.spec.model_copy(update={"cancel": True})})


def told(runner: SeenContainer | None = None, **changes: object) -> SeenRun:
    """Return a cancelled run whose pod was told to end at NOW."""
    pod = a_pod(runner or running(), cancelled_at=format_time(NOW))
    return seen_run(run=cancelled_run(was_running()), batch_job=a_batch_job(), pod=pod, **changes)


def test_a_run_that_was_not_started_never_is() -> None:
    phase, reason, message = decided(seen_run(run=cancelled_run()))
    assert (phase, reason) == (Phase.CANCELLED, Reason.CANCELLED)
    assert "before its job began" in message


@pytest.mark.parametrize("pod", [None, a_pod(waiting())], ids=["no pod yet", "a pod that waits"])
def test_a_run_whose_pod_does_not_run_yet_ends_with_its_batch_job(pod: object) -> None:
    plan = plan_run(seen_run(run=cancelled_run(), batch_job=a_batch_job(), pod=pod))
    assert verdict(plan)[:2] == (Phase.CANCELLED, Reason.CANCELLED)
    assert plan.delete_batch_job == a_batch_job()


def test_a_pod_that_runs_is_told_to_end_and_the_run_says_so() -> None:
    pod = a_pod(running())
    plan = plan_run(seen_run(run=cancelled_run(was_running()), batch_job=a_batch_job(), pod=pod))
    assert plan.cancel_pod == pod
    assert verdict(plan)[:2] == (Phase.RUNNING, Reason.CANCELLING)
    assert "30 s" in verdict(plan)[2]


def test_a_pod_is_told_once_and_then_waited_for() -> None:
    first = plan_run(told(now=later(5)))
    assert (first.cancel_pod, first.again_after) == (None, 35)
    seen = told(now=later(5))
    again = plan_run(replace(seen, run=cancelled_run(written(first))))
    assert again == RunPlan(again_after=35)


def test_a_pod_that_outlives_its_grace_goes_with_its_batch_job() -> None:
    assert plan_run(told(now=later(40))) == RunPlan(delete_batch_job=a_batch_job())


def test_a_job_that_ended_as_it_was_told_is_cancelled_with_its_times_and_error() -> None:
    plan = plan_run(told(ended(1), outcome=an_outcome(OutcomeReason.CANCELLED)))
    assert verdict(plan)[:2] == (Phase.CANCELLED, Reason.CANCELLED)
    assert written(plan).duration_seconds == 2.5


def test_a_cancel_that_comes_too_late_changes_nothing() -> None:
    plan = plan_run(told(ended(), outcome=an_outcome()))
    assert verdict(plan)[:2] == (Phase.SUCCEEDED, Reason.SUCCEEDED)


def test_a_job_that_failed_before_it_heard_of_the_cancel_has_failed() -> None:
    plan = plan_run(told(ended(1), outcome=an_outcome(OutcomeReason.JOB_FAILED)))
    assert verdict(plan)[:2] == (Phase.FAILED, Reason.JOB_FAILED)


def test_a_pod_told_to_end_by_nobody_of_us_has_failed() -> None:
    seen = seen_run(
        run=a_run(status=was_running()),
        batch_job=a_batch_job(),
        pod=a_pod(ended(1)),
        outcome=an_outcome(OutcomeReason.CANCELLED),
    )
    assert verdict(plan_run(seen))[:2] == (Phase.FAILED, Reason.CANCELLED)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(told(ended(137)), id="the container was killed"),
        pytest.param(
            replace(told(), pod=None, batch_job=a_batch_job(failed="deleted"), confirmed=True),
            id="the pod was deleted",
        ),
        pytest.param(
            replace(told(), pod=None, batch_job=None, confirmed=True),
            id="the batch Job was deleted",
        ),
    ],
)
def test_a_cancelled_run_whose_runner_says_nothing_was_killed(seen: SeenRun) -> None:
    phase, reason, message = verdict(plan_run(seen))
    assert (phase, reason) == (Phase.CANCELLED, Reason.CANCELLED)
    assert "killed" in message


def test_a_run_that_is_over_stays_as_it_is() -> None:
    over = written(plan_run(told(ended(), outcome=an_outcome())))
    assert plan_run(replace(told(ended()), run=cancelled_run(over))) == NOTHING
