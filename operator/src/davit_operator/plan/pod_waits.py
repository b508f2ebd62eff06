"""What keeps a pod from starting, where its own status says it."""

from __future__ import annotations

from davit_operator.api.conditions import Reason
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.involved import Involved
from davit_operator.plan.observed import SeenContainer, SeenPod

_NO_NAME = "InvalidImageName"
_IMAGE_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", _NO_NAME, "ErrImageNeverPull", "ImageInspectError"}
)
_CONFIG_REASONS = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)


def diagnose_wait(pod: SeenPod | None, involved: Involved) -> Diagnosis | None:
    """Return what keeps a pod from starting; None where nothing is known to."""
    if pod is None:
        return None
    if pod.unschedulable:
        return Diagnosis(
            reason=Reason.UNSCHEDULABLE,
            message=f"No node takes the pod: {pod.unschedulable}",
            remedy=involved.said(
                "Change spec.runner (resources, nodeSelector, tolerations) of {settings}, or add "
                "a node."
            ),
        )
    return _diagnose_waiting(pod.runner, involved)


def _diagnose_waiting(container: SeenContainer, involved: Involved) -> Diagnosis | None:
    if container.terminated or container.running:
        return None
    said = container.message or container.reason
    if container.reason in _IMAGE_REASONS:
        return Diagnosis(
            reason=Reason.IMAGE_PULL_FAILED,
            message=f"The image cannot be pulled: {said}",
            remedy=involved.said(
                "Set spec.runner.image and imagePullSecrets of {settings} to an image that the "
                "nodes can pull."
            ),
            final=container.reason == _NO_NAME,
        )
    if container.reason in _CONFIG_REASONS:
        return Diagnosis(
            reason=Reason.CONTAINER_CONFIG_INVALID,
            message=f"The container cannot be created: {said}",
            remedy=involved.said(
                "Look at the events of {pod}, and mend spec.runner of {settings}."
            ),
        )
    return None
