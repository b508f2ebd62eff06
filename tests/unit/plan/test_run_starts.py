"""How a run starts, runs, and loses its pod: one test for each row of its decision list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    a_batch_job,
    a_pod,
    a_run,
    later,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import decided, verdict, was_running, written

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import NOTHING, RunPlan


def test_a_run_whose_runner_runs_is_running_and_says_since_when() -> None:
    plan = plan_run(seen_run(batch_job=a_batch_job(), pod=a_pod(running())))
    status = written(plan)
    assert status.phase is Phase.RUNNING
    assert status.started_at == "2026-11-22T06:30:01.000000Z"
    assert status.attempts[0].pod == a_pod().key.name
    assert plan == RunPlan(status=status)


def test_a_run_that_is_being_deleted_is_not_begun() -> None:
    going = a_run(deletionTimestamp="2026-11-22T06:30:00Z", finalizers=["example.com/held"])
    assert plan_run(seen_run()).create_batch_job is not None
    assert plan_run(seen_run(run=going)) == NOTHING


def test_a_start_is_quiet_for_two_seconds() -> None:
    seen = seen_run(batch_job=a_batch_job(), pod=a_pod(waiting()), now=later(0.5))
    assert plan_run(seen) == RunPlan(again_after=1.5)


def test_a_start_that_takes_longer_is_told_and_looked_at_again_when_events_are_asked() -> None:
    plan = plan_run(seen_run(batch_job=a_batch_job(), pod=a_pod(waiting()), now=later(2)))
    assert verdict(plan)[:2] == (Phase.STARTING, Reason.STARTING)
    assert plan.again_after == 1


SLOW_STARTS = [
    pytest.param(
        a_pod(unschedulable="0/3 nodes are available: 3 Insufficient memory."),
        Reason.UNSCHEDULABLE,
        "Insufficient memory",
        "nodeSelector",
        id="no node takes the pod",
    ),
    *(
        pytest.param(
            a_pod(waiting(reason, "manifest unknown")),
            Reason.IMAGE_PULL_FAILED,
            "manifest unknown",
            "spec.runner.image",
            id=f"the image cannot be pulled: {reason}",
        )
        for reason in ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull")
    ),
    *(
        pytest.param(
            a_pod(waiting(reason, 'secret "x" not found')),
            Reason.CONTAINER_CONFIG_INVALID,
            'secret "x" not found',
            "spec.runner",
            id=f"the container cannot be created: {reason}",
        )
        for reason in ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
    ),
]


@pytest.mark.parametrize(("pod", "expected", "cause", "remedy"), SLOW_STARTS)
def test_what_keeps_a_pod_from_starting_is_shown_at_once(
    pod: Any, expected: Reason, cause: str, remedy: str
) -> None:
    plan = plan_run(seen_run(batch_job=a_batch_job(), pod=pod, now=later(1)))
    phase, reason, message = verdict(plan)
    assert (phase, reason) == (Phase.STARTING, expected)
    assert cause in message
    assert remedy in message
    assert plan.again_after == 299


@pytest.mark.parametrize(("pod", "expected", "cause", "remedy"), SLOW_STARTS)
def test_the_start_deadline_ends_the_run_with_the_true_cause(
    pod: Any, expected: Reason, cause: str, remedy: str
) -> None:
    seen = seen_run(batch_job=a_batch_job(), pod=pod, now=later(300))
    phase, reason, message = decided(seen)
    assert (phase, reason) == (Phase.FAILED, expected)
    assert cause in message
    assert remedy in message


def test_an_image_name_that_is_none_ends_the_run_at_once() -> None:
    pod = a_pod(waiting("InvalidImageName", 'couldn\'t parse image name "No:Name"'))
    seen = seen_run(batch_job=a_batch_job(), pod=pod, now=later(1))
    phase, reason, message = decided(seen)
    assert (phase, reason) == (Phase.FAILED, Reason.IMAGE_PULL_FAILED)
    assert "No:Name" in message
    assert plan_run(replace(seen, confirmed=True)).delete_batch_job == a_batch_job()


def test_a_start_deadline_without_known_cause_says_so_and_deletes_the_batch_job() -> None:
    batch_job = a_batch_job(start_deadline_seconds=10)
    seen = seen_run(batch_job=batch_job, now=later(10))
    phase, reason, message = decided(seen)
    assert (phase, reason) == (Phase.FAILED, Reason.START_DEADLINE_EXCEEDED)
    assert "spec.startDeadlineSeconds" in message
    assert plan_run(replace(seen, confirmed=True)).delete_batch_job == batch_job


def test_a_run_that_ran_longer_than_the_start_deadline_survives_the_loss_of_its_pod() -> None:
    """The batch Job's controller says what became of the pod: it is no slow start."""
    seen = seen_run(run=a_run(status=was_running()), batch_job=a_batch_job(), now=later(4_000))
    assert plan_run(seen) == NOTHING
    lost = replace(seen, batch_job=a_batch_job(failed="x"))
    assert decided(lost)[1] == Reason.POD_DELETED


def test_a_run_that_ran_never_starts_again() -> None:
    run = a_run(status=was_running())
    seen = seen_run(run=run, batch_job=a_batch_job(), pod=a_pod(), now=later(9))
    assert plan_run(seen) == NOTHING
    failed = replace(seen, pod=a_pod(phase="Failed"))
    assert verdict(plan_run(failed))[:2] == (Phase.FAILED, Reason.OUTCOME_LOST)


def test_a_batch_job_that_vanished_ends_the_run_once_the_api_says_so_too() -> None:
    phase, reason, message = decided(seen_run(run=a_run(status=was_running())))
    assert (phase, reason) == (Phase.FAILED, Reason.BATCH_JOB_DELETED)
    assert a_batch_job().key.name in message
    assert "Create another JobRun" in message


def test_what_was_known_of_a_pod_that_is_gone_stays_in_the_status() -> None:
    lost = seen_run(
        run=a_run(status=was_running()), batch_job=a_batch_job(failed="x"), confirmed=True
    )
    status = written(plan_run(replace(lost, now=later(61))))
    assert (status.attempts[0].pod, status.attempts[0].node) == (a_pod().key.name, "node-1")
    assert (status.started_at, status.duration_seconds) == ("2026-11-22T06:30:01.000000Z", 60)
