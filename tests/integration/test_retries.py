"""Runs that are executed more than once, because somebody asked for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.integration import kubelet
from tests.integration.kube import Kube, Object
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.live_runs import kept, lines, messages
from tests.integration.place import Place, condition, phase_of
from tests.integration.running import OperatorThread

from davit_contract import ErrorInfo, OutcomeReason, places

pytestmark = pytest.mark.usefixtures("operator")

RAISED = {
    "reason": OutcomeReason.JOB_FAILED,
    "error": ErrorInfo(type="ValueError", message="no such VLAN"),
}


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


def retrying(place: Place, **rules: Any) -> None:
    place.installed(retries={"backoffSeconds": 1, **rules})


def request_of(pod: Object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(pod["metadata"]["annotations"][places.REQUEST_ANNOTATION])
    return told


def attempts_of(run: Object) -> list[tuple[int, str]]:
    return [(each["number"], each.get("reason", "")) for each in run["status"]["attempts"]]


def test_a_job_that_raised_is_tried_again_with_the_same_commit_and_inputs(place: Place) -> None:
    retrying(place, limit=1)
    place.run("ada", who="Ada")
    first = place.pod_of("ada")
    place.discover("hello", commit="1a2b" * 10)
    place.start("ada")
    place.phase("ada", "Running")
    place.finish("ada", **RAISED)
    second = place.pod_of_attempt("ada", 2)
    told = [request_of(pod) for pod in (first, second)]
    assert [each.pop("attempt") for each in told] == [1, 2]
    assert [each.pop("retries_left") for each in told] == [1, 0]
    assert told[0] == told[1]
    place.set_pod(second, kubelet.running())
    place.phase("ada", "Running")
    place.set_pod(second, kubelet.ended(second))
    found = place.phase("ada", "Succeeded")
    assert attempts_of(found) == [(1, "JobFailed"), (2, "Succeeded")]
    assert "error" not in found["status"]


def test_between_two_attempts_a_run_says_what_failed_and_when_it_goes_on(place: Place) -> None:
    place.installed(retries={"limit": 1, "backoffSeconds": 3_600, "maxBackoffSeconds": 3_600})
    place.run("ada")
    place.start("ada")
    place.finish("ada", **RAISED)
    found = place.until(
        "JobRun", "ada", lambda run: condition(run).get("reason") == "RetryPending", "waits"
    )
    assert phase_of(found) == "Pending"
    assert "no such VLAN" in condition(found)["message"]
    assert "Attempt 2 begins at" in condition(found)["message"]
    assert found["status"]["error"]["reason"] == "JobFailed"
    assert condition(found, "Reconciling")["status"] == "True"
    place.patch("JobRun", "ada", {"spec": {"cancel": True}})
    assert phase_of(place.phase("ada", "Cancelled")) == "Cancelled"
    assert len(place.batch_jobs_of("ada")) == 1


def test_a_run_fails_when_its_attempts_are_used_up(place: Place) -> None:
    retrying(place, limit=1)
    place.run("ada")
    for number in (1, 2):
        pod = place.pod_of_attempt("ada", number)
        place.set_pod(pod, kubelet.running())
        place.set_pod(pod, kubelet.ended(pod, **RAISED))
    found = place.ended("ada")
    assert phase_of(found) == "Failed"
    assert attempts_of(found) == [(1, "JobFailed"), (2, "JobFailed")]
    assert found["status"]["error"]["type"] == "ValueError"


@pytest.mark.parametrize(
    "rules",
    [{}, {"infrastructureLimit": 3}],
    ids=["nothing asked", "only the infrastructure's failures"],
)
def test_code_never_runs_twice_unless_asked(place: Place, rules: dict[str, int]) -> None:
    retrying(place, **rules)
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    place.finish("ada", **RAISED)
    assert phase_of(place.ended("ada")) == "Failed"
    assert len(place.batch_jobs_of("ada")) == 1


def test_a_job_that_says_itself_that_it_failed_is_not_tried_again(place: Place) -> None:
    retrying(place, limit=3)
    place.run("ada")
    place.start("ada")
    error = ErrorInfo(type="", message="3 devices do not answer")
    place.finish("ada", reason=OutcomeReason.JOB_FAILED, error=error)
    assert phase_of(place.ended("ada")) == "Failed"
    assert len(place.batch_jobs_of("ada")) == 1


def test_a_pod_that_was_evicted_while_it_ran_is_replaced_as_often_as_is_asked(
    place: Place,
) -> None:
    retrying(place, infrastructureLimit=1)
    place.run("ada")
    for number in (1, 2):
        pod = place.pod_of_attempt("ada", number)
        place.set_pod(pod, kubelet.running())
        place.set_pod(pod, kubelet.evicted("The node was low on memory."))
    found = place.ended("ada")
    assert attempts_of(found) == [(1, "Evicted"), (2, "Evicted")]
    assert condition(found)["reason"] == "Evicted"


def test_a_definition_that_was_disabled_meanwhile_ends_it(place: Place) -> None:
    place.installed(retries={"limit": 5, "backoffSeconds": 3_600, "maxBackoffSeconds": 3_600})
    place.run("ada")
    place.start("ada")
    place.finish("ada", **RAISED)
    place.until(
        "JobRun", "ada", lambda run: condition(run).get("reason") == "RetryPending", "waits"
    )
    place.patch("JobDefinition", "hello", {"spec": {"enabled": False}})
    found = place.ended("ada")
    assert phase_of(found) == "Failed"
    assert condition(found)["reason"] == "JobFailed"
    assert "not tried again" in condition(found)["message"]


def test_an_operator_that_was_away_begins_the_next_attempt(
    operators: OperatorThread, place: Place
) -> None:
    retrying(place, limit=1)
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    operators.stop()
    place.finish("ada", **RAISED)
    operators.start()
    assert request_of(place.pod_of_attempt("ada", 2))["attempt"] == 2
    assert len(place.batch_jobs_of("ada")) == 2


def test_the_log_of_each_attempt_is_kept(place: Place, node: LiveNode) -> None:
    retrying(place, limit=1)
    place.run("ada")
    first = place.pod_of("ada")
    log = node.take(place, first)
    place.set_pod(first, kubelet.running())
    place.phase("ada", "Running")
    log.print(*lines(1, 3, "first {}"))
    log.end()
    place.set_pod(first, kubelet.ended(first, last_sequence=3, **RAISED))
    second = place.pod_of_attempt("ada", 2)
    log = node.take(place, second)
    place.set_pod(second, kubelet.running())
    log.print(*lines(1, 2, "second {}"))
    log.end()
    place.set_pod(second, kubelet.ended(second, last_sequence=2))
    found = place.phase("ada", "Succeeded")
    assert messages(found["status"]["log"]) == ["second 1", "second 2"]
    assert kept(place) == [1, 2, 3]
    assert {each["spec"]["attempt"] for each in place.all("JobLog")} == {1}
