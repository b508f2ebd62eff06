"""Ten thousand numbered lines are kept, each once and in order, however the run ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import new_place
from tests.e2e.logs import LINES, TALKS, WHOLE, talked
from tests.e2e.place import Place, a
from tests.gitserver.in_cluster import ClusterGitServer
from tests.integration.kube import eventually
from tests.target import Target


@pytest.fixture(scope="module")
def talks(
    deployed: Target, git_server: ClusterGitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Serve the jobs that talk."""
    folder: Path = tmp_path_factory.mktemp("talks")
    with new_place(deployed, git_server, "davit-e2e-logs", folder) as place:
        place.serve({"talks.py": TALKS})
        yield place


def begin(place: Place, job: str, **spec: Any) -> str:
    """Enable the job with ``spec`` in its definition, run it, and return the run's name."""
    change = json.dumps({"spec": {"enabled": True, **spec}})
    place.kubectl("patch", "jobdefinition", f"jobs.{job}", "--type=merge", "-p", change)
    place.kubectl.create(a("JobRun", job, {"definitionRef": {"name": f"jobs.{job}"}}))
    return job


def all_was_said(place: Place, run: str) -> Any:
    """Return the run's status once it shows that all lines were read."""

    def read() -> Any:
        status = place.kubectl.get("jobrun", run).get("status", {})
        return status if status.get("log", {}).get("lastSequence", 0) >= LINES else None

    return eventually(read, f"all lines of {run} were read")


def finished(place: Place, run: str) -> Any:
    place.kubectl.wait(f"jobrun/{run}", "condition=Finished")
    return place.status("jobrun", run)


def check(place: Place, run: str, phase: str, reason: str) -> Any:
    """Wait for the end, and check it; nothing of the log may be missing."""
    status = finished(place, run)
    assert (status["phase"], status.get("error", {}).get("reason", "")) == (phase, reason)
    assert talked(place.kubectl, run) == WHOLE
    assert status["log"].get("message") is None
    assert "incomplete" not in status["log"]
    assert status["log"]["chunks"] >= 2
    assert status["log"]["counts"]["info"] >= LINES
    return status


def test_a_job_that_returns_keeps_all_lines(talks: Place) -> None:
    check(talks, begin(talks, "returns"), "Succeeded", "")


def test_a_job_that_raises_keeps_all_lines(talks: Place) -> None:
    check(talks, begin(talks, "raises"), "Failed", "JobFailed")


def test_a_job_that_is_cancelled_keeps_all_lines(talks: Place) -> None:
    run = begin(talks, "waits")
    all_was_said(talks, run)
    talks.kubectl("patch", "jobrun", run, "--type=merge", "-p", '{"spec":{"cancel":true}}')
    check(talks, run, "Cancelled", "Cancelled")


def test_a_job_that_will_not_be_cancelled_keeps_all_lines(talks: Place) -> None:
    run = begin(talks, "stays", cancelGraceSeconds=2)
    all_was_said(talks, run)
    talks.kubectl("patch", "jobrun", run, "--type=merge", "-p", '{"spec":{"cancel":true}}')
    check(talks, run, "Cancelled", "Cancelled")


def test_a_job_past_its_soft_limit_keeps_all_lines(talks: Place) -> None:
    talks.kubectl("delete", "jobrun", "waits", "--ignore-not-found")
    run = begin(talks, "waits", overrides={"softTimeLimitSeconds": 5})
    check(talks, run, "Failed", "SoftTimeLimitExceeded")


def test_a_job_past_its_hard_limit_keeps_all_lines(talks: Place) -> None:
    talks.kubectl("delete", "jobrun", "stays", "--ignore-not-found")
    limits = {"softTimeLimitSeconds": 4, "timeLimitSeconds": 5}
    run = begin(talks, "stays", overrides=limits)
    check(talks, run, "Failed", "TimeLimitExceeded")


def test_a_job_that_eats_all_memory_keeps_all_lines(talks: Place) -> None:
    runner = {"resources": {"limits": {"memory": "96Mi"}}}
    status = check(talks, begin(talks, "eats", runner=runner), "Failed", "OutOfMemory")
    assert "limits.memory" in status["error"]["remedy"]


def test_a_job_that_is_killed_keeps_all_lines(talks: Place) -> None:
    check(talks, begin(talks, "dies"), "Failed", "JobCrashed")


def test_a_pod_that_is_evicted_keeps_all_lines_that_were_read(talks: Place) -> None:
    talks.kubectl("delete", "jobrun", "waits", "--ignore-not-found")
    run = begin(talks, "waits", overrides={})
    before = all_was_said(talks, run)
    pod = before["attempts"][0]["pod"]
    metadata = {"name": pod, "namespace": talks.kubectl.namespace}
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
    path = f"/api/v1/namespaces/{talks.kubectl.namespace}/pods/{pod}/eviction"
    talks.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
    status = finished(talks, run)
    assert status["phase"] == "Failed"
    assert talked(talks.kubectl, run) == WHOLE
