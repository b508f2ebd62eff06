"""The operator is killed while it downloads a commit: the next one serves it, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Proxy, running_proxy
from tests.gitserver.relay import relay
from tests.gitserver.running import RunningServer
from tests.integration.kube import eventually
from tests.integration.place import Place, condition
from tests.integration.repositories import FILES, apply, served, trust
from tests.integration.running import OperatorThread, environment

# More than a server says before it sends a commit, and less than all of this one.
BEFORE_THE_END = 100_000
NOISE = hashlib.shake_256(b"davit").digest(400_000)
SECONDS = 60


@pytest.fixture
def proxy(no_operator: OperatorThread, plane: ControlPlane, tmp_path: Path) -> Iterator[Proxy]:
    """Pass on, and record, what an operator writes."""
    assert no_operator
    with running_proxy(plane.kubeconfig, tmp_path) as running:
        yield running


@pytest.fixture
def operator(proxy: Proxy, tmp_path: Path) -> Iterator[HostOperator]:
    """Return what runs operators, all with one folder for their mirrors."""
    settings = environment(proxy.kubeconfig, tmp_path)
    host = HostOperator(proxy=proxy, environment=settings, log=tmp_path / "log")
    yield host
    host.stop()


def test_a_download_that_an_operator_did_not_survive_is_begun_anew(
    operator: HostOperator, place: Place, git: RunningServer, tmp_path: Path
) -> None:
    trust(place, git)
    remote = git.repository(place.name)
    commit = remote.push({**FILES, "jobs/noise.bin": NOISE})
    with relay(git.port) as between:
        between.passes = BEFORE_THE_END
        url = f"https://127.0.0.1:{between.port}/{place.name}.git"
        apply(place, remote, interval="10m", git={"url": url})
        operator.start()
        assert between.struck.wait(SECONDS), "the download does not begin"
        operator.kill()
        assert "artifact" not in place.get("JobRepository", "netops").get("status", {})
        between.passes = None
        # The Git that the dead operator left behind still waits when the next one begins.
        operator.start()
        found = served(place, "netops", commit)
    assert condition(found)["status"] == "True"
    written = operator.proxy
    assert len(written.created("configmaps", place.name)) == len(
        found["status"]["artifact"]["parts"]
    )
    assert len(written.created("pods", place.name)) == 1
    eventually(lambda: not place.all("Pod"), "the discovery pod is deleted")
    assert not list((tmp_path / "state" / "mirrors").glob("*.git/objects/pack/tmp_*"))
