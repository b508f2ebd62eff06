"""Checks on a run that is held back: by its own spec, or by a queue of Kueue."""

from __future__ import annotations

from davit_operator.api.cancellation import CancelEnd
from davit_operator.api.conditions import ConditionType, Reason, Verdict
from davit_operator.api.jobrun import Phase
from davit_operator.plan.attempts import current_attempt
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import SeenBatchJob, SeenRun
from davit_operator.plan.retries import may_have_run
from davit_operator.plan.run_ending import cancelled
from davit_operator.plan.run_ends import launched_name
from davit_operator.plan.run_plan import NOTHING, RunPlan, write_status
from davit_operator.plan.run_status import failed_status, held_status


def suspended(seen: SeenRun) -> RunPlan | None:
    """Return the status of a run that its own spec keeps from being started."""
    if not seen.run.spec.suspend or seen.batch_job is not None or launched_name(seen):
        return None
    message = "It is not started while spec.suspend is true: set it to false."
    # Nothing is under way, and so it is not Reconciling: from then on patience counts.
    verdict = Verdict(
        type=ConditionType.READY, status="Unknown", reason=Reason.SUSPENDED, message=message
    )
    status = held_status(seen, Phase.PENDING, [verdict])
    return NOTHING if status == seen.run.status else RunPlan(status=status)


def not_admitted(seen: SeenRun) -> RunPlan | None:
    """Return what becomes of a run whose batch Job a queue has not admitted, or put back."""
    batch = seen.batch_job
    if batch is None or batch.ended or not batch.suspended:
        return None
    began = _has_begun(seen)
    if seen.run.spec.cancel and not began:
        return RunPlan(status=cancelled(seen, CancelEnd.NOT_STARTED).status, delete_batch_job=batch)
    if began:
        # Resumed it would run the code a second time.
        return RunPlan(status=failed_status(seen, _put_back(batch)), delete_batch_job=batch)
    message = f'LocalQueue "{batch.queue}" of Kueue has not admitted batch Job "{batch.key.name}".'
    return write_status(seen, Phase.QUEUED, Reason.QUEUED, message)


def _has_begun(seen: SeenRun) -> bool:
    """Return whether the batch Job had a pod before it was put back."""
    known = current_attempt(seen)
    return bool(known and known.started_at) or (seen.pod is not None and may_have_run(seen))


def _put_back(batch: SeenBatchJob) -> Diagnosis:
    return Diagnosis(
        reason=Reason.PREEMPTED,
        message=f'LocalQueue "{batch.queue}" of Kueue took back its admission while it ran.',
        remedy="Create another JobRun to run the job again.",
    )
