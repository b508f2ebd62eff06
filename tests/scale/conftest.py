"""A whole control plane with a fake node, and an operator that is a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.controlplane import ControlPlane, running, running_control_plane
from tests.cluster.fake_kubelet import NODE_NAME, fake_kubelet
from tests.cluster.pki import Subject
from tests.faults.host_operator import OperatorProcess
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.conftest import install_crds, new_place
from tests.integration.kube import Kube, path_of
from tests.integration.place import Place
from tests.integration.running import environment
from tests.scale.life import short_lives

NUMBERS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Run etcd, API server, controllers, scheduler, and KWOK as the kubelet of the one node."""
    folder = tmp_path_factory.mktemp("plane")
    with running_control_plane(folder, controllers=True) as served:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE_NAME}}
        Kube(served.kubeconfig).create(node)
        with running(folder, [served.scheduler(), fake_kubelet(served, *short_lives())]):
            yield served


@pytest.fixture(scope="session")
def kube(plane: ControlPlane) -> Kube:
    """Return an administrator's client of a server that has our CRDs."""
    admin = Kube(plane.kubeconfig)
    install_crds(admin)
    admin.settled(path_of("JobRun"))
    return admin


@pytest.fixture
def place(kube: Kube, request: pytest.FixtureRequest) -> Place:
    """Make a namespace for this test."""
    return new_place(kube, f"scale-{request.session.items.index(request.node)}")


@pytest.fixture
def audit(plane: ControlPlane) -> AuditLog:
    """Return the audit log from here on."""
    return AuditLog(plane.audit_log)


@pytest.fixture
def operator(plane: ControlPlane, kube: Kube, tmp_path: Path) -> Iterator[OperatorProcess]:
    """Return an operator that does not run yet."""
    # It needs the CRDs.
    assert kube
    user = plane.config("operator", Subject(user=OPERATOR_USER, group="system:masters"))
    made = OperatorProcess(environment=environment(user, tmp_path), log=tmp_path / "operator.log")
    yield made
    made.stop()


@pytest.fixture
def numbers(request: pytest.FixtureRequest) -> list[str]:
    """Return a list whose lines are shown when all is done."""
    return request.config.stash.setdefault(NUMBERS, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what was measured, also where pytest is told to be quiet."""
    lines = config.stash.get(NUMBERS, [])
    if lines:
        terminalreporter.section("what was measured")
    for line in lines:
        terminalreporter.write_line(line)
