"""Checks on a run that somebody wants ended."""

from __future__ import annotations

from datetime import timedelta

from davit_operator.api.cancellation import CancelEnd
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.concurrency import replacing
from davit_operator.plan.observed import SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.run_ending import cancelled, replaced, was_asked_to_end
from davit_operator.plan.run_ends import launched_name
from davit_operator.plan.run_plan import RunPlan, seconds_until, write_status
from davit_operator.plan.times import parse_time

# The runner keeps the job's grace itself; what it needs beyond to say its last word.
_SLACK_SECONDS = 10


def cancelled_in_time(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run that was never started."""
    if not seen.run.spec.cancel or seen.batch_job is not None or launched_name(seen):
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return cancelled(seen, CancelEnd.NOT_STARTED)


def ending(seen: SeenRun) -> RunPlan | None:
    """Return what ends a run that was started: a word to its runner, then the pod's deletion."""
    batch, pod = seen.batch_job, seen.pod
    if batch is None or batch.ended:
        return None
    newer = "" if was_asked_to_end(seen) else replacing(seen)
    if not newer and not was_asked_to_end(seen):
        return None
    if pod is None or not pod.runner.running:
        if seen.run.status.phase is Phase.RUNNING:
            # It ran, and what became of it is about to be told.
            return None
        plan = replaced(seen, newer) if newer else cancelled(seen, CancelEnd.NOT_STARTED)
        return RunPlan(status=plan.status, delete_batch_job=batch)
    return _told(seen, batch, pod, newer)


def _told(seen: SeenRun, batch: SeenBatchJob, pod: SeenPod, newer: str) -> RunPlan:
    """Return what to do about a run whose job runs: it is told, and has its grace to tidy up."""
    message = f"Pod {pod.key.name} was told to end, and has {batch.cancel_grace_seconds} s for it."
    plan = write_status(seen, Phase.RUNNING, Reason.CANCELLING, message)
    if not pod.cancelled_at:
        return RunPlan(status=plan.status, cancel_pod=pod, cancel_for=newer)
    patience = timedelta(seconds=batch.cancel_grace_seconds + _SLACK_SECONDS)
    deadline = parse_time(pod.cancelled_at) + patience
    if seen.now >= deadline:
        return RunPlan(delete_batch_job=batch)
    return RunPlan(status=plan.status, again_after=seconds_until(deadline, seen.now))
