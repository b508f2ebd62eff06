"""Checks on a run between two attempts."""

from __future__ import annotations

from davit_operator.api.cancellation import CancelEnd
from davit_operator.api.conditions import Reason
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import Attempt, RunError
from davit_operator.plan.concurrency import replacing
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.retries import retries_left
from davit_operator.plan.run_ending import cancelled, replaced
from davit_operator.plan.run_plan import NOTHING, NextAttempt, RunPlan, seconds_until
from davit_operator.plan.run_status import failed_status
from davit_operator.plan.times import parse_time


def retrying(seen: SeenRun) -> RunPlan | None:
    """Return what to do about a run whose last attempt has ended, but not the run."""
    last = ended_attempt(seen)
    if last is None:
        return None
    if seen.run.spec.cancel:
        return cancelled(seen, CancelEnd.NOT_STARTED)
    newer = replacing(seen)
    if newer:
        return replaced(seen, newer)
    if seen.pod is not None and not seen.pod.over:
        # Until it is gone nobody knows that its code does not run.
        return NOTHING
    definition = seen.definition
    if definition is None or not definition.spec.enabled:
        return _given_up(seen, "its JobDefinition is disabled, or gone")
    return _next(seen, last, definition)


def ended_attempt(seen: SeenRun) -> Attempt | None:
    """Return the last attempt where it has ended and no batch Job makes the next one yet."""
    attempts = seen.run.status.attempts
    if not attempts or not attempts[-1].reason:
        return None
    newer = seen.batch_job is not None and seen.batch_job.attempt > attempts[-1].number
    # It may have been made, and deleted at once.
    launched = bool(seen.launched) and seen.launched != attempts[-1].batch_job
    return None if newer or launched else attempts[-1]


def plan_no_previous(seen: SeenRun) -> RunPlan:
    """Return the end of a run whose earlier batch Job is gone, from which the next is made."""
    return _given_up(seen, "the batch Job of its last attempt was deleted")


def _next(seen: SeenRun, last: Attempt, definition: JobDefinition) -> RunPlan:
    rules, number = definition.spec.retries, last.number + 1
    told = seen.run.status.next_attempt_at
    if told and seen.now < parse_time(told):
        return RunPlan(again_after=seconds_until(parse_time(told), seen.now))
    left = retries_left(seen.run.status.attempts, rules)
    attempt = NextAttempt(previous=last.batch_job, number=number, retries_left=left)
    return RunPlan(next_attempt=attempt)


def _given_up(seen: SeenRun, why: str) -> RunPlan:
    known = seen.run.status.error or RunError()
    diagnosis = Diagnosis(
        reason=Reason(known.reason or Reason.OUTCOME_LOST),
        message=f"{known.message} It is not tried again: {why}.",
        remedy=known.remedy or "Create another JobRun to run the job again.",
    )
    return RunPlan(status=failed_status(seen, diagnosis))
