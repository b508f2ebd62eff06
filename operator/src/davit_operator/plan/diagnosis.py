"""From the state of a pod to the cause in words: what happened, and what to do about it.

The order of the checks is the priority of the causes. Reasons are API; messages are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from davit_contract import Outcome, OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.plan.observed import SeenContainer, SeenPod


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A cause, and what the user can do."""

    reason: Reason
    message: str
    remedy: str


_IMAGE_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
)
_CONFIG_REASONS = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)

_REMEDIES: dict[OutcomeReason, str] = {
    OutcomeReason.JOB_FAILED: "Read status.error.traceback and the log, and mend the job's code.",
    OutcomeReason.JOB_CRASHED: "The job's process died without raising: look at native libraries, "
    "os._exit and memory.",
    OutcomeReason.OUT_OF_MEMORY: "Raise spec.runner.resources.limits.memory of the JobDefinition.",
    OutcomeReason.IMPORT_FAILED: "Mend the module that status.error.traceback names, and push.",
    OutcomeReason.INVALID_INPUTS: "Create a JobRun whose spec.inputs fit the variables in "
    "JobDefinition.status.variables.",
    OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED: "Make the job faster, or raise "
    "spec.overrides.softTimeLimitSeconds of its JobDefinition.",
    OutcomeReason.TIME_LIMIT_EXCEEDED: "Make the job faster, or raise "
    "spec.overrides.timeLimitSeconds of its JobDefinition.",
    OutcomeReason.CANCELLED: "The pod was told to end. Create another JobRun to run the job again.",
    OutcomeReason.ARTIFACT_CORRUPT: "A ConfigMap of the code was changed. Delete those that "
    "JobRepository.status.artifact.parts names; the operator writes them anew.",
    OutcomeReason.INVALID_REQUEST: "The runner image does not fit the operator: set "
    "spec.runner.image of JobRepository or JobDefinition to one built on the current runner.",
}


def diagnose_outcome(outcome: Outcome) -> Diagnosis:
    """Return the cause that the runner itself named; for an outcome that is no success."""
    error = outcome.error
    message = error.message if error else f"The job ended with {outcome.reason}."
    if error and error.type:
        message = f"{error.type}: {message}"
    too_old = outcome.reason is OutcomeReason.INVALID_REQUEST
    return Diagnosis(
        reason=Reason.RUNNER_TOO_OLD if too_old else Reason(outcome.reason.value),
        message=message,
        remedy=_REMEDIES[outcome.reason],
    )


def diagnose_cancel(*, started: bool = True, forced: bool = False) -> Diagnosis:
    """Return what became of a run that spec.cancel ended."""
    message = "The job was cancelled."
    if not started:
        message = "The run was cancelled before its job began."
    elif forced:
        message = "The job was cancelled, and killed because it did not end by itself."
    return Diagnosis(
        reason=Reason.CANCELLED,
        message=message,
        remedy="Create another JobRun to run the job again.",
    )


def diagnose_end(pod: SeenPod) -> Diagnosis:
    """Return why a pod ended whose runner left no outcome."""
    container = pod.runner
    if pod.reason == "Evicted":
        return Diagnosis(
            reason=Reason.EVICTED,
            message=f"The node evicted the pod: {pod.message}",
            remedy="Raise spec.runner.resources.requests of the JobDefinition, or free the node.",
        )
    if container.reason == "OOMKilled":
        return Diagnosis(
            reason=Reason.OUT_OF_MEMORY,
            message="The job used more memory than its limit, and the node killed it.",
            remedy="Raise spec.runner.resources.limits.memory of the JobDefinition.",
        )
    if pod.reason == "DeadlineExceeded":
        return Diagnosis(
            reason=Reason.TIME_LIMIT_EXCEEDED,
            message="The pod lived longer than start deadline, time limit and grace together.",
            remedy="Raise spec.overrides.timeLimitSeconds of the JobDefinition.",
        )
    return _without_outcome(container)


def _without_outcome(container: SeenContainer) -> Diagnosis:
    signalled = container.exit_code is not None and container.exit_code > 128  # noqa: PLR2004 (shells add the signal to 128)
    how = (
        f"was killed by signal {container.exit_code - 128}"
        if signalled and container.exit_code is not None
        else f"ended with exit code {container.exit_code}"
    )
    return Diagnosis(
        reason=Reason.OUTCOME_LOST,
        message=f"The runner {how} and left no outcome. {container.message}".strip(),
        remedy="See whether spec.runner.image is built on davit's runner image, then look at the "
        "pod's log and events.",
    )


def diagnose_wait(pod: SeenPod | None) -> Diagnosis | None:
    """Return what keeps a pod from starting; None where nothing is known to."""
    if pod is None:
        return None
    if pod.unschedulable:
        return Diagnosis(
            reason=Reason.UNSCHEDULABLE,
            message=f"No node takes the pod: {pod.unschedulable}",
            remedy="Change spec.runner (resources, nodeSelector, tolerations), or add a node.",
        )
    return _diagnose_waiting(pod.runner)


def _diagnose_waiting(container: SeenContainer) -> Diagnosis | None:
    if container.reason in _IMAGE_REASONS:
        return Diagnosis(
            reason=Reason.IMAGE_PULL_FAILED,
            message=f"The image cannot be pulled: {container.message or container.reason}",
            remedy="Set spec.runner.image and imagePullSecrets of JobRepository or JobDefinition "
            "to an image that the nodes can pull.",
        )
    if container.reason in _CONFIG_REASONS:
        return Diagnosis(
            reason=Reason.CONTAINER_CONFIG_INVALID,
            message=f"The container cannot be created: {container.message or container.reason}",
            remedy="Look at the pod's events, and mend spec.runner of JobRepository or "
            "JobDefinition.",
        )
    return None
