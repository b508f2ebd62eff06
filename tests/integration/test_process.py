"""``python -m davit_operator`` as a process: how it starts, refuses to, and ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.proxy import Proxy, running_proxy
from tests.integration.kube import Kube
from tests.integration.place import Place, condition
from tests.integration.running import OperatorThread, environment

COMMAND = (sys.executable, "-m", "davit_operator")
# Generous: it is only used up when something is broken.
SECONDS = 60


@pytest.fixture(scope="module")
def proxy(
    kube: Kube, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Run a proxy in front of the API server."""
    assert kube
    with running_proxy(plane.kubeconfig, tmp_path_factory.mktemp("proxy")) as running:
        yield running


def refusal(environment: Mapping[str, str]) -> str:
    """Return the one line with which the operator refuses to start."""
    done = subprocess.run(
        COMMAND, env=environment, check=False, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if "cannot start" in line]
    assert len(lines) == 1
    return lines[0]


def test_without_the_runner_image_it_says_which_variable_to_set(
    plane: ControlPlane, tmp_path: Path
) -> None:
    settings = environment(plane.kubeconfig, tmp_path)
    del settings["DAVIT_RUNNER_IMAGE"]
    assert "DAVIT_RUNNER_IMAGE is not set." in refusal(settings)


def test_a_server_without_the_crds_is_told_apart(proxy: Proxy, tmp_path: Path) -> None:
    proxy.answers = {"/apis/davit.dev/v1alpha1": (404, b"404 page not found\n")}
    said = refusal(environment(proxy.kubeconfig, tmp_path))
    assert "jobruns.davit.dev" in said
    assert "kubectl apply" in said


def test_a_server_that_is_too_old_is_told_apart(proxy: Proxy, tmp_path: Path) -> None:
    version = {"major": "1", "minor": "31+", "gitVersion": "v1.31.9"}
    proxy.answers = {"/version": (200, json.dumps(version).encode())}
    said = refusal(environment(proxy.kubeconfig, tmp_path))
    assert "Kubernetes 1.31 is too old: davit needs 1.32 or newer." in said


def test_a_server_that_nobody_answers_for_is_told_apart(tmp_path: Path) -> None:
    nowhere = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "n", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "n", "user": {}}],
        "contexts": [{"name": "n", "context": {"cluster": "n", "user": "n"}}],
        "current-context": "n",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(nowhere))
    said = refusal(environment(path, tmp_path))
    assert "127.0.0.1" in said


def test_sigterm_ends_it_with_exit_code_0(
    no_operator: OperatorThread, proxy: Proxy, place: Place, tmp_path: Path
) -> None:
    assert no_operator
    proxy.answers = {}
    place.installed(enabled=False)
    settings = environment(proxy.kubeconfig, tmp_path)
    with subprocess.Popen(COMMAND, env=settings, stderr=subprocess.DEVNULL) as process:
        place.run("ada")
        found = place.ended("ada")
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
    assert condition(found)["reason"] == "Disabled"
    assert process.returncode == 0
