"""Which runs start: the checks before a batch Job exists."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.integration.kube import eventually
from tests.integration.place import CLASS_PATH, Place, condition, phase_of

pytestmark = pytest.mark.usefixtures("operator")


def rejected(place: Place, run: str, reason: str) -> str:
    """Return the message of a run that was rejected for ``reason``, and for nothing else."""
    found = place.ended(run)
    assert phase_of(found) == "Rejected"
    for kind, status in (
        ("Ready", "False"),
        ("Stalled", "True"),
        ("Finished", "True"),
        ("Succeeded", "False"),
        ("Failed", "True"),
    ):
        assert condition(found, kind)["status"] == status
        assert condition(found, kind)["reason"] == reason
    assert not place.batch_jobs_of(run)
    message: str = condition(found)["message"]
    assert found["status"]["error"]["message"] == message
    return message


def test_a_run_waits_for_its_definition_and_then_starts(place: Place) -> None:
    place.run("early")
    waiting = place.phase("early", "Pending")
    assert condition(waiting)["reason"] == "DefinitionNotFound"
    assert "spec.definitionRef.name" in condition(waiting)["message"]
    assert condition(waiting, "Reconciling")["status"] == "True"
    place.installed()
    place.start("early")
    place.phase("early", "Running")


def test_a_run_waits_for_the_discovery_of_its_definition(place: Place) -> None:
    spec = {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH, "enabled": True}
    place.create("JobDefinition", "hello", spec=spec)
    place.run("early")
    waiting = place.phase("early", "Pending")
    assert condition(waiting)["reason"] == "NotDiscovered"
    assert 'JobRepository "netops"' in condition(waiting)["message"]
    place.discover("hello")
    source = {"git": {"url": "https://git.example.com/netops/jobs.git"}}
    place.create("JobRepository", "netops", spec={"source": source, "suspend": True})
    assert place.pod_of("early")


def test_a_definition_that_is_never_discovered_rejects_at_the_deadline(place: Place) -> None:
    reference = {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH}
    place.create("JobDefinition", "hello", spec={**reference, "startDeadlineSeconds": 1})
    place.run("patient")
    assert "is Ready" in rejected(place, "patient", "NotDiscovered")


def test_a_disabled_definition_rejects_with_object_and_field(place: Place) -> None:
    place.installed(enabled=False)
    place.run("ada")
    message = rejected(place, "ada", "Disabled")
    assert 'JobDefinition "hello"' in message
    assert "spec.enabled to true" in message


def test_a_class_that_left_the_commit_rejects(place: Place) -> None:
    place.installed()
    place.discover("hello", installed=False)
    place.run("ada")
    message = rejected(place, "ada", "NotInstalled")
    assert CLASS_PATH in message
    assert 'JobRepository "netops"' in message


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"whom": "Ada"}, 'Variable "whom" is unknown. The job\'s variables: who.'),
        ({"who": ""}, 'Variable "who": This field is required.'),
        ({"who": "A" * 65 * 1024}, "at most 65,536 are accepted"),
    ],
    ids=["a name that is unknown", "an empty value", "65 KiB"],
)
def test_inputs_that_do_not_fit_reject(place: Place, inputs: dict[str, Any], message: str) -> None:
    place.installed()
    place.run("ada", **inputs)
    assert message in rejected(place, "ada", "InvalidInputs")


def test_a_rejected_run_stays_rejected(place: Place) -> None:
    place.installed(enabled=False)
    place.run("early")
    before = place.ended("early")
    place.patch("JobDefinition", "hello", {"spec": {"enabled": True}})
    place.run("late")
    assert place.pod_of("late")
    assert place.get("JobRun", "early")["status"] == before["status"]


def test_a_run_right_after_enabling_never_loses_the_race(place: Place) -> None:
    place.installed()
    for number in range(25):
        place.patch("JobDefinition", "hello", {"spec": {"enabled": False}})
        # The operator has seen it, and must not believe that now.
        place.until(
            "JobDefinition", "hello", lambda d: condition(d).get("reason") == "Disabled", "is off"
        )
        place.patch("JobDefinition", "hello", {"spec": {"enabled": True}})
        place.run(f"quick-{number}")
        # Else the next turn would disable what this run still waits for.
        eventually(partial(place.batch_jobs_of, f"quick-{number}"), "it is started")


def test_a_definition_created_with_its_run_never_loses_the_race(place: Place) -> None:
    place.installed("first")
    for number in range(10):
        place.run(f"quick-{number}", f"new-{number}")
        place.installed(f"new-{number}")
    for number in range(10):
        assert place.pod_of(f"quick-{number}")


def test_a_definition_says_whether_it_is_enabled(place: Place) -> None:
    place.installed(enabled=False)

    def reason() -> str:
        found = condition(place.get("JobDefinition", "hello"))
        return f"{found.get('status')} {found.get('reason')}"

    eventually(lambda: reason() == "True Disabled", "a disabled definition is healthy")
    place.patch("JobDefinition", "hello", {"spec": {"enabled": True}})
    eventually(lambda: reason() == "True Enabled", "the condition follows the spec")
