"""A real API server with controllers and our CRDs, a namespace for each test, the operator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.cluster.controlplane import ControlPlane, running_control_plane
from tests.cluster.pki import Subject
from tests.faults.proxy import Proxy
from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.faults import Seen, operator_behind_a_proxy
from tests.integration.kube import Kube, eventually, path_of
from tests.integration.place import Place, condition
from tests.integration.repositories import FILES
from tests.integration.running import OperatorThread

CHECKOUT = Path(__file__).parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Run etcd, the API server and the controllers."""
    with running_control_plane(tmp_path_factory.mktemp("plane"), controllers=True) as running:
        yield running


@pytest.fixture(scope="session")
def kube(plane: ControlPlane) -> Kube:
    """Return an administrator's client of a server that has our CRDs."""
    admin = Kube(plane.kubeconfig)
    install_crds(admin)
    return admin


def install_crds(kube: Kube) -> None:
    """Give a server our CRDs, and wait until it serves them."""
    for file in sorted((CHECKOUT / "crds").glob("davit.dev_*.yaml")):
        crd = kube.create(yaml.safe_load(file.read_text()))
        _await_established(kube, crd["metadata"]["name"])


def _await_established(kube: Kube, name: str) -> None:
    def established() -> bool:
        crd = kube.call("GET", path_of("CustomResourceDefinition", name=name))
        return condition(crd, "Established").get("status") == "True"

    eventually(established, f"CRD {name} is established")


def new_place(kube: Kube, name: str) -> Place:
    """Make a namespace that takes restricted pods only, and wait until it takes any."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    namespace["metadata"] |= {"labels": labels}  # type: ignore[operator]
    kube.create(namespace)
    eventually(lambda: kube.find("ServiceAccount", name, "default"), "pods are admitted")
    return Place(kube=kube, name=name)


@pytest.fixture
def place(kube: Kube) -> Iterator[Place]:
    """Make a namespace for this test."""
    made = new_place(kube, f"place-{next(_numbers)}")
    yield made
    _leave(made)


@pytest.fixture
def other_place(kube: Kube) -> Iterator[Place]:
    """Make a second namespace for this test."""
    made = new_place(kube, f"other-{next(_numbers)}")
    yield made
    _leave(made)


def _leave(place: Place) -> None:
    """Have the operator look no more for what the next tests do not need."""
    place.kube.settled(path_of("JobRepository", place.name))
    for repository in place.all("JobRepository"):
        place.delete("JobRepository", repository["metadata"]["name"])


@pytest.fixture(scope="session")
def operator_kubeconfig(plane: ControlPlane) -> Path:
    """Return a kubeconfig of a user who is nobody else in the audit log."""
    return plane.config("operator", Subject(user=OPERATOR_USER, group="system:masters"))


@pytest.fixture(scope="session")
def operators(
    kube: Kube, operator_kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorThread]:
    """Return what starts and ends the operator."""
    thread = OperatorThread(operator_kubeconfig, tmp_path_factory.mktemp("state"))
    # It needs the CRDs.
    assert kube
    yield thread
    thread.stop()


@pytest.fixture
def operator(operators: OperatorThread) -> OperatorThread:
    """Have the operator run; it goes on into the next test."""
    operators.start()
    return operators


@pytest.fixture
def no_operator(operators: OperatorThread) -> OperatorThread:
    """Have no operator run, until the test starts one."""
    operators.stop()
    return operators


@pytest.fixture
def audit(plane: ControlPlane) -> AuditLog:
    """Return the audit log from here on."""
    return AuditLog(plane.audit_log)


@pytest.fixture(scope="session")
def git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serve Git over HTTPS to everybody."""
    with git_server(tmp_path_factory.mktemp("git")) as running:
        yield running


@pytest.fixture
def remote(git: RunningServer, place: Place) -> RemoteRepository:
    """Return a repository with one commit on main."""
    made = git.repository(place.name)
    made.push(FILES)
    return made


@pytest.fixture
def seen(plane: ControlPlane, place: Place) -> Seen:
    """Return what the audit log tells of the place, from here on."""
    return Seen(plane, place)


@pytest.fixture(scope="module")
def far_operator(
    operators: OperatorThread, operator_kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Have an operator work through a proxy, and no other one."""
    operators.stop()
    folder = tmp_path_factory.mktemp("far")
    with operator_behind_a_proxy(operator_kubeconfig, folder) as (operator, proxy):
        operator.start()
        yield proxy
