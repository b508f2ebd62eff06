"""What a test may do to the servers of a control plane of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.commands import wait_until
from tests.cluster.controlplane import ControlPlane, tied
from tests.cluster.processes import Identity, Processes, send

API_SERVER = "kube-apiserver"
ETCD = "etcd"


class Servers:
    """The processes of a control plane that runs."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._processes = Processes(plane.folder / "processes", plane.folder / "logs")

    def kill_api_server(self) -> None:
        """End the API server as the kernel does."""
        found = self._found(API_SERVER)
        send(found, signal.SIGKILL)
        wait_until(lambda: Identity.of(found.pid) != found, 20, "the API server survives SIGKILL")

    def start_api_server(self) -> None:
        """Have another one serve, at the same place."""
        self._processes.start(tied(self._plane.apiserver()))

    @contextmanager
    def frozen_etcd(self) -> Iterator[None]:
        """Have etcd do nothing until the block ends."""
        found = self._found(ETCD)
        send(found, signal.SIGSTOP)
        try:
            yield
        finally:
            send(found, signal.SIGCONT)

    def close(self) -> None:
        """End what was started here."""
        self.kill_api_server()
        self._processes.stop(API_SERVER)

    def _found(self, name: str) -> Identity:
        found = self._processes.find(name)
        assert found, f"{name} does not run"
        return found
