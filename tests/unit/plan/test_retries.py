"""Whether an attempt is followed by another one, and by which."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    DEFAULTS,
    a_batch_job,
    a_definition,
    a_pod,
    a_repository,
    a_run,
    an_outcome,
    ended,
    later,
    running,
    seen_run,
    serving,
)
from tests.unit.plan.runs import verdict, written

from davit_contract import ErrorInfo, Outcome, OutcomeReason, RunRequest, decode, places
from davit_operator.api.conditions import Reason
from davit_operator.api.execution import Retries
from davit_operator.api.jobrun import Attempt, JobRun, JobRunStatus, Phase
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.next_attempt import next_attempt
from davit_operator.plan.observed import LogReading, SeenRun
from davit_operator.plan.retries import pause_before
from davit_operator.plan.run import plan_refused, plan_run
from davit_operator.plan.run_plan import NOTHING, NextAttempt
from davit_operator.plan.times import format_time

CLEAN = ErrorInfo(type="", message="3 devices do not answer")


def with_rules(**rules: int) -> Any:
    return a_definition(spec={"retries": rules})


def failing(outcome: Outcome, *earlier: Attempt, **rules: int) -> SeenRun:
    number = len(earlier) + 1
    pod = a_pod(ended(1))
    return seen_run(
        run=a_run(status=JobRunStatus(phase=Phase.RUNNING, attempts=list(earlier))),
        definition=with_rules(**rules),
        batch_job=a_batch_job(attempt=number),
        pod=pod,
        outcome=outcome,
        log=LogReading(),
    )


def attempt(number: int, reason: Reason, **changes: Any) -> Attempt:
    said = {"started_at": format_time(later(0)), "finished_at": format_time(later(1)), **changes}
    return Attempt(number=number, batch_job=f"b-{number}", reason=reason, **said)


JOB_ENDS = [
    OutcomeReason.JOB_FAILED,
    OutcomeReason.JOB_CRASHED,
    OutcomeReason.OUT_OF_MEMORY,
    OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED,
    OutcomeReason.TIME_LIMIT_EXCEEDED,
]


@pytest.mark.parametrize("reason", JOB_ENDS)
def test_what_the_job_did_is_tried_again_as_often_as_is_asked(reason: OutcomeReason) -> None:
    plan = plan_run(failing(an_outcome(reason), limit=1))
    phase, ready, message = verdict(plan)
    assert (phase, ready) == (Phase.PENDING, Reason.RETRY_PENDING)
    assert "Attempt 2 begins at 2026-11-22T06:30:10Z" in message
    assert written(plan).next_attempt_at == "2026-11-22T06:30:10Z"
    assert plan.again_after == 10
    assert written(plan).finished_at is None
    last = plan_run(failing(an_outcome(reason), attempt(1, Reason(reason.value)), limit=1))
    assert verdict(last)[0] is Phase.FAILED


@pytest.mark.parametrize(
    "outcome",
    [
        an_outcome(OutcomeReason.JOB_FAILED, CLEAN),
        an_outcome(OutcomeReason.INVALID_INPUTS),
        an_outcome(OutcomeReason.IMPORT_FAILED),
        an_outcome(OutcomeReason.ARTIFACT_CORRUPT),
        an_outcome(OutcomeReason.INVALID_REQUEST),
    ],
    ids=["self.fail()", "inputs", "import", "artifact", "request"],
)
def test_what_would_be_the_same_again_is_not_tried_again(outcome: Outcome) -> None:
    assert verdict(plan_run(failing(outcome, limit=3, infrastructureLimit=3)))[0] is Phase.FAILED


def test_a_success_is_not_tried_again() -> None:
    assert verdict(plan_run(failing(an_outcome(), limit=3)))[0] is Phase.SUCCEEDED


def test_failures_of_the_infrastructure_do_not_use_up_those_of_the_job() -> None:
    evicted = attempt(1, Reason.EVICTED)
    plan = plan_run(failing(an_outcome(OutcomeReason.JOB_FAILED), evicted, limit=1))
    assert verdict(plan)[1] == Reason.RETRY_PENDING


@pytest.mark.parametrize(("limit", "phase"), [(0, Phase.FAILED), (1, Phase.PENDING)])
def test_a_pod_that_was_evicted_after_it_began_counts_for_the_infrastructure(
    limit: int, phase: Phase
) -> None:
    pod = a_pod(ended(137), phase="Failed", reason="Evicted")
    seen = seen_run(
        definition=with_rules(infrastructureLimit=limit, limit=3), batch_job=a_batch_job(), pod=pod
    )
    assert verdict(plan_run(seen))[0] is phase


def test_a_pod_that_never_began_is_tried_again_five_times_at_most() -> None:
    def evicted(*earlier: Attempt) -> SeenRun:
        status = JobRunStatus(phase=Phase.STARTING, attempts=list(earlier))
        number = len(earlier) + 1
        pod = a_pod(phase="Failed", reason="Evicted")
        return seen_run(run=a_run(status=status), batch_job=a_batch_job(attempt=number), pod=pod)

    before = [attempt(number, Reason.EVICTED, started_at=None) for number in range(1, 6)]
    assert verdict(plan_run(evicted(*before[:4])))[1] == Reason.RETRY_PENDING
    assert verdict(plan_run(evicted(*before)))[0] is Phase.FAILED


def test_a_run_that_was_cancelled_is_not_tried_again() -> None:
    seen = failing(an_outcome(OutcomeReason.JOB_FAILED), limit=3)
    spec = seen.run.spec.model_copy(update={"cancel": True})
    seen = seen_run(
        run=seen.run.model_copy(update={"spec": spec}),
        definition=seen.definition,
        batch_job=seen.batch_job,
        pod=seen.pod,
        outcome=seen.outcome,
        log=seen.log,
    )
    status = written(plan_run(seen))
    assert status.phase is Phase.FAILED
    assert status.cancellation is not None
    assert status.cancellation.end == "TooLate"


@pytest.mark.parametrize(("number", "seconds"), [(2, 10), (3, 20), (4, 40), (5, 60), (21, 60)])
def test_pauses_double_up_to_the_longest(number: int, seconds: int) -> None:
    rules = Retries(limit=20, backoff_seconds=10, max_backoff_seconds=60)
    assert pause_before(number, rules).total_seconds() == seconds


def pending(*, at: float = 5, pod: Any = None, **spec: Any) -> SeenRun:
    """Return a run between its first attempt and its second."""
    status = written(plan_run(failing(an_outcome(OutcomeReason.JOB_FAILED), limit=1)))
    return seen_run(
        run=a_run(status=status),
        now=later(at),
        definition=a_definition(spec={"retries": {"limit": 1}, **spec}),
        batch_job=a_batch_job(failed="It failed."),
        pod=pod,
    )


def test_the_next_attempt_waits_for_its_time() -> None:
    assert plan_run(pending(at=5)).again_after == 5
    plan = plan_run(pending(at=10))
    expected = NextAttempt(previous=a_batch_job().key.name, number=2, retries_left=0)
    assert plan.next_attempt == expected


def test_the_next_attempt_waits_until_nothing_can_run_any_more() -> None:
    assert plan_run(pending(at=60, pod=a_pod(running(), deleting=True))) == NOTHING


def test_without_its_definition_there_is_no_next_attempt() -> None:
    status = written(plan_run(pending(at=60, enabled=False)))
    assert status.phase is Phase.FAILED
    assert status.error is not None
    assert status.error.reason == "JobFailed"
    assert "It is not tried again" in status.error.message


def test_while_the_next_attempt_runs_nothing_is_said_of_the_last_ones_log() -> None:
    seen = pending(at=20)
    seen = seen_run(
        run=seen.run, batch_job=a_batch_job(attempt=2), pod=a_pod(running()), now=later(20)
    )
    status = written(plan_run(seen))
    assert status.phase is Phase.RUNNING
    assert [each.number for each in status.attempts] == [1, 2]
    assert (status.error, status.log, status.next_attempt_at) == (None, None, None)


def test_a_next_batch_job_that_vanished_is_not_made_again() -> None:
    seen = pending(at=20)
    gone = seen_run(run=seen.run, now=later(20), launched="sync-vlans-x7-2", confirmed=True)
    assert verdict(plan_run(gone))[1] == Reason.BATCH_JOB_DELETED


def test_the_next_batch_job_is_like_the_last_one() -> None:
    first = batch_job(a_run(), a_definition(), a_repository(status=serving()), DEFAULTS)
    stored = {**first, "metadata": {**first["metadata"], "uid": "u", "resourceVersion": "9"}}
    stored["spec"]["template"]["metadata"]["labels"]["batch.kubernetes.io/controller-uid"] = "u"
    second = next_attempt(stored, a_run(), 2, 0)
    assert second["metadata"]["name"] == a_batch_job().key.name.removesuffix("1") + "2"
    assert second["metadata"]["annotations"]["davit.dev/attempt"] == "2"
    assert not {"uid", "resourceVersion"} & set(second["metadata"])
    template = second["spec"]["template"]
    assert "batch.kubernetes.io/controller-uid" not in template["metadata"]["labels"]
    asked = decode(RunRequest, template["metadata"]["annotations"][places.REQUEST_ANNOTATION])
    assert (asked.attempt, asked.retries_left) == (2, 0)
    assert template["spec"] == first["spec"]["template"]["spec"]


def test_a_cancel_between_two_attempts_leaves_it_as_it_was_how_the_first_one_ended() -> None:
    seen = failing(an_outcome(OutcomeReason.JOB_FAILED), limit=1)
    ended_once = written(plan_run(seen))
    [failed] = ended_once.attempts
    plan = plan_run(replace(seen, run=cancelled_run(ended_once), outcome=None, log=None))
    assert verdict(plan)[0] is Phase.CANCELLED
    assert written(plan).attempts == [failed]


def cancelled_run(status: JobRunStatus) -> JobRun:
    run = a_run(status=status)
    return run.model_copy(update={"spec": run.spec.model_copy(update={"cancel": True})})


def test_a_next_attempt_that_the_server_refuses_fails_the_run() -> None:
    plan = plan_refused(pending(at=20), "no.")
    assert verdict(plan)[:2] == (Phase.FAILED, Reason.ADMISSION_DENIED)
