"""Definitions whose repository, class or object goes, and comes back."""

from __future__ import annotations

import pytest
from tests.gitserver.running import RemoteRepository
from tests.integration.discoveries import HELLO, OTHER, discovered, push, reads
from tests.integration.node import LogNode
from tests.integration.place import Place, condition, phase_of
from tests.integration.repositories import apply

pytestmark = pytest.mark.usefixtures("operator")


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
