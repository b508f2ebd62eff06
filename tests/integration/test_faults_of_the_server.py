"""An API server that dies, hangs or changes under load, and credentials that are replaced."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from tests.cluster.controlplane import ControlPlane, running_control_plane
from tests.cluster.pki import Subject
from tests.faults.servers import Servers
from tests.integration.audit import OPERATOR_USER
from tests.integration.conftest import install_crds, new_place
from tests.integration.faults import (
    Seen,
    begin_many,
    check_costs,
    check_end,
    check_log,
    check_nothing_stays,
    finish,
)
from tests.integration.kube import Kube, RefusedError, eventually, path_of
from tests.integration.live_node import LiveLog, LiveNode, running_live_node
from tests.integration.live_runs import lines
from tests.integration.place import Place
from tests.integration.running import OperatorThread

SUCCEEDED = ("Succeeded", "Succeeded")
PAUSE_SECONDS = 10.0


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Run a control plane that may be broken: nobody else works on it."""
    with running_control_plane(tmp_path_factory.mktemp("fragile"), controllers=True) as running:
        yield running


@pytest.fixture(scope="module")
def servers(plane: ControlPlane) -> Iterator[Servers]:
    made = Servers(plane)
    yield made
    made.close()


@pytest.fixture(scope="module")
def kube(plane: ControlPlane) -> Kube:
    admin = Kube(plane.kubeconfig)
    install_crds(admin)
    return admin


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def operator(
    plane: ControlPlane, kube: Kube, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorThread]:
    assert kube
    kubeconfig = plane.config("operator", Subject(user=OPERATOR_USER, group="system:masters"))
    thread = OperatorThread(kubeconfig, tmp_path_factory.mktemp("state"))
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
def place(kube: Kube, request: pytest.FixtureRequest) -> Place:
    return new_place(kube, request.node.name[5:63].replace("_", "-").strip("-"))


def test_an_api_server_that_dies_costs_no_run_and_no_line(
    servers: Servers, place: Place, node: LiveNode, seen: Seen
) -> None:
    place.installed()
    logs = begin_many(place, node, "ada", "bob")
    for name, log in logs.items():
        log.print(*lines(1, 3))
        place.phase(name, "Running")
    place.run("eve")
    servers.kill_api_server()
    for log in logs.values():
        log.print(*lines(4, 6))
    servers.start_api_server()
    back = datetime.now(UTC)
    for name, log in logs.items():
        log.print(*lines(7, 7))
        finish(place, log, name, 7)
    for name in logs:
        since = max(back, seen.told_by_the_kubelet(name))
        check_log(check_end(place, seen, name, SUCCEEDED, since), 7)
    place.start("eve")
    place.finish("eve")
    check_end(place, seen, "eve", SUCCEEDED)
    check_costs(seen, 3)
    check_nothing_stays(place)


def test_an_etcd_that_pauses_delays_what_happens_and_no_more(
    servers: Servers, place: Place, node: LiveNode, seen: Seen
) -> None:
    place.installed()
    log = begin_many(place, node, "ada")["ada"]
    log.print(*lines(1, 3))
    place.phase("ada", "Running")
    with servers.frozen_etcd():
        kubelet = threading.Thread(target=persistently, args=(place, log))
        kubelet.start()
        time.sleep(PAUSE_SECONDS)
    back = datetime.now(UTC)
    kubelet.join()
    place.run("bob")
    place.start("bob")
    place.finish("bob")
    check_log(check_end(place, seen, "ada", SUCCEEDED, back), 3)
    check_end(place, seen, "bob", SUCCEEDED)
    check_costs(seen, 2)
    check_nothing_stays(place)


def persistently(place: Place, log: LiveLog) -> None:
    """Tell a pod's end, as a kubelet does: again, until the server has heard it."""

    def told() -> bool:
        try:
            finish(place, log, "ada", 3)
        except RefusedError:
            return False
        return True

    eventually(told, "the end of the pod is told")


def test_crds_that_are_updated_under_load_disturb_no_run(
    kube: Kube, place: Place, seen: Seen
) -> None:
    place.installed()
    names = [f"run-{number}" for number in range(20)]
    enough = threading.Event()
    updates = threading.Thread(target=keep_updating_crds, args=(kube, enough))
    updates.start()
    try:
        for name in names:
            eventually(partial(accepted, place, name), "the run is taken")
        for name in names:
            place.start(name)
        for name in names:
            place.finish(name)
        for name in names:
            check_end(place, seen, name, SUCCEEDED)
    finally:
        enough.set()
        updates.join()
    check_costs(seen, len(names))


def accepted(place: Place, run: str) -> bool:
    """Return whether the server took a run: while its CRD is replaced it may say "later"."""
    try:
        place.run(run)
    except RefusedError as error:
        if error.status not in (404, 429, 503):
            raise
        return False
    return True


def keep_updating_crds(kube: Kube, enough: threading.Event) -> None:
    """Change a description in each CRD every second."""
    number = 0
    while not enough.wait(1):
        number += 1
        for plural in ("jobruns", "jobdefinitions", "jobrepositories"):
            path = path_of("CustomResourceDefinition", name=f"{plural}.davit.dev")
            crd = kube.call("GET", path)
            for version in crd["spec"]["versions"]:
                version["schema"]["openAPIV3Schema"]["description"] = f"Changed {number} times."
            try:
                kube.call("PUT", path, crd)
            except RefusedError as error:
                # The server writes their status meanwhile.
                if error.status != 409:
                    raise
