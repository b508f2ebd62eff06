"""Runs of a definition that has room for few."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import eventually
from tests.integration.place import Place, condition, phase_of
from tests.integration.running import OperatorThread

from davit_contract import OutcomeReason

pytestmark = pytest.mark.usefixtures("operator")


def queueing(place: Place, policy: str = "Queue", limit: int = 1, **spec: Any) -> None:
    place.installed(concurrency={"policy": policy, "limit": limit}, **spec)


def names_with_pods(place: Place) -> set[str]:
    owners = {job["metadata"]["name"]: job for job in place.all("Job")}
    makers = (pod["metadata"]["labels"]["job-name"] for pod in place.all("Pod"))
    return {owners[maker]["metadata"]["ownerReferences"][0]["name"] for maker in makers}


def test_a_queue_starts_one_after_another_first_come_first_served(place: Place) -> None:
    queueing(place)
    names = ["run-a", "run-b", "run-c"]
    for name in names:
        place.run(name)
        place.until("JobRun", name, phase_of, "is seen")
    for at, name in enumerate(names):
        place.start(name)
        place.phase(name, "Running")
        assert names_with_pods(place) == set(names[: at + 1])
        for waiting in names[at + 1 :]:
            assert phase_of(place.get("JobRun", waiting)) == "Queued"
        place.finish(name)
        place.phase(name, "Succeeded")


def test_a_run_says_behind_whom_it_waits_and_says_it_once(place: Place, audit: AuditLog) -> None:
    queueing(place)
    place.run("first")
    place.start("first")
    place.phase("first", "Running")
    place.run("second")
    queued = place.phase("second", "Queued")
    assert condition(queued)["reason"] == "Queued"
    assert 'behind JobRun "first"' in condition(queued)["message"]
    place.run("third")
    place.phase("third", "Queued")
    for name in ("first", "second", "third"):
        place.start(name)
        place.phase(name, "Running")
        place.finish(name)
        place.phase(name, "Succeeded")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    written = [c for c in calls if c.what == "update jobruns/status" and c.name == "third"]
    # Queued, Running, Succeeded.
    assert len([call for call in written if call.code == 200]) == 3


def test_a_queue_with_room_for_two_has_two_at_once(place: Place) -> None:
    queueing(place, limit=2)
    for name in ("run-a", "run-b", "run-c"):
        place.run(name)
        place.until("JobRun", name, phase_of, "is seen")
    for name in ("run-a", "run-b"):
        place.start(name)
        place.phase(name, "Running")
    assert phase_of(place.get("JobRun", "run-c")) == "Queued"
    place.finish("run-b")
    place.start("run-c")
    place.phase("run-c", "Running")
    assert phase_of(place.get("JobRun", "run-a")) == "Running"


def test_a_second_run_of_a_singleton_is_rejected_with_nautobots_sentence(place: Place) -> None:
    place.installed()
    place.discover("hello", isSingleton=True)
    place.until("JobDefinition", "hello", lambda d: d["status"].get("isSingleton"), "is one")
    place.run("first")
    place.start("first")
    place.phase("first", "Running")
    place.run("second")
    found = place.ended("second")
    assert phase_of(found) == "Rejected"
    assert condition(found)["reason"] == "AlreadyRunning"
    message = condition(found)["message"]
    assert "Job 'Hello' is a singleton and already running." in message
    assert 'JobRun "first"' in message
    place.finish("first")
    place.phase("first", "Succeeded")
    place.run("third")
    assert place.pod_of("third")


def test_a_newer_run_takes_the_place_of_the_oldest(place: Place) -> None:
    queueing(place, "Replace")
    place.run("old")
    place.start("old")
    place.phase("old", "Running")
    # Whatever their names and seconds are.
    place.run("new")
    pod = place.pod_of("old")
    told = place.until(
        "Pod",
        pod["metadata"]["name"],
        lambda pod: "davit.dev/cancel" in pod["metadata"]["annotations"],
        "is told to end",
    )
    assert told["metadata"]["annotations"]["davit.dev/cancel"].endswith(" new")
    assert phase_of(place.phase("new", "Queued")) == "Queued"
    place.finish("old", reason=OutcomeReason.CANCELLED)
    old = place.phase("old", "Cancelled")
    assert condition(old)["reason"] == "Replaced"
    assert 'JobRun "new"' in condition(old)["message"]
    assert place.pod_of("new")


def test_a_run_that_could_not_start_takes_nobodys_place(place: Place) -> None:
    queueing(place, "Replace")
    place.run("old")
    place.start("old")
    place.phase("old", "Running")
    place.run("wrong", whom="Ada")
    assert condition(place.ended("wrong"))["reason"] == "InvalidInputs"
    pod = place.pod_of("old")
    assert "davit.dev/cancel" not in pod["metadata"]["annotations"]
    assert phase_of(place.get("JobRun", "old")) == "Running"


def test_a_run_that_leaves_the_queue_lets_the_next_one_pass(place: Place) -> None:
    queueing(place)
    place.run("first")
    place.start("first")
    place.phase("first", "Running")
    for name in ("second", "third"):
        place.run(name)
        place.phase(name, "Queued")
    place.patch("JobRun", "second", {"spec": {"cancel": True}})
    found = place.phase("second", "Cancelled")
    assert found["status"]["cancellation"]["end"] == "NotStarted"
    place.finish("first")
    assert place.pod_of("third")
    assert not place.batch_jobs_of("second")


def test_a_pod_that_is_left_of_a_deleted_run_keeps_its_slot_until_it_is_gone(place: Place) -> None:
    queueing(place)
    place.run("first")
    pod = place.hold(place.start("first"))
    place.phase("first", "Running")
    place.run("second")
    place.phase("second", "Queued")
    place.delete("JobRun", "first")
    place.until(
        "Pod",
        pod["metadata"]["name"],
        lambda pod: "deletionTimestamp" in pod["metadata"],
        "is being deleted",
    )
    place.run("third")
    place.phase("third", "Queued")
    assert not place.batch_jobs_of("second")
    place.let_go(pod)
    assert place.pod_of("second")


def test_more_room_lets_those_in_who_wait(place: Place) -> None:
    queueing(place)
    for name in ("run-a", "run-b"):
        place.run(name)
        place.until("JobRun", name, phase_of, "is seen")
    place.start("run-a")
    place.phase("run-b", "Queued")
    place.patch("JobDefinition", "hello", {"spec": {"concurrency": {"limit": 2}}})
    assert place.pod_of("run-b")


def test_a_new_operator_finds_the_queue_as_it_was(operators: OperatorThread, place: Place) -> None:
    queueing(place)
    place.run("first")
    place.start("first")
    place.phase("first", "Running")
    place.run("second")
    place.phase("second", "Queued")
    operators.stop()
    place.run("third")
    operators.start()
    place.phase("third", "Queued")
    assert not place.batch_jobs_of("second")
    place.finish("first")
    assert place.pod_of("second")
    eventually(lambda: phase_of(place.get("JobRun", "second")) != "Queued", "second has its turn")
    assert not place.batch_jobs_of("third")
