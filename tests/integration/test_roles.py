"""The roles that people are given, aggregated by a real API server: who may do what with davit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml
from tests.integration.kube import Kube, eventually
from tests.integration.place import Place

ROLES = Path(__file__).parents[2] / "manifests" / "base" / "roles.yaml"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
READS = ("get", "list", "watch")
WRITES = ("create", "update", "patch", "delete", "deletecollection")
RESOURCES = ("jobrepositories", "jobdefinitions", "jobruns", "joblogs", "jobfiles")
EVERYBODY = ("view", "edit", "admin")
# Beside reading everything but logs and files: what each of Kubernetes' own roles may do.
MAY = {
    "view": set(),
    "edit": {*((v, r) for v in READS for r in ("joblogs", "jobfiles"))}
    | {(verb, "jobruns") for verb in WRITES},
}
MAY["admin"] = MAY["edit"] | {
    (verb, kind) for verb in WRITES for kind in ("jobdefinitions", "jobrepositories")
}
_PUBLIC = {(verb, kind) for verb in READS for kind in RESOURCES[:3]}


@pytest.fixture(scope="module")
def roles(kube: Kube) -> Iterator[Kube]:
    """Have our roles stand, and Kubernetes' own hold what ours add to them."""
    for role in yaml.safe_load_all(ROLES.read_text()):
        kube.call("POST", f"{_RBAC}/clusterroles", role)
    for name in EVERYBODY:
        eventually(partial(_ours, kube, name), f"ClusterRole {name} has our rules")
    yield kube
    for role in yaml.safe_load_all(ROLES.read_text()):
        kube.call("DELETE", f"{_RBAC}/clusterroles/{role['metadata']['name']}")


def _ours(kube: Kube, name: str) -> bool:
    rules = kube.call("GET", f"{_RBAC}/clusterroles/{name}")["rules"]
    named = {
        each for rule in rules if "davit.dev" in rule["apiGroups"] for each in rule["resources"]
    }
    return named >= ({*RESOURCES} if name != "view" else {*RESOURCES[:3]})


def bound(place: Place, role: str) -> str:
    """Return a user who has the role in this namespace."""
    group, name = "rbac.authorization.k8s.io", f"{role}-of-{place.name}"
    subject = {"apiGroup": group, "kind": "User", "name": name}
    place.create(
        "RoleBinding",
        name,
        roleRef={"apiGroup": group, "kind": "ClusterRole", "name": role},
        subjects=[subject],
    )
    eventually(lambda: may(place, name, "list", "jobfiles" if "log" in role else "jobruns"), role)
    return name


def may(place: Place, user: str, verb: str, resource: str) -> bool:
    """Return what ``kubectl auth can-i`` says."""
    plural, _, subresource = resource.partition("/")
    asked = {"namespace": place.name, "verb": verb, "group": "davit.dev", "resource": plural}
    spec = {"user": user, "resourceAttributes": {**asked, "subresource": subresource}}
    review = {"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": spec}
    return bool(place.kube.call("POST", _REVIEWS, review)["status"]["allowed"])


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("role", EVERYBODY)
def test_each_role_may_do_what_it_says_and_nothing_else(place: Place, role: str) -> None:
    user = bound(place, role)
    found = {
        (verb, kind)
        for verb in (*READS, *WRITES)
        for kind in RESOURCES
        if may(place, user, verb, kind)
    }
    assert found == _PUBLIC | MAY[role]


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("role", EVERYBODY)
def test_nobody_writes_a_status_a_log_or_a_file(place: Place, role: str) -> None:
    user = bound(place, role)
    statuses = [f"{kind}/status" for kind in RESOURCES]
    resources = ("joblogs", "jobfiles", *statuses)
    assert [
        (verb, each) for verb in WRITES for each in resources if may(place, user, verb, each)
    ] == []


@pytest.mark.usefixtures("roles")
def test_logs_and_files_can_be_opened_to_those_who_only_view(place: Place) -> None:
    user = bound(place, "davit-log-view")
    found = {
        (verb, kind)
        for verb in (*READS, *WRITES)
        for kind in RESOURCES
        if may(place, user, verb, kind)
    }
    assert found == {(verb, kind) for verb in READS for kind in ("joblogs", "jobfiles")}
