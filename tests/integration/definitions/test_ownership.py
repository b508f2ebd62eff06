"""Definitions over real Git: adopted, duplicated, overridden, and never rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.audit import OPERATOR_USER, WRITES, AuditLog
from tests.integration.discoveries import HELLO, OTHER, define, discovered, push, reads
from tests.integration.kube import Object
from tests.integration.node import LogNode
from tests.integration.place import Place, condition, phase_of
from tests.integration.repositories import apply, trust

pytestmark = pytest.mark.usefixtures("operator")


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
