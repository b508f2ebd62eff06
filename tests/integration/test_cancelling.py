"""A run can be cancelled wherever it stands, and says who did it, when, and how that went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.integration import kubelet
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition, phase_of

from davit_contract import ErrorInfo, OutcomeReason

pytestmark = pytest.mark.usefixtures("operator")

QUEUE = {"kueue.x-k8s.io/queue-name": "team-a"}
LONG = {"limit": 1, "backoffSeconds": 3_600, "maxBackoffSeconds": 3_600}
RAISED = ErrorInfo(type="ValueError", message="no such VLAN")


def reason_of(run: Object) -> str:
    return str(condition(run).get("reason", ""))


def without_definition(place: Place) -> None:
    place.run("ada")


def suspended(place: Place) -> None:
    place.installed()
    place.create("JobRun", "ada", spec={"definitionRef": {"name": "hello"}, "suspend": True})


def behind_another(place: Place) -> None:
    place.installed(concurrency={"policy": "Queue"})
    place.run("first")
    place.start("first")
    place.phase("first", "Running")
    place.run("ada")


def in_a_queue_of_kueue(place: Place) -> None:
    place.installed()
    metadata = {"labels": QUEUE}
    place.create("JobRun", "ada", metadata=metadata, spec={"definitionRef": {"name": "hello"}})


def without_room(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.set_pod(place.pod_of("ada"), kubelet.unschedulable("0/1 nodes are available."))


def between_attempts(place: Place) -> None:
    place.installed(retries=LONG)
    place.run("ada")
    place.start("ada")
    place.finish("ada", reason=OutcomeReason.JOB_FAILED, error=RAISED)


@pytest.mark.parametrize(
    ("begun", "waits_for"),
    [
        (without_definition, "DefinitionNotFound"),
        (suspended, "Suspended"),
        (behind_another, "Queued"),
        (in_a_queue_of_kueue, "Queued"),
        (without_room, "Unschedulable"),
        (between_attempts, "RetryPending"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_run_that_waits_ends_at_once(
    place: Place, begun: Callable[[Place], None], waits_for: str
) -> None:
    begun(place)
    place.until("JobRun", "ada", lambda run: reason_of(run) == waits_for, f"waits: {waits_for}")
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    found = place.phase("ada", "Cancelled")
    assert reason_of(found) == "Cancelled"
    assert found["status"]["cancellation"]["end"] == "NotStarted"
    assert found["status"]["cancellation"]["requestedAt"]

    def nothing_lives() -> bool:
        jobs = [job for job in place.batch_jobs_of("ada") if not job["status"].get("conditions")]
        return not jobs

    eventually(nothing_lives, "no batch Job of it lives")


def running(place: Place, **spec: Any) -> Object:
    place.installed(**spec)
    place.run("ada")
    pod = place.start("ada")
    place.phase("ada", "Running")
    return pod


def test_a_job_that_ends_when_it_is_told_is_cancelled_gracefully(place: Place) -> None:
    pod = running(place)
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    found = place.until("JobRun", "ada", lambda run: reason_of(run) == "Cancelling", "is told")
    assert "end" not in found["status"]["cancellation"]
    told = place.get("Pod", pod["metadata"]["name"])["metadata"]["annotations"]["davit.dev/cancel"]
    assert found["status"]["cancellation"]["requestedAt"]
    place.finish("ada", reason=OutcomeReason.CANCELLED)
    found = place.phase("ada", "Cancelled")
    assert found["status"]["cancellation"]["end"] == "Graceful"
    assert found["status"]["cancellation"]["requestedAt"] == told


def test_a_job_that_does_not_end_is_killed_when_its_grace_is_over(place: Place) -> None:
    pod = running(place, cancelGraceSeconds=1)
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    # A pod without node is gone at once.
    found = place.phase("ada", "Cancelled")
    assert found["status"]["cancellation"]["end"] == "Forced"
    eventually(lambda: place.find("Pod", pod["metadata"]["name"]) is None, "its pod is gone")


def test_a_cancel_that_comes_too_late_is_recorded_as_such(place: Place) -> None:
    running(place)
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    place.until("JobRun", "ada", lambda run: reason_of(run) == "Cancelling", "is told")
    place.finish("ada")
    found = place.phase("ada", "Succeeded")
    assert found["status"]["cancellation"]["end"] == "TooLate"


def test_to_cancel_twice_is_to_cancel_once(place: Place, audit: AuditLog) -> None:
    running(place)
    for _ in range(2):
        place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    place.until("JobRun", "ada", lambda run: reason_of(run) == "Cancelling", "is told")
    place.patch("JobRun", "ada", {"metadata": {"annotations": {"touched": "again"}}})
    place.finish("ada", reason=OutcomeReason.CANCELLED)
    assert phase_of(place.phase("ada", "Cancelled")) == "Cancelled"
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    assert [call.what for call in calls if call.what == "patch pods"] == ["patch pods"]
