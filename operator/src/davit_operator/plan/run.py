"""What to do about one run: ordered checks, the first that applies wins.

finished?               nothing
between two attempts?   the next one is begun when its time has come
cancelled in time?      Cancelled, and never started
runner ended?           Succeeded or Failed, with what it said
runner gone?            Failed: its node was to end the pod, and does not say that it did
batch Job failed?       Failed: its pod was deleted, or never came
not admitted by Kueue?  Queued; Failed where it had begun
cancelled, replaced?    the pod is told, and deleted when the job's grace is over
runner runs?            Running
ran, and is gone?       nothing: the batch Job's controller is about to say what became of it
not started yet?        Starting, with what keeps it; Failed at the start deadline
batch Job vanished?     Failed
suspended?              Pending
definition missing?     Pending, then Rejected: apply order must not matter
refused?                Rejected: a duplicate, not installed, disabled, or inputs that do not fit
no slot?                Queued, or Rejected where its definition forbids more
otherwise               create the batch Job, but of no run that is being deleted
"""

from __future__ import annotations

from collections.abc import Callable

from davit_operator.api.conditions import Reason
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.concurrency import no_slot
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run_cancel import cancelled_in_time, ending
from davit_operator.plan.run_ends import (
    batch_job_ended,
    batch_job_vanished,
    finished,
    in_time,
    runner_ended,
    runner_gone,
)
from davit_operator.plan.run_holds import not_admitted, suspended
from davit_operator.plan.run_plan import NOTHING, RunPlan
from davit_operator.plan.run_retry import retrying
from davit_operator.plan.run_status import failed_status, rejected_status
from davit_operator.plan.run_waits import (
    definition_missing,
    refused,
    runner_ran,
    runner_runs,
    starting,
)

_CHECKS: tuple[Callable[[SeenRun], RunPlan | None], ...] = (
    finished,
    retrying,
    cancelled_in_time,
    runner_ended,
    runner_gone,
    batch_job_ended,
    not_admitted,
    ending,
    runner_runs,
    runner_ran,
    starting,
    batch_job_vanished,
    suspended,
    definition_missing,
    refused,
    no_slot,
)


def plan_run(seen: SeenRun) -> RunPlan:
    """Return what to do about the run."""
    plan = in_time(seen, _first_that_applies(seen))
    if plan.create_batch_job is not None and seen.run.metadata.deletion_timestamp:
        # A finalizer of somebody else holds it, perhaps for hours.
        return NOTHING
    return plan


def _first_that_applies(seen: SeenRun) -> RunPlan:
    for check in _CHECKS:
        plan = check(seen)
        if plan is not None:
            return plan
    return _start(seen)


def _start(seen: SeenRun) -> RunPlan:
    if seen.definition is None or seen.repository is None:
        raise AssertionError("the checks before let no run pass without definition and repository")
    return RunPlan(
        create_batch_job=batch_job(seen.run, seen.definition, seen.repository, seen.defaults)
    )


def plan_refused(seen: SeenRun, message: str) -> RunPlan:
    """Return what to do when the API server refused the batch Job."""
    what = f"The API server refused the batch Job: {message}"
    remedy = "Mend spec.runner of JobDefinition or JobRepository, or what refuses it."
    if seen.run.status.attempts:
        diagnosis = Diagnosis(reason=Reason.ADMISSION_DENIED, message=what, remedy=remedy)
        return RunPlan(status=failed_status(seen, diagnosis))
    return RunPlan(status=rejected_status(seen, Reason.ADMISSION_DENIED, f"{what} {remedy}"))
