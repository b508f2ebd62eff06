"""Users with few rights, and the admission policies, on a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from tests.integration.kube import Kube, Object, eventually, path_of
from tests.integration.place import Place

MANIFESTS = Path(__file__).parents[2] / "manifests"
POLICIES = MANIFESTS / "base" / "admission.yaml"
STAMP = MANIFESTS / "components" / "stamp-requester" / "policy.yaml"
WRITES: list[tuple[str, str, list[str]]] = [
    (verb, kind, [])
    for verb in ("create", "patch")
    for kind in ("jobdefinitions", "jobrepositories")
]
# Who may do what, as RBAC says it: verbs, resources, names.
RIGHTS: dict[str, list[tuple[str, str, list[str]]]] = {
    # Runs jobs, reads no Secret.
    "ada": [("create", "jobruns", []), ("patch", "jobruns", [])],
    # Runs jobs, and reads one Secret and one ConfigMap.
    "bob": [
        ("create", "jobruns", []),
        ("get", "secrets", ["login"]),
        ("get", "configmaps", ["lists"]),
    ],
    # Writes definitions and repositories, but neither reads Secrets nor creates pods.
    "carl": [*WRITES],
    # Writes them, creates pods, and reads one Secret.
    "dora": [*WRITES, ("create", "pods", []), ("get", "secrets", ["login"])],
}
GROUPS = {"pods": "", "secrets": "", "configmaps": ""}


@contextmanager
def installed(kube: Kube, *files: Path) -> Iterator[None]:
    """Have the policies in the files stand until the block is left."""
    made = [kube.create(each) for file in files for each in yaml.safe_load_all(file.read_text())]
    yield
    for each in reversed(made):
        kube.call("DELETE", path_of(each["kind"], name=each["metadata"]["name"]))


def user(place: Place, name: str) -> Kube:
    """Return a user's client; the rights hold in this namespace alone."""
    if place.find("Role", name) is None:
        rules = [
            {
                "apiGroups": [GROUPS.get(resource, "davit.dev")],
                "resources": [resource],
                "verbs": [verb],
                "resourceNames": names,
            }
            for verb, resource, names in RIGHTS[name]
        ]
        group = "rbac.authorization.k8s.io"
        meta = {"name": name, "namespace": place.name}
        place.kube.create(
            {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": rules}
        )
        binding = {
            "apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
            "subjects": [{"apiGroup": group, "kind": "User", "name": name}],
        }  # fmt: skip
        place.kube.create(binding)
        verb, resource, _ = RIGHTS[name][-1]
        eventually(lambda: _may(place, name, verb, resource), f"{name} has rights")
    return place.kube.acting_as(name)


def _may(place: Place, name: str, verb: str, resource: str) -> bool:
    attributes = {
        "namespace": place.name,
        "verb": verb,
        "group": GROUPS.get(resource, "davit.dev"),
        "resource": resource,
        "name": "login" if resource == "secrets" else "lists" if resource == "configmaps" else "",
    }
    review = {"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
    asked = {**review, "spec": {"user": name, "resourceAttributes": attributes}}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(place.kube.call("POST", path, asked)["status"]["allowed"])


def create(kube: Kube, namespace: str, kind: str, name: str, spec: Any, **query: str) -> Object:
    metadata = {"name": name, "namespace": namespace}
    body = {"apiVersion": "davit.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    return kube.call("POST", path_of(kind, namespace), body, fieldValidation="Strict", **query)


def create_run(kube: Kube, namespace: str, name: str, *, dryRun: str = "", **spec: Any) -> Object:  # noqa: N803 (the API's)
    query = {"dryRun": dryRun} if dryRun else {}
    told = {"definitionRef": {"name": "any"}, **spec}
    return create(kube, namespace, "JobRun", name, told, **query)
