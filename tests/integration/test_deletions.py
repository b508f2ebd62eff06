"""Runs and whole namespaces are deleted: what they own goes, nothing is left, nobody despairs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.builders import a_log_record
from tests.cluster.controlplane import ControlPlane
from tests.integration.audit import OPERATOR_USER, WRITES, AuditLog, Call
from tests.integration.kube import Kube, RefusedError, eventually, path_of
from tests.integration.node import LogNode, running_node
from tests.integration.place import Place, phase_of
from tests.integration.running import OperatorThread

from davit_operator.handlers.replica import Limits

# Namespaces end when the controllers have gone through every kind, several times.
_PATIENCE_SECONDS = 180.0


@pytest.fixture
def hasty(
    no_operator: OperatorThread, operator_kubeconfig: Path, tmp_path: Path
) -> Iterator[OperatorThread]:
    """Have an operator run that settles orphans at once."""
    assert no_operator
    thread = OperatorThread(operator_kubeconfig, tmp_path, limits=Limits(orphans_after=0.1))
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LogNode]:
    with running_node(plane, kube, "node-of-deletions") as running:
        yield running


def live(place: Place, name: str) -> None:
    """Have a run live."""
    place.run(name)
    place.start(name)
    place.phase(name, "Running")


def leave_orphans(place: Place, run: str) -> None:
    """Delete a run as ``kubectl delete --cascade=orphan`` does."""
    path = path_of("JobRun", place.name, run)
    place.kube.call("DELETE", path, {"propagationPolicy": "Orphan"})
    eventually(lambda: place.find("JobRun", run) is None, f"run {run} is gone")


def delete_namespace(place: Place) -> None:
    place.kube.call("DELETE", path_of("Namespace", name=place.name))


def gone(place: Place) -> None:
    """Return once the namespace is gone."""
    found = path_of("Namespace", name=place.name)
    eventually(
        lambda: place.kube.find("Namespace", "", place.name) is None,
        f"{found} is gone",
        _PATIENCE_SECONDS,
    )


def asked(audit: AuditLog, place: Place, what: str) -> list[Call]:
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    return [call for call in calls if call.what == what]


@pytest.mark.usefixtures("operator")
def test_a_run_that_is_deleted_while_it_runs_takes_its_pod_along_and_its_name_is_free(
    place: Place,
) -> None:
    place.installed()
    live(place, "ada")
    first = place.pod_of("ada")["metadata"]["uid"]
    place.delete("JobRun", "ada")
    eventually(lambda: not place.all("Job") and not place.all("Pod"), "the pod goes with its run")
    live(place, "ada")
    assert place.pod_of("ada")["metadata"]["uid"] != first
    place.finish("ada")
    place.phase("ada", "Succeeded")


@pytest.mark.usefixtures("hasty")
def test_a_batch_job_that_its_run_left_behind_is_deleted_with_its_pod(place: Place) -> None:
    place.installed()
    live(place, "left")
    live(place, "bob")
    leave_orphans(place, "left")
    (bobs,) = place.batch_jobs_of("bob")
    eventually(
        lambda: [job["metadata"]["uid"] for job in place.all("Job")] == [bobs["metadata"]["uid"]],
        "the batch Job of nobody is gone",
    )
    eventually(lambda: len(place.all("Pod")) == 1, "and so is its pod")
    assert phase_of(place.get("JobRun", "bob")) == "Running"


def test_job_logs_that_their_run_left_behind_are_deleted(
    place: Place, node: LogNode, no_operator: OperatorThread
) -> None:
    no_operator.start()
    place.installed()
    for name in ("left", "kept"):
        place.run(name)
        records = [a_log_record(number, "x" * 3_000) for number in range(1, 9)]
        node.end_run(place, place.start(name), *records)
        place.phase(name, "Succeeded")
    leave_orphans(place, "left")
    assert len(place.all("JobLog")) == 2
    no_operator.stop()
    no_operator.start()
    eventually(lambda: len(place.all("JobLog")) == 1, "the JobLogs of nobody are gone")
    (log,) = place.all("JobLog")
    assert log["spec"]["runRef"]["name"] == "kept"


@pytest.mark.parametrize("operated", [True, False], ids=["operator runs", "no operator runs"])
def test_a_namespace_is_deleted_with_runs_that_live_and_that_have_ended(
    plane: ControlPlane,
    no_operator: OperatorThread,
    place: Place,
    other_place: Place,
    operated: bool,
) -> None:
    no_operator.start()
    place.installed()
    live(place, "lives")
    live(place, "ended")
    place.finish("ended")
    place.phase("ended", "Succeeded")
    place.run("waits", "not-there")
    place.phase("waits", "Pending")
    if not operated:
        no_operator.stop()
    delete_namespace(place)
    gone(place)
    no_operator.start()
    # What was heard meanwhile is worked off, and nothing is written there any more.
    audit = AuditLog(plane.audit_log)
    other_place.installed()
    live(other_place, "ada")
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    assert [call for call in calls if call.verb in WRITES] == []


@contextmanager
def kept(place: Place, run: str) -> Iterator[None]:
    """Have the server delete nothing of ours in the namespace, until the block ends."""
    name, group = f"keep-{place.name}", {"apiVersion": "admissionregistration.k8s.io/v1"}
    rule = {
        "apiGroups": ["davit.dev"],
        "apiVersions": ["*"],
        "operations": ["DELETE"],
        "resources": ["*"],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.name}}}
    policy = {
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": "false"}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": here}
    kinds = {"ValidatingAdmissionPolicy": policy, "ValidatingAdmissionPolicyBinding": binding}
    for kind, spec in kinds.items():
        place.kube.create({**group, "kind": kind, "metadata": {"name": name}, "spec": spec})

    def refuses() -> bool:
        try:
            place.kube.call("DELETE", path_of("JobRun", place.name, run), dryRun="All")
        except RefusedError:
            return True
        return False

    eventually(refuses, "nothing can be deleted")
    try:
        yield
    finally:
        for kind in kinds:
            place.kube.call("DELETE", path_of(kind, name=name))


def test_a_run_in_a_namespace_that_is_being_deleted_is_neither_rejected_nor_tried_for_ever(
    no_operator: OperatorThread,
    place: Place,
    other_place: Place,
    audit: AuditLog,
    caplog: pytest.LogCaptureFixture,
) -> None:
    place.installed()
    place.run("ada")
    with kept(place, "ada"):
        delete_namespace(place)
        no_operator.start()
        eventually(lambda: asked(audit, place, "create jobs"), "a batch Job was tried")
        other_place.installed()
        live(other_place, "bob")
        # Once for each event about it: what is tried again for its failure is told in the log.
        assert {call.code for call in asked(audit, place, "create jobs")} == {403}
        assert not [line for line in caplog.messages if f"JobRun {place.name}/ada" in line]
        assert phase_of(place.get("JobRun", "ada")) == ""
    gone(place)
