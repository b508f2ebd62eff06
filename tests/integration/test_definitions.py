"""Definitions over real Git: adopted, duplicated, overridden, uninstalled, and never rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.audit import OPERATOR_USER, WRITES, AuditLog
from tests.integration.kube import Kube, Object, RefusedError, eventually, path_of
from tests.integration.node import LogNode, running_node
from tests.integration.place import Place, condition, phase_of
from tests.integration.repositories import FILES, apply, becomes, creations, sync, trust

from davit_contract import DiscoveryProblem, JobDescription, VariableDescription

pytestmark = pytest.mark.usefixtures("operator")

PATH = "netops.jobs.hello.Hello"
HELLO = JobDescription(
    class_path=PATH,
    name="Hello",
    grouping="Greetings",
    source_path="jobs/hello.py",
    source_line=3,
    variables=[VariableDescription(name="who", type="StringVar", default="World")],
)
OTHER = JobDescription(class_path="netops.jobs.other.Hello", name="Hello", grouping="Greetings")


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LogNode]:
    """Return the node that the discovery pods are bound to."""
    with running_node(plane, kube) as running:
        yield running


@pytest.fixture
def repository(place: Place, git: RunningServer, remote: RemoteRepository) -> RemoteRepository:
    """Return what JobRepository ``netops`` reads, which has one commit and no discovery yet."""
    trust(place, git)
    apply(place, remote)
    return remote


def define(place: Place, name: str, *, path: str = PATH, **spec: Any) -> Object:
    reference = {"repositoryRef": {"name": "netops"}, "classPath": path}
    return place.create("JobDefinition", name, spec={**reference, "enabled": True, **spec})


def discovered(
    place: Place, node: LogNode, *said: JobDescription | DiscoveryProblem | str, commit: str = ""
) -> Object:
    """Have the discovery that is under way find ``said``; return the repository that serves it."""
    pod = place.discovery_pod("netops")
    node.end_discovery(place, pod, *said)
    wanted = len([each for each in said if isinstance(each, JobDescription)])
    found = place.until(
        "JobRepository",
        "netops",
        lambda r: (
            condition(r).get("reason") == "ArtifactServed"
            and r["status"]["discovery"]["definitions"] == wanted
            and commit in r["status"]["artifact"]["commit"]
        ),
        f"serves {wanted} definitions",
    )
    discovering = "davit.dev/component=discovery"
    eventually(lambda: not place.all("Pod", discovering), "the discovery pod is deleted")
    return found


def reads(place: Place, name: str, reason: str) -> Object:
    """Return the definition once its Ready has the reason."""
    return place.until(
        "JobDefinition", name, lambda d: condition(d).get("reason") == reason, f"is {reason}"
    )


def push(place: Place, remote: RemoteRepository, text: str) -> str:
    """Push a commit, ask for it, and return its hash."""
    commit = remote.push({**FILES, "jobs/hello.py": f"{text}\n"})
    sync(place, "netops", text)
    return commit


@pytest.mark.parametrize("definition_first", [True, False], ids=["before", "after"])
def test_a_definition_is_adopted_whether_it_is_applied_before_or_after_its_repository(
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    node: LogNode,
    *,
    definition_first: bool,
) -> None:
    trust(place, git)
    steps: list[Callable[[], object]] = [
        lambda: define(place, "my-hello"),
        lambda: apply(place, remote),
    ]
    for step in steps if definition_first else reversed(steps):
        step()
    discovered(place, node, HELLO)
    adopted = reads(place, "my-hello", "Enabled")
    assert adopted["status"]["name"] == "Hello"
    assert [each["metadata"]["name"] for each in place.all("JobDefinition")] == ["my-hello"]


@pytest.mark.usefixtures("repository")
def test_the_operator_never_writes_the_spec_of_a_definition(
    place: Place, remote: RemoteRepository, node: LogNode, audit: AuditLog
) -> None:
    mine = define(place, "my-hello", overrides={"name": "Hi"}, startDeadlineSeconds=77)
    discovered(place, node, HELLO, OTHER)
    reads(place, "my-hello", "Enabled")
    commit = push(place, remote, "x = 2")
    discovered(place, node, commit=commit)
    kept = reads(place, "my-hello", "NotInstalled")
    assert (kept["spec"], kept["metadata"]["generation"]) == (mine["spec"], 1)
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    writes = {c.what for c in calls if c.resource == "jobdefinitions" and c.verb in WRITES}
    assert writes == {"create jobdefinitions", "update jobdefinitions/status"}
    [created] = [d for d in place.all("JobDefinition") if d["metadata"]["name"] != "my-hello"]
    assert created["metadata"]["name"] == "netops.hello"
    assert created["spec"]["enabled"] is False
    managers = kept["metadata"]["managedFields"]
    fields = {entry.get("subresource", ""): entry["fieldsV1"] for entry in managers}
    assert sorted(fields) == ["", "status"]
    assert list(fields["status"]) == ["f:status"]


@pytest.mark.usefixtures("repository")
def test_of_two_definitions_of_one_class_the_older_stands_until_it_is_deleted(
    place: Place, node: LogNode, audit: AuditLog
) -> None:
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    reads(place, "netops.hello", "Enabled")
    # Creation times are whole seconds: of one second the first by name stands.
    define(place, "zz-my-hello")
    duplicate = reads(place, "zz-my-hello", "Duplicate")
    assert condition(duplicate)["status"] == "False"
    assert 'JobDefinition "netops.hello" is older' in condition(duplicate)["message"]
    place.run("refused", "zz-my-hello")
    refused = place.ended("refused")
    assert (phase_of(refused), condition(refused)["reason"]) == ("Rejected", "Duplicate")
    assert 'the older JobDefinition "netops.hello"' in condition(refused)["message"]
    discovered(place, node, HELLO)
    assert condition(reads(place, "zz-my-hello", "Duplicate"))
    assert condition(place.get("JobDefinition", "netops.hello"))["reason"] == "Enabled"
    place.delete("JobDefinition", "netops.hello")
    heir = reads(place, "zz-my-hello", "Enabled")
    assert heir["status"]["installed"] is True
    place.run("accepted", "zz-my-hello")
    assert place.pod_of("accepted")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    ours = [call for call in calls if call.name == "zz-my-hello" and call.code == 200]
    # Duplicate, discovered, heir: nobody argues.
    assert 0 < len([call for call in ours if call.what == "update jobdefinitions/status"]) <= 3


@pytest.mark.usefixtures("repository")
def test_overrides_are_in_force_at_once_and_gone_when_they_are_taken_back(
    place: Place, node: LogNode
) -> None:
    discovered(place, node, HELLO)

    def overridden(changes: dict[str, Any], *expected: object) -> None:
        spec = {"enabled": True, "overrides": changes}
        place.patch("JobDefinition", "netops.hello", {"spec": spec})
        place.until("JobDefinition", "netops.hello", lambda d: shown(d) == expected, "follows")

    def shown(definition: Object) -> tuple[object, ...]:
        status = definition["status"]
        sensitive = status["variables"][0]["sensitive"]
        effective = status["effective"]
        return effective["name"], effective["isSingleton"], status["name"], sensitive

    overridden({"name": "Hi", "isSingleton": True}, "Hi", True, "Hello", False)
    overridden({"hasSensitiveVariables": True}, "Hi", True, "Hello", True)
    place.run("secret", "netops.hello", who="Ada")
    refused = place.ended("secret")
    assert condition(refused)["reason"] == "InvalidInputs"
    assert "It is sensitive" in condition(refused)["message"]
    nothing = {"name": None, "isSingleton": None, "hasSensitiveVariables": None}
    overridden(nothing, "Hello", False, "Hello", False)


@pytest.mark.usefixtures("repository")
def test_a_repository_that_is_deleted_and_returns_finds_its_definitions_again(
    place: Place, remote: RemoteRepository, node: LogNode
) -> None:
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    before = reads(place, "netops.hello", "Enabled")
    assert "ownerReferences" not in before["metadata"]
    place.delete("JobRepository", "netops")
    gone = reads(place, "netops.hello", "NotInstalled")
    assert gone["status"]["installed"] is False
    assert gone["status"]["commit"] == before["status"]["commit"]
    apply(place, remote)
    discovered(place, node, HELLO)
    after = reads(place, "netops.hello", "Enabled")
    assert after["status"]["installed"] is True
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"] == before["spec"]


@pytest.mark.usefixtures("repository")
def test_a_class_that_was_renamed_is_another_definition_and_the_history_of_the_old_one_stays(
    place: Place, remote: RemoteRepository, node: LogNode
) -> None:
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    place.run("history", "netops.hello")
    place.finish("history")
    place.ended("history")
    discovered(place, node, OTHER, commit=push(place, remote, "x = 3"))
    assert reads(place, "netops.hello", "NotInstalled")["spec"]["enabled"] is True
    assert reads(place, "netops.other.hello", "Disabled")["status"]["name"] == "Hello"
    assert phase_of(place.get("JobRun", "history")) == "Succeeded"
    place.run("late", "netops.hello")
    assert condition(place.ended("late"))["reason"] == "NotInstalled"
    discovered(place, node, HELLO, OTHER, commit=push(place, remote, "x = 4"))
    assert reads(place, "netops.hello", "Enabled")["status"]["installed"] is True


@pytest.mark.usefixtures("repository")
def test_a_definition_that_is_deleted_comes_back_disabled_and_under_its_name(
    place: Place, node: LogNode
) -> None:
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    first = reads(place, "netops.hello", "Enabled")
    place.delete("JobDefinition", "netops.hello")
    discovered(place, node, HELLO)
    again = reads(place, "netops.hello", "Disabled")
    assert again["metadata"]["uid"] != first["metadata"]["uid"]


@pytest.mark.usefixtures("repository")
def test_a_definition_takes_no_code_of_another_namespace(
    place: Place, other_place: Place, node: LogNode
) -> None:
    define(other_place, "thief")
    discovered(place, node, HELLO)
    other_place.run("stolen", "thief")
    waiting = other_place.phase("stolen", "Pending")
    assert condition(waiting)["reason"] == "NotDiscovered"
    assert "installed" not in (other_place.get("JobDefinition", "thief").get("status") or {})
    assert not other_place.all("Pod")


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


@pytest.mark.usefixtures("repository")
def test_discovery_pods_have_no_network(place: Place, node: LogNode) -> None:
    pod = place.discovery_pod("netops")
    [policy] = place.all("NetworkPolicy")
    spec = policy["spec"]
    assert spec["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
    assert {"ingress", "egress"}.isdisjoint(spec)
    assert "ownerReferences" not in policy["metadata"]
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    place.run("free", "netops.hello")
    labels = place.pod_of("free")["metadata"]["labels"]
    assert not spec["podSelector"]["matchLabels"].items() <= labels.items()


def test_a_network_policy_that_stands_there_is_left_as_it_is(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    content = {"podSelector": {"matchLabels": {"app": "mine"}}, "policyTypes": ["Ingress"]}
    policy = place.create("NetworkPolicy", "davit-discovery", spec=content)
    trust(place, git)
    apply(place, remote)
    assert place.discovery_pod("netops")
    assert place.get("NetworkPolicy", "davit-discovery")["metadata"] == policy["metadata"]


@pytest.mark.usefixtures("repository")
def test_what_cannot_be_read_of_a_discovery_is_a_problem_beside_the_others(
    place: Place, node: LogNode
) -> None:
    broken = DiscoveryProblem(path="jobs/broken.py", line=7, message="SyntaxError: " + "x" * 900)
    odd = '{"version": 1, "class_path": "netops.jobs.odd.Odd", "source_path": "jobs/odd.py"}'
    served = discovered(place, node, HELLO, broken, odd)
    problems = served["status"]["discovery"]["problems"]
    assert problems[0] == {"path": "jobs/broken.py", "line": 7, "message": broken.message}
    assert problems[1]["path"] == "jobs/odd.py"
    assert "netops.jobs.odd.Odd" in problems[1]["message"]
    assert becomes(place, "netops", "True", "ProblemsFound", "DiscoveryProblems")
    assert reads(place, "netops.hello", "Disabled")
