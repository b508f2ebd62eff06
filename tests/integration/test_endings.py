"""How runs end, with the control plane's own Job controller and a kubelet that the test plays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.integration import kubelet
from tests.integration.audit import OPERATOR_USER, READS, WRITES, AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import COMMIT, DIGEST, Place, condition, phase_of
from tests.integration.running import RUNNER_IMAGE

from davit_contract import ErrorInfo, OutcomeReason

pytestmark = pytest.mark.usefixtures("operator")


def succeeded(place: Place, run: str) -> Object:
    """Have a run start and succeed; return it."""
    place.run(run, who="Ada")
    place.start(run)
    place.phase(run, "Running")
    place.finish(run)
    return place.phase(run, "Succeeded")


def failed(place: Place, run: str, reason: str) -> Object:
    """Return a run that failed for ``reason``, and for nothing else."""
    found = place.ended(run)
    assert phase_of(found) == "Failed"
    assert {
        each["type"]: (each["status"], each["reason"]) for each in found["status"]["conditions"]
    } == {
        "Ready": ("False", reason),
        "Stalled": ("True", reason),
        "Finished": ("True", reason),
        "Succeeded": ("False", reason),
        "Failed": ("True", reason),
    }
    assert found["status"]["error"]["reason"] == reason
    assert found["status"]["error"]["remedy"]
    return found


def test_a_successful_run_costs_few_writes_and_no_reads(place: Place, audit: AuditLog) -> None:
    place.installed()
    succeeded(place, "ada")
    # Whatever comes late comes before the end of a second run.
    succeeded(place, "bob")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    for run in ("ada", "bob"):
        batch_job = place.batch_jobs_of(run)[0]["metadata"]["name"]
        writes = [c for c in calls if c.verb in WRITES and c.name in {run, batch_job}]
        statuses = [call for call in writes if call.resource == "jobruns"]
        assert [call.what for call in writes if call.resource == "jobs"] == ["create jobs"]
        assert {call.what for call in statuses} == {"update jobruns/status"}
        assert len(writes) <= 4
        assert {call.code for call in writes} == {200, 201}
    logs = [c for c in calls if c.subresource == "log"]
    assert [c.what for c in calls if c.verb in READS and c not in logs] == []


def test_a_terminal_status_is_written_once(place: Place, audit: AuditLog) -> None:
    place.installed()
    first = succeeded(place, "ada")
    place.patch("JobRun", "ada", {"metadata": {"labels": {"touched": "true"}}})
    place.delete("Job", first["status"]["attempts"][0]["batchJob"])
    succeeded(place, "bob")
    assert place.get("JobRun", "ada")["status"] == first["status"]
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    assert [call.code for call in calls if call.name == "ada" and call.verb in WRITES] == [200, 200]


def test_a_run_that_said_nothing_ends_without_a_look_at_its_log(
    place: Place, audit: AuditLog
) -> None:
    place.installed()
    place.run("ada")
    place.finish("ada")
    place.phase("ada", "Succeeded")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    assert [call.what for call in calls if call.subresource == "log"] == []


def test_a_run_ends_though_its_log_cannot_be_read(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.finish("ada", last_sequence=7)
    status = place.phase("ada", "Succeeded")["status"]
    assert status["log"]["incomplete"] is True
    assert status["log"]["counts"]["info"] == 7
    assert status["startedAt"] == "2026-11-22T06:30:00.500000Z"
    assert status["durationSeconds"] == 1.25
    assert status["definition"]["commit"] == COMMIT
    assert {c["type"]: c["status"] for c in status["conditions"]} == {
        "Ready": "True",
        "Finished": "True",
        "Succeeded": "True",
        "Failed": "False",
    }


def test_the_batch_job_is_what_the_cluster_needs(place: Place) -> None:
    definition = place.installed(runner={"podLabels": {"team": "net"}})
    run = place.run("ada.lovelace", who="Ada")
    pod = place.pod_of("ada.lovelace")
    batch_job = place.batch_jobs_of("ada.lovelace")[0]
    assert batch_job["metadata"]["name"].startswith("ada-lovelace-")
    assert batch_job["metadata"]["name"].endswith("-1")
    assert batch_job["spec"]["backoffLimit"] == 0
    owner = batch_job["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["uid"], owner["controller"]) == (
        "JobRun",
        run["metadata"]["uid"],
        True,
    )
    labels = pod["metadata"]["labels"]
    assert labels["davit.dev/component"] == "run"
    assert labels["davit.dev/definition-uid"] == definition["metadata"]["uid"]
    assert labels["team"] == "net"
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["restartPolicy"] == "Never"
    assert not any("serviceAccountToken" in json.dumps(volume) for volume in spec["volumes"])
    container = spec["containers"][0]
    assert container["image"] == RUNNER_IMAGE
    assert "env" not in container
    assert "Ada" not in json.dumps(container)
    request = json.loads(pod["metadata"]["annotations"]["davit.dev/request"])
    assert request["inputs"] == {"who": "Ada"}
    assert (request["commit"], request["artifact_digest"]) == (COMMIT, DIGEST)


def test_pods_are_admitted_where_the_profile_restricted_is_enforced(place: Place) -> None:
    place.installed()
    succeeded(place, "ada")
    reasons = {event["reason"] for event in place.all("Event")}
    assert "SuccessfulCreate" in reasons
    assert "FailedCreate" not in reasons


def test_a_failed_job_says_what_it_raised(place: Place) -> None:
    place.installed()
    place.run("ada")
    raised = ErrorInfo(type="ValueError", message="no such VLAN", traceback="Traceback ...")
    place.finish("ada", reason=OutcomeReason.JOB_FAILED, error=raised)
    error = failed(place, "ada", "JobFailed")["status"]["error"]
    assert (error["type"], error["message"], error["traceback"]) == (
        "ValueError",
        "no such VLAN",
        "Traceback ...",
    )


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (kubelet.terminated(137, "OOMKilled"), "OutOfMemory", "limits.memory"),
        (kubelet.evicted("The node was low on disk."), "Evicted", "low on disk"),
        (kubelet.terminated(139, "Error"), "OutcomeLost", "signal 11"),
        (kubelet.terminated(0, "Completed", "no outcome"), "OutcomeLost", "exit code 0"),
        (kubelet.terminated(1, "Error", '{"version": 99}'), "OutcomeLost", "exit code 1"),
    ],
    ids=["out of memory", "evicted", "killed", "silent", "garbled"],
)
def test_a_pod_that_ends_without_outcome_fails_with_the_cause(
    place: Place, status: dict[str, Any], reason: str, words: str
) -> None:
    place.installed()
    place.run("ada")
    place.set_pod(place.pod_of("ada"), status)
    found = failed(place, "ada", reason)
    assert words in condition(found)["message"]
    assert found["status"]["log"]["incomplete"] is True


def test_the_outcome_of_another_run_is_not_believed(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.run("bob")
    forged = kubelet.ended(place.pod_of("bob"))
    place.set_pod(place.pod_of("ada"), forged)
    failed(place, "ada", "OutcomeLost")


def test_a_batch_job_deleted_by_hand_fails_the_run(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    running = place.phase("ada", "Running")
    place.delete("Job", running["status"]["attempts"][0]["batchJob"])
    found = failed(place, "ada", "BatchJobDeleted")
    assert running["status"]["attempts"][0]["batchJob"] in condition(found)["message"]
    assert not place.batch_jobs_of("ada")


def test_a_batch_job_deleted_before_any_status_is_not_made_again(
    place: Place, audit: AuditLog
) -> None:
    place.installed()
    place.run("ada")
    pod = place.pod_of("ada")
    place.delete("Job", pod["metadata"]["ownerReferences"][0]["name"])
    failed(place, "ada", "BatchJobDeleted")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    assert len([call for call in calls if call.what == "create jobs"]) == 1


def test_a_pod_deleted_by_hand_fails_the_run(place: Place) -> None:
    place.installed()
    place.run("ada")
    pod = place.start("ada")
    place.phase("ada", "Running")
    place.delete("Pod", pod["metadata"]["name"])
    failed(place, "ada", "PodDeleted")


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (
            kubelet.unschedulable("0/3 nodes are available: 3 Insufficient memory."),
            "Unschedulable",
            "3 Insufficient memory",
        ),
        (
            kubelet.waiting("ImagePullBackOff", 'Back-off pulling image "x"'),
            "ImagePullFailed",
            "spec.runner.image",
        ),
        (
            kubelet.waiting("CreateContainerConfigError", 'secret "x" not found'),
            "ContainerConfigInvalid",
            'secret "x" not found',
        ),
    ],
    ids=["unschedulable", "image", "configuration"],
)
def test_a_pod_that_cannot_start_ends_the_run_with_the_cause(
    place: Place, status: dict[str, Any], reason: str, words: str
) -> None:
    place.installed(startDeadlineSeconds=4)
    place.run("ada")
    place.set_pod(place.pod_of("ada"), status)
    starting = place.phase("ada", "Starting", "Failed")
    assert condition(starting)["reason"] == reason
    found = failed(place, "ada", reason)
    assert words in condition(found)["message"]
    eventually(lambda: not place.batch_jobs_of("ada"), "the batch Job is deleted")


def test_a_start_deadline_without_known_cause_says_so(place: Place) -> None:
    place.installed(startDeadlineSeconds=3)
    place.run("ada")
    starting = place.phase("ada", "Starting", "Failed")
    assert condition(starting)["reason"] in {"Starting", "StartDeadlineExceeded"}
    found = failed(place, "ada", "StartDeadlineExceeded")
    assert "kubectl describe job" in condition(found)["message"]


def test_a_batch_job_that_the_server_refuses_rejects_the_run(place: Place) -> None:
    place.installed(runner={"resources": {"limits": {"memory": "lots"}}})
    place.run("ada")
    found = place.ended("ada")
    assert (phase_of(found), condition(found)["reason"]) == ("Rejected", "AdmissionDenied")
    assert "spec.runner" in condition(found)["message"]


def test_nothing_of_ours_has_finalizers_or_annotations_of_kopf(place: Place) -> None:
    place.installed()
    succeeded(place, "ada")
    for kind in ("JobRepository", "JobDefinition", "JobRun", "Job"):
        for thing in place.all(kind):
            assert "finalizers" not in thing["metadata"]
            assert "kopf" not in json.dumps(thing["metadata"].get("annotations", {}))


def test_a_run_deleted_takes_its_batch_job_and_pod_with_it(place: Place) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    place.delete("JobRun", "ada")
    eventually(lambda: not place.all("Job") and not place.all("Pod"), "everything is gone")
