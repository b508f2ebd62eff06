"""The operator is killed at each of its writes; the next one brings everything to the right end.

The operator is a process on this machine. A proxy between it and the API server kills it just
before a write is forwarded, or just after, before the answer comes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.host import (
    environment,
    git_source,
    new_place,
    operator_pods,
    resting,
    served_git,
)
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Moment, Write, running_proxy
from tests.gitserver.running import RemoteRepository
from tests.integration.kube import Kube, Object, eventually
from tests.integration.place import Place, condition, phase_of
from tests.target import Target

# Long enough to be seen running.
JOBS = """\
import time
from davit import Job, register_jobs

class Answers(Job):
    def run(self):
        self.logger.info("thinking")
        time.sleep(1.5)
        self.logger.info("thought")
        return 42

class Breaks(Job):
    def run(self):
        self.logger.info("trying")
        time.sleep(1.5)
        raise ValueError("no such VLAN")

register_jobs(Answers, Breaks)
"""

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def kube(deployed: Target) -> Iterator[Kube]:
    """Return a client of a cluster whose deployed operator rests meanwhile."""
    with resting(deployed) as kube:
        yield kube


@pytest.fixture(scope="module")
def place(kube: Kube) -> Iterator[Place]:
    """Make a namespace for this module."""
    with new_place(kube, "davit-crashes") as made:
        yield made


@pytest.fixture(scope="module")
def remote(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteRepository]:
    """Serve a Git repository."""
    with served_git(place, tmp_path_factory.mktemp("git")) as repository:
        yield repository


@pytest.fixture(scope="module")
def operators(
    kube: Kube, target: Target, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HostOperator]:
    """Return what runs operators behind a proxy."""
    folder = tmp_path_factory.mktemp("operator")
    with running_proxy(kube.kubeconfig, folder) as proxy:
        surroundings = environment(proxy.kubeconfig, target.runner_image, folder)
        host = HostOperator(proxy=proxy, environment=surroundings, log=folder / "log")
        yield host
        host.stop()


@pytest.fixture
def operator(kube: Kube, operators: HostOperator) -> HostOperator:
    """Have an operator live that is not to die yet, and no other."""
    assert not operator_pods(kube), "somebody deployed an operator: it works beside this one"
    operators.proxy.fault = None
    operators.start()
    return operators


@pytest.fixture(scope="module")
def enabled(place: Place, remote: RemoteRepository, operators: HostOperator) -> Place:
    """Have both jobs discovered and enabled."""
    operators.start()
    publish(place, remote, "netops")
    served(place, "netops")
    for name in ("netops.answers", "netops.breaks"):
        place.patch("JobDefinition", name, {"spec": {"enabled": True}})
    # What it looks at from now on are the runs.
    place.patch("JobRepository", "netops", {"spec": {"suspend": True}})
    return place


def publish(place: Place, remote: RemoteRepository, name: str) -> str:
    """Push code that nobody has seen, and create a repository for it; return the commit."""
    commit = remote.push({"work.py": f"{JOBS}\n# for {name}\n"})
    place.create("JobRepository", name, spec=git_source(remote.url))
    return commit


def served(place: Place, name: str) -> Object:
    return place.until(
        "JobRepository", name, lambda r: condition(r).get("status") == "True", "is Ready"
    )


def creates(plural: str) -> Callable[[Write], bool]:
    return lambda write: write.method == "POST" and write.path.endswith(f"/{plural}")


def writes_status(plural: str, *words: str) -> Callable[[Write], bool]:
    """Match a status of this kind that holds one of the words."""

    def matches(write: Write) -> bool:
        of_kind = f"/{plural}/" in write.path and write.path.endswith("/status")
        said = json.dumps(json.loads(write.body).get("status")) if of_kind else ""
        return of_kind and any(word in said for word in words)

    return matches


def deletes(plural: str) -> Callable[[Write], bool]:
    return lambda write: write.method == "DELETE" and f"/{plural}/" in write.path


def of(place: Place, matches: Callable[[Write], bool], nth: int = 1) -> Callable[[Write], bool]:
    """Match the ``nth`` such write of the namespace: other namespaces have lives of their own."""
    left = itertools.count(nth, -1)
    within = f"/namespaces/{place.name}/"
    return lambda write: within in write.path and matches(write) and next(left) == 1


MOMENTS = pytest.mark.parametrize("moment", list(Moment), ids=lambda moment: moment.value)
RUN_WRITES = {
    "batch Job": creates("jobs"),
    "status Running": writes_status("jobruns", '"phase": "Running"'),
    "last status": writes_status("jobruns", '"phase": "Succeeded"', '"phase": "Failed"'),
}


@MOMENTS
@pytest.mark.parametrize("write", list(RUN_WRITES))
@pytest.mark.parametrize("job", ["answers", "breaks"])
def test_a_run_ends_right_when_the_operator_dies_at_a_write(
    operator: HostOperator, enabled: Place, job: str, write: str, moment: Moment
) -> None:
    place, name = enabled, f"{job}-{next(_numbers)}"
    operator.dies_at(moment, of(place, RUN_WRITES[write]))
    place.run(name, f"netops.{job}")
    operator.await_death()
    operator.start()
    run = place.ended(name)
    status = run["status"]
    said = [line["message"] for line in status["log"]["tail"]]
    if job == "answers":
        assert (phase_of(run), status["result"]) == ("Succeeded", 42)
        assert [text for text in said if text.startswith("th")] == ["thinking", "thought"]
    else:
        assert (phase_of(run), status["error"]["message"]) == ("Failed", "no such VLAN")
        assert "trying" in said
    assert "incomplete" not in status["log"]
    made = [json.loads(w.body) for w in operator.proxy.created("jobs", place.name)]
    owners = [job["metadata"]["ownerReferences"][0]["uid"] for job in made]
    assert owners.count(run["metadata"]["uid"]) == 1
    batch_jobs = place.batch_jobs_of(name)
    assert [j["metadata"]["name"] for j in batch_jobs] == [status["attempts"][0]["batchJob"]]
    pods = place.all("Pod", f"batch.kubernetes.io/job-name={batch_jobs[0]['metadata']['name']}")
    assert [pod["metadata"]["name"] for pod in pods] == [status["attempts"][0]["pod"]]


REPOSITORY_WRITES = {
    "part": (creates("configmaps"), 1),
    "discovery pod": (creates("pods"), 1),
    "status Progressing": (writes_status("jobrepositories", "Progressing"), 1),
    "first definition": (creates("jobdefinitions"), 1),
    "first definition's status": (writes_status("jobdefinitions", "installed"), 1),
    "second definition": (creates("jobdefinitions"), 2),
    "second definition's status": (writes_status("jobdefinitions", "installed"), 2),
    "last status": (writes_status("jobrepositories", "ArtifactServed"), 1),
    "deletion of the pod": (deletes("pods"), 1),
}


@MOMENTS
@pytest.mark.parametrize("write", list(REPOSITORY_WRITES))
def test_a_repository_is_served_right_when_the_operator_dies_at_a_write(
    operator: HostOperator, place: Place, remote: RemoteRepository, write: str, moment: Moment
) -> None:
    name = f"repository-{next(_numbers)}"
    matches, nth = REPOSITORY_WRITES[write]
    operator.dies_at(moment, of(place, matches, nth))
    commit = publish(place, remote, name)
    operator.await_death()
    operator.start()
    repository = served(place, name)
    artifact = repository["status"]["artifact"]
    assert (artifact["commit"], repository["status"]["discovery"]["definitions"]) == (commit, 2)
    assert all(place.get("ConfigMap", part) for part in artifact["parts"])
    definitions = {
        each["spec"]["classPath"]: each["status"]
        for each in place.all("JobDefinition")
        if each["spec"]["repositoryRef"]["name"] == name
    }
    assert sorted(definitions) == ["work.Answers", "work.Breaks"]
    for status in definitions.values():
        assert (status["installed"], status["commit"]) == (True, commit)
    made = [json.loads(w.body) for w in operator.proxy.created("jobdefinitions", place.name)]
    assert len([d for d in made if d["spec"]["repositoryRef"]["name"] == name]) == 2
    uid = repository["metadata"]["uid"]
    pods = [json.loads(w.body) for w in operator.proxy.created("pods", place.name)]
    owners = [pod["metadata"]["ownerReferences"][0]["uid"] for pod in pods]
    assert owners.count(uid) == 1
    eventually(
        lambda: not place.all("Pod", "davit.dev/component=discovery"),
        "the discovery pod is deleted",
    )
    place.delete("JobRepository", name)
