"""Why a pod ended whose runner left no outcome. The order of the checks is their priority."""

from __future__ import annotations

import signal

from davit_contract import places
from davit_operator.api.conditions import Reason
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.disruptions import diagnose_deletion, diagnose_disruption
from davit_operator.plan.involved import Involved
from davit_operator.plan.observed import SeenBatchJob, SeenContainer, SeenPod

# Shells and container runtimes add the signal to it.
_SIGNAL_BASE = 128
# Of a container that could not be started at all, as containerd and others call it.
_NEVER_STARTED = frozenset({"StartError", "ContainerCannotRun"})
# Of a container that neither kubelet nor runtime finds again: the node was restarted.
_FORGOTTEN = frozenset({"ContainerStatusUnknown", "Unknown"})


def diagnose_end(
    pod: SeenPod, involved: Involved, batch_job: SeenBatchJob | None = None
) -> Diagnosis:
    """Return why a pod ended whose runner left no outcome."""
    return (
        diagnose_disruption(pod, involved)
        or _of_limits(pod, involved)
        or _never_started(pod, involved)
        or diagnose_deletion(pod, batch_job, involved)
        or _of_node(pod, involved)
        or _without_outcome(pod.runner, involved)
    )


def diagnose_sigterm(
    pod: SeenPod, involved: Involved, batch_job: SeenBatchJob | None
) -> Diagnosis | None:
    """Return who told a runner to end, whom no run asked to; None where nothing says so."""
    return (
        diagnose_disruption(pod, involved)
        or _of_limits(pod, involved)
        or diagnose_deletion(pod, batch_job, involved)
    )


def _of_limits(pod: SeenPod, involved: Involved) -> Diagnosis | None:
    if pod.reason == "DeadlineExceeded":
        return Diagnosis(
            reason=Reason.TIME_LIMIT_EXCEEDED,
            message="The pod lived longer than start deadline, time limit and grace together.",
            remedy=involved.said("Raise spec.overrides.timeLimitSeconds of {definition}."),
        )
    if pod.runner.reason == "OOMKilled":
        return Diagnosis(
            reason=Reason.OUT_OF_MEMORY,
            message="The job used more memory than its limit, and the node killed it.",
            remedy=involved.said("Raise spec.runner.resources.limits.memory of {definition}."),
        )
    return None


def _never_started(pod: SeenPod, involved: Involved) -> Diagnosis | None:
    container = pod.runner
    if container.reason not in _NEVER_STARTED:
        return None
    return Diagnosis(
        reason=Reason.CONTAINER_CONFIG_INVALID,
        message=f"The container cannot be started: {container.message or container.reason}",
        remedy=involved.said(
            "Set spec.runner.image of {settings} to one that is built on davit's runner image."
        ),
    )


def _of_node(pod: SeenPod, involved: Involved) -> Diagnosis | None:
    if pod.runner.reason in _FORGOTTEN:
        return Diagnosis(
            reason=Reason.NODE_LOST,
            message=involved.said("The container is gone, as when {node} is restarted."),
            remedy=involved.said(
                "Create another JobRun to run the job again; spec.retries.infrastructureLimit of "
                "{definition} has that done by itself."
            ),
        )
    if pod.runner.terminated or not pod.reason:
        return None
    return Diagnosis(
        reason=Reason.UNSCHEDULABLE,
        message=involved.said("The {node} refused the pod: {why}", why=pod.message or pod.reason),
        remedy=involved.said(
            "Change spec.runner (resources, nodeSelector, tolerations) of {settings}, or add a "
            "node."
        ),
    )


def _without_outcome(container: SeenContainer, involved: Involved) -> Diagnosis:
    how, said = _how_it_ended(container.exit_code), container.message.strip()
    if said.startswith("{"):
        return Diagnosis(
            reason=Reason.OUTCOME_LOST,
            message=f"The runner {how}, and what stands for its outcome is not this run's.",
            remedy=involved.said(
                "Only the runner may write {path}: see whether the job does, or the image that "
                "spec.runner.image of {settings} names.",
                path=places.TERMINATION_PATH,
            ),
        )
    return Diagnosis(
        reason=Reason.OUTCOME_LOST,
        message=f"The runner {how} and left no outcome. {said}".strip(),
        remedy=involved.said(
            "See whether spec.runner.image of {settings} is built on davit's runner image, then "
            "look at the log and events of {pod}, and whether {node} is short of memory."
        ),
    )


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is None:
        return "ended"
    number = exit_code - _SIGNAL_BASE
    try:
        return f"was killed by signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"ended with exit code {exit_code}"
