"""Checks on a run whose runner, batch Job or pod has ended."""

from __future__ import annotations

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.plan.diagnosis import (
    Diagnosis,
    diagnose_cancel,
    diagnose_end,
    diagnose_outcome,
)
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenRun
from davit_operator.plan.run_plan import NOTHING, RunPlan
from davit_operator.plan.run_status import cancelled_status, failed_status, succeeded_status


def finished(seen: SeenRun) -> RunPlan | None:
    """Return that nothing is left to do, of a run whose status is final."""
    return NOTHING if seen.run.finished else None


def runner_ended(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose runner has ended, with what it said."""
    if seen.pod is None or not seen.pod.runner.terminated:
        return None
    outcome = seen.outcome
    if outcome is None:
        return ended(seen, diagnose_end(seen.pod))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return RunPlan(status=succeeded_status(seen, outcome, seen.log or LogReading()))
    if seen.run.spec.cancel and outcome.reason is OutcomeReason.CANCELLED:
        return RunPlan(status=cancelled_status(seen, diagnose_cancel()))
    return RunPlan(status=failed_status(seen, diagnose_outcome(outcome)))


def batch_job_ended(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose batch Job has no pod to speak for it."""
    batch = seen.batch_job
    if batch is None or not batch.ended:
        return None
    if seen.pod is not None and not seen.pod.deleting and seen.pod.phase != "Failed":
        # The Job's controller saw the pod end before our watch did.
        return NOTHING
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return ended(seen, diagnose_end(seen.pod) if seen.pod is not None else _pod_gone(batch))


def batch_job_vanished(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose batch Job is gone."""
    name = launched_name(seen)
    if not name:
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return ended(
        seen,
        Diagnosis(
            reason=Reason.BATCH_JOB_DELETED,
            message=f"Batch Job {name} was deleted before the run ended.",
            remedy="Create another JobRun to run the job again.",
        ),
    )


def launched_name(seen: SeenRun) -> str:
    """Return the name of the batch Job that the run had, if it ever had one."""
    attempts = seen.run.status.attempts
    return attempts[-1].batch_job if attempts else seen.launched


def ended(seen: SeenRun, diagnosis: Diagnosis) -> RunPlan:
    """Return the end of a run whose runner said nothing: what it was asked for explains it."""
    if seen.run.spec.cancel:
        return RunPlan(status=cancelled_status(seen, diagnose_cancel(forced=True)))
    return RunPlan(status=failed_status(seen, diagnosis))


def _pod_gone(batch: SeenBatchJob) -> Diagnosis:
    reason, message = (
        (Reason.POD_DELETED, f"The pod of batch Job {batch.key.name} was deleted. {batch.failed}")
        if batch.failed
        else (Reason.OUTCOME_LOST, f"The pod of batch Job {batch.key.name} ended and is gone.")
    )
    remedy = "Create another JobRun to run the job again."
    return Diagnosis(reason=reason, message=message, remedy=remedy)
