"""/healthz, /readyz and /metrics, from a thread of their own: a loop that hangs cannot say so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from davit_operator.engine.vitals import VitalLimits, complaints
from davit_operator.handlers.clock import steady
from davit_operator.handlers.metrics import CONTENT_TYPE, Metrics
from davit_operator.handlers.pulse import Pulse, State
from davit_operator.settings import SettingsError

_READY = frozenset({State.STANDBY, State.WORKING})


class Probes:
    """Answers on ``port``; 0: nowhere."""

    def __init__(self, port: int, pulse: Pulse, metrics: Metrics, limits: VitalLimits) -> None:
        self._port = port
        self._pulse = pulse
        self._metrics = metrics
        self._limits = limits

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer until the block ends.

        Raises:
            SettingsError: the port is taken.
        """
        if not self._port:
            yield
            return
        server = _Server(self._port, self._app)
        server.start()
        try:
            yield
        finally:
            server.stop()

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._text)
        return app

    async def _healthz(self, _: web.Request) -> web.Response:
        """Say whether this process makes progress, and where it does not."""
        wrong = complaints(self._pulse.vitals, steady(), self._limits)
        text = "; ".join(wrong) or f"alive, {self._pulse.state}"
        return web.Response(status=500 if wrong else 200, text=f"{text}\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        """Say whether this replica works, or could at once."""
        state = self._pulse.state
        return web.Response(status=200 if state in _READY else 503, text=f"{state}\n")

    async def _text(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})


class _Server:
    """An HTTP server in a thread."""

    def __init__(self, port: int, app: Callable[[], web.Application]) -> None:
        self._port = port
        self._app = app
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)
        self._begun = threading.Event()
        self._failure: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def start(self) -> None:
        self._thread.start()
        self._begun.wait()
        if self._failure is not None:
            raise SettingsError(
                f"DAVIT_PROBE_PORT {self._port} cannot be listened at: {self._failure}. "
                "Set it to a port that is free, or to 0."
            )

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as failure:
            self._failure = failure
        finally:
            self._begun.set()

    async def _serve(self) -> None:
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "0.0.0.0", self._port).start()  # noqa: S104 (the kubelet asks)
            self._loop = asyncio.get_running_loop()
            self._begun.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()
