"""The real operator in the test's own process, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kubernetes.aio import client, config

from davit_operator.effects.connect import Connection
from davit_operator.effects.kube import Kube
from davit_operator.handlers.replica import Limits, Replica
from davit_operator.settings import Settings

RUNNER_IMAGE = "registry.example.com/davit-runner:test"


def environment(kubeconfig: Path, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of an operator that is a process of its own."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "DAVIT_STATE_DIR": str(folder / "state"),
        "DAVIT_RUNNER_IMAGE": RUNNER_IMAGE,
        "DAVIT_GIT_ALLOWED_HOSTS": "127.0.0.1",
        "DAVIT_PROBE_PORT": "0",
        **more,
    }


class OperatorThread:
    """One operator at a time; ``start`` begins a new one, with nothing remembered."""

    def __init__(
        self,
        kubeconfig: Path,
        folder: Path,
        *,
        patience_seconds: int = 300,
        storage_mib: int = 256,
        probe_port: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self.kubeconfig = kubeconfig
        self._limits = limits
        self._settings = Settings(
            runner_image=RUNNER_IMAGE,
            state_dir=folder,
            git_allowed_hosts=frozenset({"127.0.0.1"}),
            start_deadline_seconds=patience_seconds,
            namespace_storage_mib=storage_mib,
            probe_port=probe_port,
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Have an operator run, unless one does."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.stop()
        begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(begun,), name="operator")
        self._thread.start()
        assert begun.wait(60), "the operator does not start"
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End the operator as SIGTERM does; raise what ended it before."""
        if self._thread is None:
            return
        if self._thread.is_alive() and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the operator does not end"
        self._thread = None
        if self._failure is not None:
            raise self._failure

    def call(self, function: Callable[[], object]) -> None:
        """Have the operator's loop call a function."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(function)

    def _run(self, begun: threading.Event) -> None:
        try:
            asyncio.run(self._operate(begun))
        # The test's thread raises it.
        except BaseException as failure:  # noqa: BLE001
            self._failure = failure
        finally:
            begun.set()

    async def _find_server(self, configuration: Any) -> None:
        await config.load_kube_config(  # type: ignore[no-untyped-call]  # theirs
            config_file=str(self.kubeconfig), client_configuration=configuration
        )

    async def _operate(self, begun: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        configuration: Any = client.Configuration()
        await self._find_server(configuration)
        async with client.ApiClient(configuration) as api:
            connection = Connection(kube=Kube(api), configuration=configuration)
            replica = Replica(self._settings, connection, self._limits)
            begun.set()
            await replica.run(self._stop)
        # TLS waits for the other side's goodbye, and nobody waits for TLS: a process just ends,
        # but a thread's loop would leave such sockets to the garbage of a later test.
        for transport in list(self._loop._transports.values()):  # type: ignore[attr-defined]
            transport.abort()
