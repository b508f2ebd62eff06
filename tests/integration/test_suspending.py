"""Runs that wait because somebody wants them to: a user, or a queue of Kueue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.kube import RefusedError, eventually
from tests.integration.place import Place, condition, phase_of

from davit_operator.handlers.clock import now
from davit_operator.plan.times import parse_time

pytestmark = pytest.mark.usefixtures("operator")

QUEUE = {"kueue.x-k8s.io/queue-name": "team-a", "kueue.x-k8s.io/priority-class": "high"}


def suspended(place: Place, name: str = "ada", **spec: Any) -> None:
    place.create("JobRun", name, spec={"definitionRef": {"name": "hello"}, "suspend": True, **spec})
    place.until(
        "JobRun", name, lambda run: condition(run).get("reason") == "Suspended", "is suspended"
    )


def test_a_suspended_run_starts_when_it_is_resumed(place: Place) -> None:
    place.installed()
    suspended(place)
    assert phase_of(place.get("JobRun", "ada")) == "Pending"
    assert not place.batch_jobs_of("ada")
    place.patch("JobRun", "ada", {"spec": {"suspend": False}})
    assert place.pod_of("ada")
    place.start("ada")
    place.finish("ada")
    place.phase("ada", "Succeeded")


def test_the_wait_for_a_definition_does_not_run_while_suspended(place: Place) -> None:
    suspended(place)
    found = place.get("JobRun", "ada")
    assert condition(found, "Reconciling") == {}
    place.patch("JobRun", "ada", {"spec": {"suspend": False}})
    found = place.until(
        "JobRun", "ada", lambda run: condition(run).get("reason") == "DefinitionNotFound", "waits"
    )
    assert condition(found, "Reconciling")["status"] == "True"
    place.installed()
    assert place.pod_of("ada")


def test_a_suspended_run_can_be_cancelled(place: Place) -> None:
    place.installed()
    suspended(place)
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    found = place.phase("ada", "Cancelled")
    assert found["status"]["cancellation"]["end"] == "NotStarted"


def test_a_run_that_was_started_cannot_be_suspended(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    with pytest.raises(RefusedError, match="cannot be suspended"):
        place.patch("JobRun", "ada", {"spec": {"suspend": True}})


@pytest.mark.parametrize(
    "change",
    [{"cancel": True}, {"suspend": True}, {"ttlSecondsAfterFinished": 5}],
    ids=lambda change: next(iter(change)),
)
def test_a_run_that_has_ended_stays_as_it_is(place: Place, change: dict[str, Any]) -> None:
    place.installed(enabled=False)
    place.run("ada")
    place.phase("ada", "Rejected")
    with pytest.raises(RefusedError, match="the run has ended"):
        place.patch("JobRun", "ada", {"spec": change})


def queued(place: Place) -> None:
    spec = {"definitionRef": {"name": "hello"}}
    place.create("JobRun", "ada", metadata={"labels": QUEUE}, spec=spec)


def test_a_run_of_kueue_starts_when_its_queue_admits_it(place: Place) -> None:
    place.installed()
    queued(place)
    found = place.phase("ada", "Queued")
    assert condition(found)["reason"] == "Queued"
    assert 'LocalQueue "team-a"' in condition(found)["message"]
    [job] = place.batch_jobs_of("ada")
    assert job["spec"]["suspend"] is True
    assert QUEUE.items() <= job["metadata"]["labels"].items()
    assert not place.all("Pod")
    place.patch("Job", job["metadata"]["name"], {"spec": {"suspend": False}})
    place.start("ada")
    place.phase("ada", "Running")
    place.finish("ada")
    place.phase("ada", "Succeeded")


def test_the_start_deadline_does_not_run_while_kueue_has_not_admitted_a_run(place: Place) -> None:
    place.installed(startDeadlineSeconds=1)
    queued(place)
    place.phase("ada", "Queued")
    [job] = place.batch_jobs_of("ada")
    created = parse_time(job["metadata"]["creationTimestamp"])
    eventually(lambda: now() > created + timedelta(seconds=3), "the deadline would be over")
    # The operator looks at it once more.
    place.patch("Job", job["metadata"]["name"], {"metadata": {"annotations": {"looked": "at"}}})
    place.patch("JobRun", "ada", {"metadata": {"annotations": {"looked": "at"}}})
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    found = place.phase("ada", "Cancelled")
    assert found["status"]["cancellation"]["end"] == "NotStarted"


def test_what_kueue_puts_back_after_it_began_is_not_run_again(place: Place) -> None:
    place.installed()
    queued(place)
    place.phase("ada", "Queued")
    [job] = place.batch_jobs_of("ada")
    name = job["metadata"]["name"]
    place.patch("Job", name, {"spec": {"suspend": False}})
    place.start("ada")
    place.phase("ada", "Running")
    place.patch("Job", name, {"spec": {"suspend": True}})
    found = place.ended("ada")
    assert condition(found)["reason"] == "Preempted"
    eventually(lambda: place.find("Job", name) is None, "the batch Job is gone")


def test_a_run_overrides_what_its_definition_allows(place: Place) -> None:
    place.installed(allowedOverrides=["timeLimitSeconds", "resources", "logLevel"])
    overrides = {
        "timeLimitSeconds": 42,
        "logLevel": "WARNING",
        "resources": {"limits": {"memory": "1Gi"}},
    }
    spec = {"definitionRef": {"name": "hello"}, "overrides": overrides}
    place.create("JobRun", "ada", spec=spec)
    pod = place.pod_of("ada")
    request = pod["metadata"]["annotations"]["davit.dev/request"]
    assert '"time_limit_seconds":42' in request
    assert '"log_level":"WARNING"' in request
    assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "1Gi"


def test_a_run_that_overrides_what_is_not_allowed_is_rejected(place: Place) -> None:
    place.installed(allowedOverrides=["logLevel"])
    spec = {"definitionRef": {"name": "hello"}, "overrides": {"timeLimitSeconds": 42}}
    place.create("JobRun", "ada", spec=spec)
    found = place.ended("ada")
    assert condition(found)["reason"] == "OverrideNotAllowed"
    assert "timeLimitSeconds" in condition(found)["message"]
    assert 'allowedOverrides of JobDefinition "hello"' in condition(found)["message"]
