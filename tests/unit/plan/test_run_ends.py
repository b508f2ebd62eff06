"""How a run ends: one test for each row of its decision list, and for each reason."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    RUN_UID,
    a_batch_job,
    a_pod,
    a_run,
    an_outcome,
    ended,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import decided, verdict, written

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import TERMINAL_PHASES, JobRunStatus, Phase
from davit_operator.api.names import batch_job_name
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import NOTHING, RunPlan


@pytest.mark.parametrize("phase", sorted(TERMINAL_PHASES))
def test_a_finished_run_is_never_planned_again(phase: Phase) -> None:
    run = a_run(status=JobRunStatus(phase=phase))
    assert plan_run(seen_run(run=run)) == NOTHING
    assert plan_run(seen_run(run=run, batch_job=a_batch_job(), pod=a_pod(running()))) == NOTHING


def test_a_run_whose_definition_is_enabled_gets_a_batch_job_and_no_status() -> None:
    plan = plan_run(seen_run())
    assert plan.create_batch_job is not None
    assert plan == RunPlan(create_batch_job=plan.create_batch_job)
    assert plan.create_batch_job["metadata"]["name"] == batch_job_name("sync-vlans-x7", RUN_UID, 1)


def test_a_runner_that_says_so_has_succeeded() -> None:
    seen = seen_run(batch_job=a_batch_job(), pod=a_pod(ended()), outcome=an_outcome())
    phase, reason, _ = verdict(plan_run(seen))
    assert (phase, reason) == (Phase.SUCCEEDED, Reason.SUCCEEDED)


@pytest.mark.parametrize(
    ("reason", "expected", "remedy"),
    [
        (OutcomeReason.JOB_FAILED, Reason.JOB_FAILED, "status.error.traceback"),
        (OutcomeReason.JOB_CRASHED, Reason.JOB_CRASHED, "native libraries"),
        (OutcomeReason.OUT_OF_MEMORY, Reason.OUT_OF_MEMORY, "limits.memory"),
        (OutcomeReason.IMPORT_FAILED, Reason.IMPORT_FAILED, "Mend the module"),
        (OutcomeReason.INVALID_INPUTS, Reason.INVALID_INPUTS, "spec.inputs"),
        (
            OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED,
            Reason.SOFT_TIME_LIMIT_EXCEEDED,
            "spec.overrides.softTimeLimitSeconds",
        ),
        (
            OutcomeReason.TIME_LIMIT_EXCEEDED,
            Reason.TIME_LIMIT_EXCEEDED,
            "spec.overrides.timeLimitSeconds",
        ),
        (OutcomeReason.ARTIFACT_CORRUPT, Reason.ARTIFACT_CORRUPT, "Delete those"),
        (OutcomeReason.INVALID_REQUEST, Reason.RUNNER_TOO_OLD, "spec.runner.image"),
    ],
    ids=lambda value: value if isinstance(value, OutcomeReason) else "",
)
def test_what_the_runner_says_is_the_cause_and_gets_a_remedy(
    reason: OutcomeReason, expected: Reason, remedy: str
) -> None:
    seen = seen_run(batch_job=a_batch_job(), pod=a_pod(ended(1)), outcome=an_outcome(reason))
    plan = plan_run(seen)
    phase, found, message = verdict(plan)
    assert (phase, found) == (Phase.FAILED, expected)
    assert message.startswith("ValueError: no such VLAN")
    assert remedy in message
    assert written(plan).error is not None
    assert written(plan).attempts[0].reason == expected


def test_every_reason_that_speaks_for_itself_is_covered_above() -> None:
    [table] = test_what_the_runner_says_is_the_cause_and_gets_a_remedy.pytestmark  # type: ignore[attr-defined]
    covered = {row[0] for row in table.args[1]}
    assert covered == set(OutcomeReason) - {OutcomeReason.SUCCEEDED, OutcomeReason.CANCELLED}


@pytest.mark.parametrize(
    ("pod", "expected", "remedy"),
    [
        pytest.param(
            a_pod(ended(137, reason="OOMKilled")),
            Reason.OUT_OF_MEMORY,
            "spec.runner.resources.limits.memory",
            id="the node killed it for its memory",
        ),
        pytest.param(
            a_pod(ended(137), reason="Evicted", message="disk pressure", phase="Failed"),
            Reason.EVICTED,
            "spec.runner.resources.requests",
            id="the node evicted it",
        ),
        pytest.param(
            a_pod(ended(137), reason="DeadlineExceeded", phase="Failed"),
            Reason.TIME_LIMIT_EXCEEDED,
            "spec.overrides.timeLimitSeconds",
            id="the kubelet's deadline ended it",
        ),
        pytest.param(
            a_pod(ended(139)), Reason.OUTCOME_LOST, "spec.runner.image", id="a signal ended it"
        ),
        pytest.param(
            a_pod(ended(0)), Reason.OUTCOME_LOST, "spec.runner.image", id="it ended without a word"
        ),
    ],
)
def test_a_runner_without_outcome_is_diagnosed(pod: Any, expected: Reason, remedy: str) -> None:
    plan = plan_run(seen_run(batch_job=a_batch_job(), pod=pod))
    phase, reason, message = verdict(plan)
    assert (phase, reason) == (Phase.FAILED, expected)
    assert remedy in message


def test_an_outcome_beats_the_word_that_the_memory_ran_out() -> None:
    pod = a_pod(ended(0, reason="OOMKilled"))
    seen = seen_run(batch_job=a_batch_job(), pod=pod, outcome=an_outcome())
    assert verdict(plan_run(seen))[0] is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("exit_code", "said"),
    [
        (137, "was killed by signal 9 (SIGKILL)"),
        (139, "was killed by signal 11 (SIGSEGV)"),
        (255, "ended with exit code 255"),
        (3, "ended with exit code 3"),
    ],
)
def test_a_signal_is_named(exit_code: int, said: str) -> None:
    plan = plan_run(seen_run(batch_job=a_batch_job(), pod=a_pod(ended(exit_code))))
    assert f"The runner {said}" in verdict(plan)[2]


@pytest.mark.parametrize(
    ("batch_job", "pod"),
    [
        pytest.param(a_batch_job(completed=True), a_pod(running()), id="it completed"),
        pytest.param(a_batch_job(failed="x"), a_pod(running()), id="it failed"),
        pytest.param(a_batch_job(completed=True), a_pod(waiting()), id="the pod is far behind"),
    ],
)
def test_a_batch_job_that_ended_before_its_pod_was_seen_to_waits_for_the_pod(
    batch_job: Any, pod: Any
) -> None:
    assert plan_run(seen_run(batch_job=batch_job, pod=pod)) == NOTHING


def test_a_failed_batch_job_without_pod_says_that_the_pod_was_deleted() -> None:
    seen = seen_run(batch_job=a_batch_job(failed="Job has reached the specified backoff limit"))
    phase, reason, message = decided(seen)
    assert (phase, reason) == (Phase.FAILED, Reason.POD_DELETED)
    assert "backoff limit" in message
    assert "Create another JobRun" in message


def test_a_completed_batch_job_without_pod_says_that_the_outcome_is_lost() -> None:
    phase, reason, message = decided(seen_run(batch_job=a_batch_job(completed=True)))
    assert (phase, reason) == (Phase.FAILED, Reason.OUTCOME_LOST)
    assert "Create another JobRun" in message


def test_a_pod_that_was_evicted_before_it_ran_is_tried_again_for_nothing() -> None:
    pod = a_pod(phase="Failed", reason="Evicted", message="memory pressure")
    phase, reason, message = verdict(plan_run(seen_run(batch_job=a_batch_job(), pod=pod)))
    assert (phase, reason) == (Phase.PENDING, Reason.RETRY_PENDING)
    assert "memory pressure" in message
