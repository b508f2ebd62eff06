"""Ten thousand lines are kept, each once and in order, whoever dies meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.host import environment, git_source, new_place, resting, served_git
from tests.e2e.logs import LINES, TALKS, WHOLE, talked
from tests.faults.host_operator import OperatorProcess
from tests.integration.kube import Kube, eventually
from tests.integration.place import Place, condition, phase_of
from tests.kubectl import Kubectl
from tests.target import Target

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def kube(deployed: Target) -> Iterator[Kube]:
    """Return a client of a cluster whose deployed operator rests meanwhile."""
    with resting(deployed) as kube:
        yield kube


@pytest.fixture(scope="module")
def operators(
    kube: Kube, deployed: Target, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[OperatorProcess]]:
    """Return two operators, neither of which lives yet."""
    made = []
    for _ in range(2):
        folder: Path = tmp_path_factory.mktemp("operator")
        surroundings = environment(kube.kubeconfig, deployed.runner_image, folder)
        made.append(OperatorProcess(environment=surroundings, log=folder / "log"))
    yield made
    for operator in made:
        operator.stop()


@pytest.fixture(scope="module")
def place(
    kube: Kube, operators: list[OperatorProcess], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Make a namespace where a job talks for half a minute."""
    with (
        new_place(kube, "davit-log-faults") as made,
        served_git(made, tmp_path_factory.mktemp("git")) as remote,
    ):
        remote.push({"work.py": TALKS.replace("pause=0.2", "pause=0.3")})
        made.create("JobRepository", "talks", spec=git_source(remote.url))
        operators[0].start()
        made.until(
            "JobRepository", "talks", lambda r: condition(r).get("status") == "True", "is Ready"
        )
        yield made


@pytest.fixture
def kubectl(place: Place, deployed: Target) -> Kubectl:
    return deployed.kubectl.within(place.name)


@pytest.fixture
def run(place: Place, operators: list[OperatorProcess]) -> str:
    """Have a run live, looked at by the first operator alone."""
    operators[1].stop()
    operators[0].start()
    [definition] = [
        each["metadata"]["name"]
        for each in place.all("JobDefinition")
        if each["spec"]["classPath"] == "work.Takes_Its_Time"
    ]
    place.patch("JobDefinition", definition, {"spec": {"enabled": True}})
    name = f"talk-{next(_numbers)}"
    place.run(name, definition)
    return name


def told(place: Place, run: str, more_than: int) -> int:
    """Return how many records of a live run its status tells, once they are more."""

    def probe() -> int | None:
        found = place.get("JobRun", run)
        assert phase_of(found) != "Succeeded", "the run ended before it was put to the test"
        count: int = found.get("status", {}).get("log", {}).get("lastSequence", 0)
        return count if count > more_than else None

    return eventually(probe, f"more of {run} is told than {more_than}")


def check(place: Place, kubectl: Kubectl, run: str) -> None:
    """Wait for the run's end; nothing may be missing of it, or be there twice."""
    found = place.ended(run)
    status = found["status"]
    assert phase_of(found) == "Succeeded", status
    assert talked(kubectl, run) == WHOLE
    assert "incomplete" not in status["log"], status["log"]
    assert "message" not in status["log"]
    assert status["log"]["counts"]["info"] >= LINES
    logs = [each for each in place.all("JobLog") if each["spec"]["runRef"]["name"] == run]
    assert status["log"]["chunks"] == len(logs)
    assert len(place.batch_jobs_of(run)) == 1


def test_an_operator_killed_three_times_keeps_all_lines(
    place: Place, kubectl: Kubectl, operators: list[OperatorProcess], run: str
) -> None:
    operator, seen = operators[0], 0
    for _ in range(3):
        seen = told(place, run, seen)
        operator.kill()
        operator.start()
    check(place, kubectl, run)


def test_two_operators_that_die_in_turn_keep_all_lines(
    place: Place, kubectl: Kubectl, operators: list[OperatorProcess], run: str
) -> None:
    operators[1].start()
    seen = 0
    for operator in (*operators, *operators):
        seen = told(place, run, seen)
        operator.kill()
        operator.start()
    check(place, kubectl, run)


def test_an_api_server_that_crashes_costs_no_line(
    place: Place,
    kubectl: Kubectl,
    operators: list[OperatorProcess],
    run: str,
    deployed: Target,
) -> None:
    seen = told(place, run, 0)
    restart_api_server(deployed)
    told(place, run, seen)
    check(place, kubectl, run)
    assert operators[0].lives


def restart_api_server(deployed: Target) -> None:
    """Crash the local cluster's API server; somebody else's cluster has nobody who may do that."""
    if deployed.is_local:
        from tests.cluster.faults import crash_api_server

        crash_api_server()
