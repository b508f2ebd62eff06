"""Events of the operator's own, on the real API server: Warnings alone, each said once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import running_proxy
from tests.integration import kubelet
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition, phase_of
from tests.integration.repositories import becomes
from tests.integration.running import OperatorThread, environment

AT_ONCE = 10


def described(place: Place, about: Object) -> list[Object]:
    """Return what ``kubectl describe`` shows as the Events of an object."""
    metadata = about["metadata"]
    selector = {
        "involvedObject.name": metadata["name"],
        "involvedObject.namespace": place.name,
        "involvedObject.kind": about["kind"],
        "involvedObject.uid": metadata["uid"],
    }
    asked = ",".join(f"{field}={value}" for field, value in selector.items())
    path = f"/api/v1/namespaces/{place.name}/events"
    found: list[Object] = place.kube.call("GET", path, fieldSelector=asked)["items"]
    return found


def one_warning(place: Place, about: Object) -> Object:
    """Return the one Event about an object, once it is there."""
    found = eventually(lambda: described(place, about), "there is an Event")
    assert len(found) == 1
    return found[0]


def refused_run(place: Place, name: str) -> Object:
    """Return a run that was rejected, since its definition is disabled."""
    if place.find("JobDefinition", "off") is None:
        place.installed("off", enabled=False)
    place.run(name, "off")
    return place.ended(name)


def written(place: Place) -> list[Object]:
    """Return the operator's own Events."""
    return [each for each in place.all("Event") if each["reportingComponent"] == "davit-operator"]


def ours(place: Place) -> list[str]:
    """Return whom the operator has told of, after all that it had to tell by now was sent.

    Events are sent one after the other, and this asks for one more.
    """
    last = refused_run(place, "last")
    one_warning(place, last)
    return sorted(each["involvedObject"]["name"] for each in written(place))


def event_writes(audit: AuditLog, place: Place) -> list[int]:
    """Return what the server answered to the operator's Events."""
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    return [call.code for call in calls if call.what == "create events"]


@pytest.mark.usefixtures("operator")
def test_a_run_of_a_disabled_definition_has_one_warning_that_describe_shows(place: Place) -> None:
    run = refused_run(place, "ada")
    event = one_warning(place, run)
    assert event["type"] == "Warning"
    assert event["reason"] == "Disabled"
    assert event["message"] == f"Rejected: {condition(run)['message']}"
    assert event["involvedObject"]["apiVersion"] == "davit.dev/v1alpha1"
    assert event["involvedObject"]["resourceVersion"] == run["metadata"]["resourceVersion"]
    assert event["reportingComponent"] == event["source"]["component"] == "davit-operator"
    assert event["reportingInstance"]
    # What the tables of kubectl sort and count by.
    assert event["count"] == 1
    assert event["firstTimestamp"] == event["lastTimestamp"] == event["eventTime"][:19] + "Z"


@pytest.mark.usefixtures("operator")
def test_a_warning_can_be_read_by_the_newer_api_as_well(place: Place) -> None:
    event = one_warning(place, refused_run(place, "ada"))
    path = f"/apis/events.k8s.io/v1/namespaces/{place.name}/events/{event['metadata']['name']}"
    newer = place.kube.call("GET", path)
    assert newer["regarding"] == event["involvedObject"]
    assert (newer["note"], newer["action"]) == (event["message"], "Run")
    assert newer["reportingController"] == "davit-operator"


@pytest.mark.usefixtures("operator")
def test_a_run_that_succeeds_is_told_of_by_nobody(place: Place, audit: AuditLog) -> None:
    place.run("early")
    place.phase("early", "Pending")
    place.installed()
    place.start("early")
    place.phase("early", "Running")
    place.finish("early")
    place.phase("early", "Succeeded")
    place.run("ended")
    place.start("ended")
    place.phase("ended", "Running")
    place.patch("JobRun", "ended", {"spec": {"cancel": True}})
    place.delete("Pod", place.pod_of("ended")["metadata"]["name"])
    place.phase("ended", "Cancelled")
    assert ours(place) == ["last"]
    assert event_writes(audit, place) == [201]


def test_a_new_operator_says_nothing_that_was_said(
    no_operator: OperatorThread, place: Place, audit: AuditLog
) -> None:
    no_operator.start()
    place.installed()
    place.run("stuck")
    place.set_pod(place.pod_of("stuck"), kubelet.unschedulable("0/1 nodes are available"))
    run = place.until(
        "JobRun", "stuck", lambda run: condition(run)["reason"] == "Unschedulable", "waits"
    )
    one_warning(place, run)
    one_warning(place, refused_run(place, "refused"))
    for _ in range(2):
        no_operator.stop()
        no_operator.start()
    assert ours(place) == ["last", "refused", "stuck"]
    assert event_writes(audit, place) == [201] * 3


@pytest.mark.usefixtures("operator")
def test_a_repository_that_flaps_floods_nobody(place: Place, audit: AuditLog) -> None:
    place.create("JobRepository", "odd", spec={"source": {"git": {"url": "file:///0"}}})
    becomes(place, "odd", "False", "UrlRefused")
    for number in range(1, AT_ONCE + 5):
        place.patch("JobRepository", "odd", {"spec": {"suspend": True}})
        becomes(place, "odd", "False", "Suspended")
        source = {"git": {"url": f"file:///{number}"}}
        place.patch("JobRepository", "odd", {"spec": {"suspend": False, "source": source}})
        becomes(place, "odd", "False", "UrlRefused")
    told = ours(place)
    # One more after each five minutes, should the machine be so slow.
    assert AT_ONCE <= told.count("odd") <= AT_ONCE + 1
    assert len(event_writes(audit, place)) == len(told)


@pytest.mark.usefixtures("operator")
def test_what_flaps_in_the_same_words_is_one_event(place: Place, audit: AuditLog) -> None:
    place.create("JobRepository", "odd", spec={"source": {"git": {"url": "file:///0"}}})
    for suspend in (True, False) * 2:
        becomes(place, "odd", "False", "Suspended" if not suspend else "UrlRefused")
        place.patch("JobRepository", "odd", {"spec": {"suspend": suspend}})
    becomes(place, "odd", "False", "UrlRefused")
    assert ours(place) == ["last", "odd"]
    assert sorted(event_writes(audit, place)) == [201, 201, 409, 409]


def test_a_server_that_refuses_events_disturbs_no_run(
    no_operator: OperatorThread, plane: ControlPlane, place: Place, tmp_path: Path
) -> None:
    assert no_operator
    log = tmp_path / "log"
    with running_proxy(plane.kubeconfig, tmp_path) as proxy:
        said = {"kind": "Status", "message": "events is forbidden", "code": 403}
        proxy.answers[f"/api/v1/namespaces/{place.name}/events"] = 403, json.dumps(said).encode()
        settings = environment(proxy.kubeconfig, tmp_path)
        operator = HostOperator(proxy=proxy, environment=settings, log=log)
        operator.start()
        try:
            for number in range(5):
                assert condition(refused_run(place, f"refused-{number}"))["reason"] == "Disabled"
            place.installed()
            place.run("ada")
            place.start("ada")
            place.finish("ada")
            assert phase_of(place.ended("ada")) == "Succeeded"
            lost = "An Event could not be written, and is given up: events is forbidden"
            eventually(lambda: lost in log.read_text(), "the log says that an Event is lost")
            assert operator.lives
        finally:
            operator.stop()
    # Once a minute; the five runs may take longer than one.
    assert log.read_text().count(lost) < 5
    assert "Traceback" not in log.read_text()
    assert not written(place)
