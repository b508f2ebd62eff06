"""What all pods that run authors' code have in common: the profile ``restricted``, and no token."""

from __future__ import annotations

from typing import Any

from davit_contract import places
from davit_operator.api.runner import RunnerSettings, Toleration
from davit_operator.plan.artifact import part_name
from davit_operator.plan.mounts import NOTHING, Mounted

Manifest = dict[str, Any]

RUNNER_UID = 65532
_SCRATCH_SIZE = "256Mi"

# Kubernetes has pods wait 300 s for a node that does not answer.
_LOST_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_LOST_SECONDS = 30

# An interrupted run is a failed run: neither autoscaler may move these pods.
_STAY = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}


def owner_reference(api_version: str, kind: str, name: str, uid: str) -> Manifest:
    """Return the reference that makes garbage collection delete the child with its owner."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }


def pod_template(
    *,
    verb: str,
    request: str,
    digest: str,
    parts: int,
    settings: RunnerSettings,
    mounted: Mounted = NOTHING,
) -> Manifest:
    """Return metadata and spec of a pod that runs the runner's ``verb`` on an artifact.

    Without ``parts`` the code is the image's. ``request`` is JSON; it reaches the runner as a file,
    so that nothing of it stands in argv. Of Secrets and the environment that ``settings`` name only
    what is ``mounted`` reaches the pod.
    """
    return {
        "metadata": {
            "labels": dict(settings.pod_labels),
            "annotations": {
                **settings.pod_annotations,
                **_STAY,
                places.REQUEST_ANNOTATION: request,
            },
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": RUNNER_UID,
                "runAsGroup": RUNNER_UID,
                "fsGroup": RUNNER_UID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(verb, settings, _mounts(parts), mounted)],
            "volumes": [*_volumes(digest, parts), *mounted.volumes],
            **_placement(settings),
        },
    }


def _mounts(parts: int) -> list[Manifest]:
    request = {"name": "request", "mountPath": f"{places.MOUNT_PATH}/request", "readOnly": True}
    artifact = {"name": "artifact", "mountPath": places.ARTIFACT_PATH, "readOnly": True}
    scratch = {"name": "scratch", "mountPath": places.SCRATCH_PATH}
    return [request, artifact, scratch] if parts else [request, scratch]


def _container(
    verb: str, settings: RunnerSettings, mounts: list[Manifest], mounted: Mounted
) -> Manifest:
    resources = settings.resources.model_dump() if settings.resources else {}
    return {
        "name": places.RUNNER_CONTAINER,
        "image": settings.image,
        # -P: the working folder is no place for modules.
        "command": ["python3", "-P", "-m", "davit._runner", verb],
        **({"env": list(mounted.env)} if mounted.env else {}),
        "resources": {key: value for key, value in resources.items() if value},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePath": places.TERMINATION_PATH,
        "terminationMessagePolicy": "File",
        "volumeMounts": [*mounts, *mounted.mounts],
    }


def _volumes(digest: str, parts: int) -> list[Manifest]:
    def annotation(path: str, name: str) -> Manifest:
        return {"path": path, "fieldRef": {"fieldPath": f"metadata.annotations['{name}']"}}

    shown = [
        annotation("request.json", places.REQUEST_ANNOTATION),
        annotation("cancel", places.CANCEL_ANNOTATION),
    ]
    sources = [
        {"configMap": {"name": part_name(digest, n), "items": [{"key": "part", "path": str(n)}]}}
        for n in range(parts)
    ]
    request = {"name": "request", "downwardAPI": {"items": shown}}
    artifact = {"name": "artifact", "projected": {"sources": sources}}
    scratch = {"name": "scratch", "emptyDir": {"sizeLimit": _SCRATCH_SIZE}}
    return [request, artifact, scratch] if parts else [request, scratch]


def _until_lost(settings: RunnerSettings) -> list[Toleration]:
    """Return for how long a silent node is borne, where the settings do not say it."""
    said = {each.key for each in settings.tolerations if each.effect in ("", "NoExecute")}
    return [
        Toleration(
            key=taint, operator="Exists", effect="NoExecute", toleration_seconds=_LOST_SECONDS
        )
        for taint in _LOST_TAINTS
        if not said & {taint, ""}
    ]


def _placement(settings: RunnerSettings) -> Manifest:
    chosen = {
        "nodeSelector": dict(settings.node_selector),
        "tolerations": [
            toleration.model_dump(by_alias=True, exclude_defaults=True)
            for toleration in (*settings.tolerations, *_until_lost(settings))
        ],
        "imagePullSecrets": [{"name": secret.name} for secret in settings.image_pull_secrets],
        "priorityClassName": settings.priority_class_name,
    }
    return {key: value for key, value in chosen.items() if value}
