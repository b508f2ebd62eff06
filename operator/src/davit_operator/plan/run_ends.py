"""Checks on a run whose runner, batch Job or pod has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from davit_contract import OutcomeReason
from davit_operator.api.cancellation import CancelEnd
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import TERMINAL_PHASES
from davit_operator.plan.diagnosis import Diagnosis, diagnose_outcome
from davit_operator.plan.disruptions import (
    batch_job_deleted,
    diagnose_silence,
    lost_its_node,
    pod_deleted,
)
from davit_operator.plan.involved import involved_in
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.pod_ends import diagnose_end, diagnose_sigterm
from davit_operator.plan.run_ending import cancelled, ended, failed, was_asked_to_end
from davit_operator.plan.run_plan import NOTHING, RunPlan, seconds_until
from davit_operator.plan.run_status import succeeded_status

# After the grace of a pod's deletion the kubelet kills what is left, and says so. One that has much
# to do was seen to take more than four seconds for that.
_SILENCE, _SILENCE_OF_THE_LOST = timedelta(seconds=30), timedelta(seconds=4)


def finished(seen: SeenRun) -> RunPlan | None:
    """Return that nothing is left to do, of a run whose status is final."""
    return NOTHING if seen.run.finished else None


def runner_ended(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose runner has ended, with what it said."""
    if seen.pod is None or not seen.pod.runner.terminated:
        return None
    return _with_sidecars_ended(seen, _last_word(seen, seen.pod))


def _last_word(seen: SeenRun, pod: SeenPod) -> RunPlan:
    outcome, involved = seen.outcome, involved_in(seen)
    if outcome is None:
        return ended(seen, diagnose_end(pod, involved, seen.batch_job))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return RunPlan(status=succeeded_status(seen, outcome, seen.log or LogReading()))
    diagnosis = diagnose_outcome(outcome, involved)
    if outcome.reason is OutcomeReason.CANCELLED:
        if was_asked_to_end(seen):
            return cancelled(seen, CancelEnd.GRACEFUL)
        diagnosis = diagnose_sigterm(pod, involved, seen.batch_job) or diagnosis
    return failed(seen, diagnosis)


def _with_sidecars_ended(seen: SeenRun, plan: RunPlan) -> RunPlan:
    """Return the plan that leaves nothing behind of a pod which others would keep alive."""
    alive = seen.pod is not None and seen.pod.sidecars_running
    if not alive or plan.status is None or plan.status.phase not in TERMINAL_PHASES:
        return plan
    return replace(plan, delete_batch_job=seen.batch_job)


def runner_gone(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run of whose container nobody will say how it ended."""
    pod = seen.pod
    if pod is None or not is_gone(seen):
        return None
    if pod.phase == "Failed":
        return ended(seen, diagnose_end(pod, involved_in(seen), seen.batch_job))
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return ended(seen, diagnose_silence(pod, involved_in(seen)))


def is_gone(seen: SeenRun) -> bool:
    """Return whether the container was given up: by the API, or by us since its node is silent.

    Kubelets let no pod fail whose containers run: one that failed so never ran, or has no node.
    """
    pod = seen.pod
    if pod is None or pod.runner.terminated:
        return False
    until = _given_up(pod)
    return pod.phase == "Failed" or (until is not None and seen.now >= until)


def in_time(seen: SeenRun, plan: RunPlan) -> RunPlan:
    """Return the plan that looks again in time at a pod whose node may say nothing any more."""
    until = _given_up(seen.pod) if seen.pod else None
    is_last = plan.status is not None and plan.status.phase in TERMINAL_PHASES
    if until is None or plan.confirm or is_last or seen.run.finished or seen.now >= until:
        return plan
    wait = seconds_until(until, seen.now)
    return replace(plan, again_after=min(wait, plan.again_after or wait))


def _given_up(pod: SeenPod) -> datetime | None:
    """Return when a pod that is being deleted should long have been said to have ended."""
    if pod.deleting_until is None or pod.runner.terminated:
        return None
    return pod.deleting_until + (_SILENCE_OF_THE_LOST if lost_its_node(pod) else _SILENCE)


def batch_job_ended(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose batch Job has no pod to speak for it."""
    batch = seen.batch_job
    if batch is None or not batch.ended:
        return None
    if seen.pod is not None:
        # The Job's controller saw the pod end before our watch did, or it is being deleted.
        return NOTHING
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return ended(seen, _pod_gone(seen, batch))


def batch_job_vanished(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run whose batch Job is gone."""
    name = launched_name(seen)
    if not name:
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return ended(seen, batch_job_deleted(name))


def launched_name(seen: SeenRun) -> str:
    """Return the name of the batch Job that the run had, if it ever had one."""
    attempts = seen.run.status.attempts
    return seen.launched or (attempts[-1].batch_job if attempts else "")


def _pod_gone(seen: SeenRun, batch: SeenBatchJob) -> Diagnosis:
    if batch.deleting:
        return batch_job_deleted(batch.key.name)
    if batch.failed:
        attempts = seen.run.status.attempts
        pod = (attempts[-1].pod or "") if attempts else ""
        involved = replace(involved_in(seen), pod=pod)
        return pod_deleted(involved, f'Batch Job "{batch.key.name}": {batch.failed}')
    return Diagnosis(
        reason=Reason.OUTCOME_LOST,
        message=f'The pod of batch Job "{batch.key.name}" ended and is gone.',
        remedy="Create another JobRun to run the job again.",
    )
