"""A commit whose jobs cannot be loaded: the last good one serves on, and the status tells both.

A proxy gives the logs of the discovery pods: there is no kubelet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import STARTED
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Proxy, running_proxy
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration import kubelet
from tests.integration.kube import Object, path_of
from tests.integration.place import Place, condition, phase_of
from tests.integration.repositories import FILES, apply, becomes, sync, trust
from tests.integration.running import OperatorThread, environment

from davit_contract import DiscoveryProblem, JobDescription, PartRecord, PartType, encode

SyncVlans = "netops.jobs.SyncVlans"
Cleanup = "netops.jobs.Cleanup"


@pytest.fixture
def proxy(no_operator: OperatorThread, plane: ControlPlane, tmp_path: Path) -> Iterator[Proxy]:
    """Run an operator behind a proxy."""
    assert no_operator
    with running_proxy(plane.kubeconfig, tmp_path) as running:
        host = HostOperator(
            proxy=running,
            environment=environment(running.kubeconfig, tmp_path),
            log=tmp_path / "log",
        )
        host.start()
        yield running
        host.stop()


def jobs(*class_paths: str) -> tuple[JobDescription, ...]:
    return tuple(JobDescription(class_path=each, name=each, grouping="g") for each in class_paths)


def discover(proxy: Proxy, place: Place, *found: JobDescription | DiscoveryProblem) -> None:
    """Have the discovery that comes next say what it found."""
    pod = place.discovery_pod("netops")
    lines = [
        encode(
            PartRecord(
                type=PartType.DESCRIPTION if isinstance(each, JobDescription) else PartType.PROBLEM,
                sequence=number,
                time=STARTED,
                part=1,
                parts=1,
                data=encode(each),
            )
        )
        for number, each in enumerate(found, start=1)
    ]
    log = path_of("Pod", place.name, pod["metadata"]["name"], "log")
    proxy.answers[log] = (200, "".join(f"{line}\n" for line in lines).encode())
    place.set_pod(pod, kubelet.ended(pod, last_sequence=len(lines)))


def serving(place: Place, commit: str) -> Object:
    return place.until(
        "JobRepository",
        "netops",
        lambda r: r.get("status", {}).get("artifact", {}).get("commit") == commit,
        f"serves {commit}",
    )


def installed(place: Place) -> dict[str, bool]:
    return {
        each["spec"]["classPath"]: each["status"]["installed"]
        for each in place.all("JobDefinition")
    }


def test_the_last_good_commit_serves_while_a_newer_one_gives_no_job(
    proxy: Proxy, place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote, interval="10m")
    good = remote.git("rev-parse", "HEAD")
    discover(proxy, place, *jobs(SyncVlans, Cleanup))
    before = serving(place, good)["status"]
    bad = remote.push({**FILES, "jobs/__init__.py": "import foo\n"})
    sync(place, "netops", "bad")
    problem = DiscoveryProblem(path="jobs/__init__.py", line=1, message="No module named 'foo'.")
    discover(proxy, place, problem)
    stalled = becomes(place, "netops", "True", "DiscoveryFailed", "Stalled")
    assert "jobs/__init__.py:1: No module named 'foo'." in condition(stalled)["message"]
    status = stalled["status"]
    assert status["artifact"] == before["artifact"]
    assert (status["discovery"]["commit"], status["discovery"]["definitions"]) == (good, 2)
    failed = status["discovery"]["failed"]
    assert failed["revision"] == f"main@sha1:{bad}"
    assert [each["path"] for each in failed["problems"]] == ["jobs/__init__.py"]
    assert installed(place) == {SyncVlans: True, Cleanup: True}
    # Runs go on with what is served.
    place.patch("JobDefinition", "netops.sync-vlans", {"spec": {"enabled": True}})
    place.run("ada", "netops.sync-vlans")
    assert phase_of(place.phase("ada", "Pending", "Starting")) == "Starting"
    mended = remote.push({**FILES, "jobs/more.py": "y = 2\n"})
    sync(place, "netops", "mended")
    discover(proxy, place, *jobs(SyncVlans))
    found = serving(place, mended)["status"]
    assert "failed" not in found["discovery"]
    assert installed(place) == {SyncVlans: True, Cleanup: False}


def test_one_broken_module_hides_no_other(
    proxy: Proxy, place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote, interval="10m")
    problem = DiscoveryProblem(path="jobs/broken.py", line=3, message="No module named 'foo'.")
    discover(proxy, place, *jobs(SyncVlans), problem)
    found = serving(place, remote.git("rev-parse", "HEAD"))
    assert condition(found)["status"] == "True"
    assert condition(found, "DiscoveryProblems")["status"] == "True"
    assert [each["line"] for each in found["status"]["discovery"]["problems"]] == [3]
    assert installed(place) == {SyncVlans: True}


def test_a_first_commit_without_any_job_that_loads_is_not_served(
    proxy: Proxy, place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote, interval="10m")
    discover(proxy, place, DiscoveryProblem(path="jobs.py", message="It is in the wrong place."))
    stalled = becomes(place, "netops", "True", "DiscoveryFailed", "Stalled")
    assert "artifact" not in stalled["status"]
    commit = remote.git("rev-parse", "HEAD")
    assert stalled["status"]["discovery"]["failed"]["revision"] == f"main@sha1:{commit}"
