"""How a run ends that did not succeed: because it was to, for good, or for another attempt."""

from __future__ import annotations

from dataclasses import replace

from davit_operator.api.cancellation import CancelEnd
from davit_operator.api.conditions import Reason
from davit_operator.plan.diagnosis import Diagnosis, diagnose_cancel
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.retries import retry_after
from davit_operator.plan.run_plan import RunPlan, seconds_until
from davit_operator.plan.run_status import cancelled_status, failed_status, retrying_status


def failed(seen: SeenRun, diagnosis: Diagnosis) -> RunPlan:
    """Return the end of the run, or of this attempt where another one follows."""
    retry, batch = retry_after(seen, diagnosis), seen.batch_job
    if batch is not None and batch.suspended:
        # Kueue may admit it again, and its code must not run then, beside another attempt or not.
        return RunPlan(status=failed_status(seen, diagnosis), delete_batch_job=batch)
    if retry is None:
        return RunPlan(status=failed_status(seen, diagnosis))
    status = retrying_status(seen, diagnosis, retry)
    return RunPlan(status=status, again_after=seconds_until(retry.at, seen.now))


def ended(seen: SeenRun, diagnosis: Diagnosis) -> RunPlan:
    """Return the end of a run whose runner said nothing: what it was asked for explains it."""
    if was_asked_to_end(seen):
        return cancelled(seen, CancelEnd.FORCED)
    return failed(seen, diagnosis)


def was_asked_to_end(seen: SeenRun) -> bool:
    """Return whether somebody, or a newer run, asked the run to end."""
    return seen.run.spec.cancel or bool(seen.pod and seen.pod.replaced_by)


def cancelled(seen: SeenRun, how: CancelEnd) -> RunPlan:
    """Return the end of a run that was asked to end."""
    if seen.run.spec.cancel:
        started, forced = how is not CancelEnd.NOT_STARTED, how is CancelEnd.FORCED
        diagnosis = diagnose_cancel(started=started, forced=forced)
        if not started and seen.run.status.attempts:
            message = "The run was cancelled before its next attempt began."
            diagnosis = replace(diagnosis, message=message)
        return RunPlan(status=cancelled_status(seen, diagnosis, how))
    return replaced(seen, seen.pod.replaced_by if seen.pod else "")


def replaced(seen: SeenRun, by: str) -> RunPlan:
    """Return the end of a run whose place the run ``by`` takes."""
    diagnosis = Diagnosis(
        reason=Reason.REPLACED,
        message=f'JobRun "{by}" took its place: spec.concurrency.policy of JobDefinition '
        f'"{seen.run.spec.definition_ref.name}" is Replace.',
        remedy="Create another JobRun to run the job again.",
    )
    return RunPlan(status=cancelled_status(seen, diagnosis))
