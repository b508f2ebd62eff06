"""Checks on a run that somebody wants ended."""

from __future__ import annotations

from datetime import timedelta

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.diagnosis import diagnose_cancel
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run_ends import launched_name
from davit_operator.plan.run_plan import RunPlan, seconds_until, write_status
from davit_operator.plan.run_status import cancelled_status
from davit_operator.plan.times import parse_time

# The runner keeps the job's grace itself; what it needs beyond to say its last word.
_SLACK_SECONDS = 10


def cancelled_in_time(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run that was never started."""
    if not seen.run.spec.cancel or seen.batch_job is not None or launched_name(seen):
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return RunPlan(status=cancelled_status(seen, diagnose_cancel(started=False)))


def cancelled(seen: SeenRun) -> RunPlan | None:
    """Return what ends a run that was started: a word to its runner, then the pod's deletion."""
    batch, pod = seen.batch_job, seen.pod
    if not seen.run.spec.cancel or batch is None:
        return None
    if pod is None or not pod.runner.running:
        if seen.run.status.phase is Phase.RUNNING:
            # It ran, and what became of it is about to be told.
            return None
        status = cancelled_status(seen, diagnose_cancel(started=False))
        return RunPlan(status=status, delete_batch_job=batch)
    message = f"Pod {pod.key.name} was told to end, and has {batch.cancel_grace_seconds} s for it."
    plan = write_status(seen, Phase.RUNNING, Reason.CANCELLING, message)
    if not pod.cancelled_at:
        return RunPlan(status=plan.status, cancel_pod=pod)
    patience = timedelta(seconds=batch.cancel_grace_seconds + _SLACK_SECONDS)
    deadline = parse_time(pod.cancelled_at) + patience
    if seen.now >= deadline:
        return RunPlan(delete_batch_job=batch)
    return RunPlan(status=plan.status, again_after=seconds_until(deadline, seen.now))
