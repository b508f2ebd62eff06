"""Definitions that an admission policy refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from tests.gitserver.running import RemoteRepository
from tests.integration.audit import AuditLog
from tests.integration.discoveries import HELLO, OTHER, PATH, discovered, push, reads
from tests.integration.kube import Kube, RefusedError, eventually, path_of
from tests.integration.node import LogNode
from tests.integration.place import Place, condition
from tests.integration.repositories import becomes, creations, sync

pytestmark = pytest.mark.usefixtures("operator")


@pytest.fixture
def refusing(place: Place, kube: Kube) -> Iterator[Callable[[], None]]:
    """Have an admission policy refuse definitions of class Hello; return what takes it away."""
    meta = {"metadata": {"name": place.name}}
    api = {"apiVersion": "admissionregistration.k8s.io/v1"}
    rule = {
        "apiGroups": ["davit.dev"],
        "apiVersions": ["*"],
        "resources": ["jobdefinitions"],
        "operations": ["CREATE"],
    }
    no_hello = {"expression": f"object.spec.classPath != '{PATH}'", "message": "No hello here."}
    policy = {"matchConstraints": {"resourceRules": [rule]}, "validations": [no_hello]}
    here = {"matchLabels": {"kubernetes.io/metadata.name": place.name}}
    binding = {
        "policyName": place.name,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": here},
    }
    kube.create({**api, "kind": "ValidatingAdmissionPolicy", **meta, "spec": policy})
    kube.create({**api, "kind": "ValidatingAdmissionPolicyBinding", **meta, "spec": binding})
    eventually(lambda: not is_taken(place), "the policy refuses")

    def lift() -> None:
        for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
            with suppress(RefusedError):
                kube.call("DELETE", path_of(kind, name=place.name))
        eventually(lambda: is_taken(place), "the policy is gone")

    yield lift
    lift()


def is_taken(place: Place) -> bool:
    """Return whether the API server would take a definition of class Hello now."""
    spec = {"repositoryRef": {"name": "netops"}, "classPath": PATH}
    manifest = {
        "apiVersion": "davit.dev/v1alpha1",
        "kind": "JobDefinition",
        "metadata": {"name": "probe"},
        "spec": spec,
    }
    try:
        place.kube.call("POST", path_of("JobDefinition", place.name), manifest, dryRun="All")
    except RefusedError:
        return False
    return True


def test_a_definition_that_is_refused_is_named_hides_no_other_and_is_not_tried_for_ever(
    place: Place,
    refusing: Callable[[], None],
    repository: RemoteRepository,
    node: LogNode,
    audit: AuditLog,
) -> None:
    discovered(place, node, HELLO, OTHER)
    assert reads(place, "netops.other.hello", "Disabled")
    told = becomes(place, "netops", "True", "ProblemsFound", "DiscoveryProblems")
    [problem] = told["status"]["discovery"]["problems"]
    assert (problem["path"], problem["line"]) == ("jobs/hello.py", 3)
    assert 'JobDefinition "netops.hello"' in problem["message"]
    assert "No hello here." in problem["message"]
    # Whatever wakes it: what is missing is known.
    for number in range(5):
        labels = {"metadata": {"labels": {"touched": str(number)}}}
        place.patch("JobRepository", "netops", labels)
    commit = push(place, repository, "x = 5")
    told = discovered(place, node, HELLO, OTHER, commit=commit)
    assert len(told["status"]["discovery"]["problems"]) == 1
    assert creations(audit, place, "pods") == 2
    refusing()
    sync(place, "netops", "it was mended")
    told = discovered(place, node, HELLO, OTHER)
    assert reads(place, "netops.hello", "Disabled")
    gone = "DiscoveryProblems"
    place.until("JobRepository", "netops", lambda r: not condition(r, gone), "has no problem")
    assert creations(audit, place, "pods") == 3
