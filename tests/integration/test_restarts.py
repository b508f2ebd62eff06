"""Operators come and go; what they find is the truth, whatever it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import eventually
from tests.integration.place import CLASS_PATH, Place, condition, phase_of
from tests.integration.running import OperatorThread


def created_batch_jobs(audit: AuditLog, place: Place) -> int:
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    return len([call for call in calls if call.what == "create jobs" and call.code == 201])


def test_a_new_operator_goes_on_with_a_live_run(
    no_operator: OperatorThread, place: Place, audit: AuditLog
) -> None:
    place.installed()
    place.run("ada")
    no_operator.start()
    place.pod_of("ada")
    no_operator.stop()
    place.start("ada")
    no_operator.start()
    place.phase("ada", "Running")
    no_operator.stop()
    place.finish("ada")
    no_operator.start()
    place.phase("ada", "Succeeded")
    assert created_batch_jobs(audit, place) == 1
    assert len(place.batch_jobs_of("ada")) == 1


def test_what_was_created_while_no_operator_ran_is_found(
    no_operator: OperatorThread, place: Place
) -> None:
    place.run("early")
    place.installed()
    place.installed("off", enabled=False)
    place.run("refused", "off")
    no_operator.start()
    assert place.pod_of("early")
    assert condition(place.ended("refused"))["reason"] == "Disabled"


def test_a_definition_that_never_comes_rejects_as_the_settings_say(
    no_operator: OperatorThread, place: Place, tmp_path: Path
) -> None:
    hasty = OperatorThread(no_operator.kubeconfig, tmp_path, patience_seconds=2)
    hasty.start()
    place.run("ada")
    found = place.ended("ada")
    hasty.stop()
    assert phase_of(found) == "Rejected"
    assert condition(found)["reason"] == "DefinitionNotFound"
    assert 'JobDefinition "hello"' in condition(found)["message"]


def test_a_batch_job_deleted_while_no_operator_ran_fails_the_run(
    no_operator: OperatorThread, place: Place, audit: AuditLog
) -> None:
    place.installed()
    no_operator.start()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    no_operator.stop()
    place.delete("Job", place.batch_jobs_of("ada")[0]["metadata"]["name"])
    eventually(lambda: not place.batch_jobs_of("ada"), "the batch Job is gone")
    no_operator.start()
    assert condition(place.ended("ada"))["reason"] == "BatchJobDeleted"
    assert created_batch_jobs(audit, place) == 1


def test_a_run_deleted_while_no_operator_ran_is_forgotten(
    no_operator: OperatorThread, place: Place
) -> None:
    place.installed()
    no_operator.start()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    no_operator.stop()
    place.delete("JobRun", "ada")
    eventually(lambda: not place.all("Job"), "the batch Job goes with its run")
    place.run("ada")
    no_operator.start()
    assert place.pod_of("ada")


def test_a_definition_without_repository_is_not_installed_after_a_restart(
    no_operator: OperatorThread, place: Place
) -> None:
    place.installed()
    no_operator.start()
    place.until(
        "JobDefinition", "hello", lambda d: condition(d).get("status") == "True", "is ready"
    )
    no_operator.stop()
    place.delete("JobRepository", "netops")
    no_operator.start()
    place.until(
        "JobDefinition",
        "hello",
        lambda d: condition(d).get("reason") == "NotInstalled",
        "is not installed",
    )


def malformed(place: Place, name: str, annotations: dict[str, str], **owner: Any) -> None:
    """Create a batch Job with our label that is not as we make ours."""
    labels = {"davit.dev/component": "run"}
    container = {
        "name": "runner",
        "image": "x",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    safe = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod = {"restartPolicy": "Never", "containers": [container], "securityContext": safe}
    template = {"metadata": {"labels": labels}, "spec": pod}
    metadata = {"labels": labels, "annotations": annotations, **owner}
    place.create("Job", name, metadata=metadata, spec={"template": template, "suspend": True})


def test_malformed_children_stop_nobody_else(no_operator: OperatorThread, place: Place) -> None:
    place.installed()
    run = place.run("ada")
    owner = {
        "apiVersion": "davit.dev/v1alpha1",
        "kind": "JobRun",
        "name": "ada",
        "uid": run["metadata"]["uid"],
        "controller": True,
    }
    malformed(place, "bare", {})
    malformed(place, "text", {"davit.dev/definition": "{", "davit.dev/start-deadline-seconds": "x"})
    malformed(place, "owned", {"davit.dev/definition": "[]"}, ownerReferences=[owner])
    no_operator.start()
    place.run("bob")
    for name in ("ada", "bob"):
        eventually(
            lambda name=name: [  # type: ignore[misc]
                j for j in place.batch_jobs_of(name) if j["metadata"]["name"] != "owned"
            ],
            f"{name} has its own batch Job",
        )
    place.start("bob")
    place.finish("bob")
    place.phase("bob", "Succeeded")


def test_an_object_that_the_models_do_not_read_stops_nobody_else(
    no_operator: OperatorThread, place: Place
) -> None:
    reference = {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH}
    place.create("JobDefinition", "odd", spec={**reference, "startDeadlineSeconds": 1})
    place.installed()
    place.run("ada")
    no_operator.start()
    place.start("ada")
    assert phase_of(place.phase("ada", "Running")) == "Running"
