"""Pods that somebody else changes at their admission, as service meshes do, and pods of our own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.scene import Scene
from tests.integration.kube import Object, eventually, path_of

_API = "admissionregistration.k8s.io/v1"
LABEL = "e2e"


@contextmanager
def mutating_pods(scene: Scene, image: str, patch: str, effect: str) -> Iterator[None]:
    """Have pods with the label ``e2e`` changed by a JSON patch, an expression in CEL.

    ``effect`` is a word of what the API server then says to such a pod.
    """
    kube, name = scene.place.kube, f"davit-e2e-{secrets.token_hex(4)}"
    kinds = [
        {"kind": "MutatingAdmissionPolicy", "spec": _policy(scene.place.name, patch)},
        {"kind": "MutatingAdmissionPolicyBinding", "spec": {"policyName": name}},
    ]
    for each in kinds:
        kube.create({"apiVersion": _API, "metadata": {"name": name}, **each})
    probe = json.dumps(a_pod("probe", image, labels={LABEL: ""}))
    create = ("create", "--dry-run=server", "-o", "yaml", "-f", "-")
    try:
        eventually(
            lambda: effect in scene.kubectl(*create, stdin=probe, check=False), "it is in force"
        )
        yield
    finally:
        for each in kinds:
            kube.call("DELETE", path_of(str(each["kind"]), name=name))


def _policy(namespace: str, patch: str) -> Object:
    pods = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }
    return {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "resourceRules": [pods],
        },
        "matchConditions": [
            {"name": "label", "expression": f"object.metadata.?labels['{LABEL}'].hasValue()"}
        ],
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}],
    }


def a_pod(name: str, image: str, *, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    """Return a pod that sleeps, and is admitted where the profile ``restricted`` is enforced."""
    container = {
        "name": "sleep",
        "image": image,
        "command": ["sleep", "600"],
        "resources": spec.pop("resources", {}),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    profile = {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {
            "containers": [container],
            "securityContext": profile,
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            **spec,
        },
    }
