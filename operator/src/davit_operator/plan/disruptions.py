"""Who ended a pod that did not end by itself: the scheduler, a node, somebody who deleted it.

The API says so before the pod is told: in its condition ``DisruptionTarget`` (all of its reasons
are below), in the reason that the kubelet gives its status, or in its deletion alone.
"""

from __future__ import annotations

from typing import NamedTuple

from davit_operator.api.conditions import Reason
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.involved import Involved
from davit_operator.plan.observed import SeenBatchJob, SeenPod
from davit_operator.plan.times import format_time


class _Told(NamedTuple):
    reason: Reason
    message: str
    remedy: str


_AGAIN = (
    "Create another JobRun to run the job again; spec.retries.infrastructureLimit of {definition} "
    "has that done by itself."
)
_PRIORITY = "Give spec.runner.priorityClassName of {settings} a higher PriorityClass, or add nodes."
_SHUTDOWN = _Told(Reason.EVICTED, "{node} was shut down, and ended {pod}.", _AGAIN)
# Of the pod's status, by the kubelet.
_BY_STATUS = {
    "Evicted": _Told(
        Reason.EVICTED,
        "{node} evicted {pod}: {kubelet}",
        "Raise spec.runner.resources.requests of {definition}, or free {node}.",
    ),
    "Preempting": _Told(
        Reason.PREEMPTED, "{node} ended {pod} for one that the cluster cannot do without.", _AGAIN
    ),
    "Terminated": _SHUTDOWN,
    "NodeShutdown": _SHUTDOWN,
    "Shutdown": _SHUTDOWN,
}
# Of the pod's condition DisruptionTarget.
_BY_CONDITION = {
    "PreemptionByScheduler": _Told(
        Reason.PREEMPTED,
        "The scheduler deleted {pod}: one of a higher priority took its place on {node}.",
        _PRIORITY,
    ),
    "EvictionByEvictionAPI": _Told(
        Reason.EVICTED,
        "{pod} was evicted through the API, as when somebody drains {node}.",
        _AGAIN,
    ),
    "DeletionByTaintManager": _Told(
        Reason.NODE_LOST,
        "{pod} was deleted since {node} does not answer, or has a taint with NoExecute.",
        f"See `kubectl describe node`, and mend {{node}}. {_AGAIN}",
    ),
    "DeletionByPodGC": _Told(
        Reason.NODE_LOST, "{pod} was deleted since {node} is gone from the cluster.", _AGAIN
    ),
    "TerminationByKubelet": _Told(Reason.EVICTED, "{node} ended {pod}: {kubelet}", _AGAIN),
}


def diagnose_disruption(pod: SeenPod, involved: Involved) -> Diagnosis | None:
    """Return why the cluster itself ended the pod; None where it did not."""
    told = _BY_STATUS.get(pod.reason) or _BY_CONDITION.get(pod.disruption)
    return _diagnosis(told, involved, kubelet=pod.message) if told else None


def lost_its_node(pod: SeenPod) -> bool:
    """Return whether the pod was deleted for its node, which is not expected to answer."""
    told = _BY_CONDITION.get(pod.disruption)
    return told is not None and told.reason is Reason.NODE_LOST


def diagnose_deletion(
    pod: SeenPod, batch_job: SeenBatchJob | None, involved: Involved
) -> Diagnosis | None:
    """Return what was deleted so that the pod ended; None where it was not."""
    if not pod.deleting:
        return None
    if batch_job is not None and batch_job.deleting:
        return batch_job_deleted(batch_job.key.name)
    return pod_deleted(involved)


def diagnose_silence(pod: SeenPod, involved: Involved) -> Diagnosis:
    """Return why nobody says that a pod ended which was to be gone by now."""
    known = diagnose_disruption(pod, involved)
    if known is not None:
        return known
    until = format_time(pod.deleting_until) if pod.deleting_until else ""
    told = _Told(
        Reason.NODE_LOST,
        "{pod} was deleted and had until {until} to end, and {node} does not say that it did.",
        f"See `kubectl describe node`, and mend {{node}}. {_AGAIN}",
    )
    return _diagnosis(told, involved, until=until)


def pod_deleted(involved: Involved, how: str = "") -> Diagnosis:
    """Return that somebody deleted the pod; ``how`` is what else is known of it."""
    told = _Told(
        Reason.POD_DELETED,
        "{pod} was deleted before it had ended. {how}",
        "Create another JobRun to run the job again.",
    )
    return _diagnosis(told, involved, how=how)


def batch_job_deleted(name: str) -> Diagnosis:
    """Return that somebody deleted the run's batch Job."""
    return Diagnosis(
        reason=Reason.BATCH_JOB_DELETED,
        message=f'Batch Job "{name}" was deleted before the run ended.',
        remedy="Create another JobRun to run the job again.",
    )


def _diagnosis(told: _Told, involved: Involved, **more: str) -> Diagnosis:
    message = involved.said(told.message, **more).strip()
    return Diagnosis(
        reason=told.reason,
        message=message[0].upper() + message[1:],
        remedy=involved.said(told.remedy),
    )
