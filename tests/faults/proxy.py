"""An HTTP proxy between an operator and a real API server that fails where a test wants it to.

Everything is passed through as it comes, watches and logs too. Writes are recorded; at one of them
the proxy can call the test (which kills the operator) before it is forwarded, or after; or it
refuses some of them in the server's place. What can be done to watches stands in ``streams``.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.faults.access import Access, access
from tests.faults.streams import Streams

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# What speaks of one connection, not of the message.
_OF_THE_HOP = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_ANY_SIZE = 64 * 1024 * 1024


class Moment(Enum):
    """Where a write is cut."""

    BEFORE = "before the write is forwarded"
    AFTER = "after the write, before its answer"


@dataclass(kw_only=True)
class Write:
    """A request that changes something; ``status`` is the answer's, 0 while there is none."""

    method: str
    path: str
    body: bytes = field(repr=False)
    status: int = 0
    # When it came, on the monotonic clock.
    at: float = field(default_factory=time.monotonic)


@dataclass(kw_only=True)
class Fault:
    """At the ``nth`` write that ``matches``, ``strike`` is called, and the connection is cut."""

    moment: Moment
    strike: Callable[[], object]
    matches: Callable[[Write], bool] = lambda _: True
    nth: int = 1

    def is_due(self, write: Write) -> bool:
        """Return whether this is the write; count it."""
        if self.nth > 0 and self.matches(write):
            self.nth -= 1
            return self.nth == 0
        return False

    @property
    def has_struck(self) -> bool:
        """Return whether the write came."""
        return self.nth == 0


@dataclass(kw_only=True)
class Refusal:
    """The next ``times`` writes that match are answered with ``status``, and not forwarded."""

    status: int
    times: int
    matches: Callable[[Write], bool] = lambda _: True
    headers: Mapping[str, str] = field(default_factory=dict)

    def takes(self, write: Write) -> bool:
        """Return whether the write is refused; count it."""
        if self.times > 0 and self.matches(write):
            self.times -= 1
            return True
        return False

    def answer(self) -> web.Response:
        """Return what an API server would say."""
        said = {"kind": "Status", "message": "refused by the test", "code": self.status}
        return web.json_response(said, status=self.status, headers=self.headers)


class Proxy:
    """Listens on a free port of the loopback, without TLS; ``kubeconfig`` leads there."""

    def __init__(self, upstream: Access) -> None:
        self.writes: list[Write] = []
        self.fault: Fault | None = None
        self.refusal: Refusal | None = None
        self.streams = Streams()
        # What each call takes longer than it would.
        self.latency_seconds = 0.0
        # Answers given in place of the server's, by path: status and body.
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.kubeconfig = Path()
        self._upstream = upstream

    def created(self, plural: str, namespace: str) -> list[Write]:
        """Return the writes that made an object of a kind in a namespace."""
        return [
            write
            for write in self.writes
            if write.method == "POST"
            and write.status == 201
            and write.path.endswith(f"/namespaces/{namespace}/{plural}")
        ]

    async def serve(self, folder: Path, listening: Callable[[], None], stop: asyncio.Event) -> None:
        """Pass requests on until ``stop`` is set."""
        connector = aiohttp.TCPConnector(ssl=self._upstream.tls, limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False
        ) as self._session:
            app = web.Application(client_max_size=_ANY_SIZE)
            app.router.add_route("*", "/{path:.*}", self._pass_on)
            # Else a watch goes on at the server after the operator has died.
            runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.kubeconfig = _kubeconfig(folder, runner.addresses[0][1])
            listening()
            await stop.wait()
            await runner.cleanup()
        # An operator that was killed or held up takes no goodbye.
        for transport in list(asyncio.get_running_loop()._transports.values()):  # type: ignore[attr-defined]
            transport.abort()
        await asyncio.sleep(0)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.answers:
            status, said = self.answers[request.path]
            return web.Response(status=status, body=said, content_type="application/json")
        await asyncio.sleep(self.latency_seconds)
        body = await request.read()
        write = Write(method=request.method, path=request.path, body=body)
        if request.method in _READS:
            return await self._forward(request, write)
        self.writes.append(write)
        if self.refusal is not None and self.refusal.takes(write):
            write.status = self.refusal.status
            return self.refusal.answer()
        fault = self.fault
        due = fault is not None and fault.is_due(write)
        if fault is None or not due:
            return await self._forward(request, write)
        if fault.moment is Moment.AFTER:
            async with self._ask(request, body) as answer:
                await answer.read()
                write.status = answer.status
        fault.strike()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=503)

    async def _forward(self, request: web.Request, write: Write) -> web.StreamResponse:
        async with self._ask(request, write.body) as answer:
            write.status = answer.status
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _OF_THE_HOP}
            response = web.StreamResponse(status=answer.status, headers=kept)
            # An operator that was killed reads no answers.
            pieces = _pieces(answer)
            if "watch" in request.query and answer.status == HTTPStatus.OK:
                pieces = self.streams.passed(request.path, pieces)
            with suppress(ConnectionResetError):
                await response.prepare(request)
                async with aclosing(pieces):
                    async for piece in pieces:
                        await response.write(piece)
                await response.write_eof()
            return response

    def _ask(
        self, request: web.Request, body: bytes
    ) -> aiohttp.client._RequestContextManager:  # the type has no public name
        kept = {k: v for k, v in request.headers.items() if k.lower() not in _OF_THE_HOP}
        url = self._upstream.server.rstrip("/") + request.raw_path
        headers = {**kept, **self._upstream.headers}
        return self._session.request(request.method, url, data=body or None, headers=headers)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes]:
    async for piece in answer.content.iter_any():
        yield piece


def _kubeconfig(folder: Path, port: int) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "proxy", "user": {}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        "current-context": "proxy",
    }
    path = folder / "proxy.kubeconfig"
    path.write_text(json.dumps(config))
    return path


@contextmanager
def running_proxy(kubeconfig: Path, folder: Path) -> Iterator[Proxy]:
    """Run a proxy in front of the server that ``kubeconfig`` names, until the block ends."""
    proxy, listening = Proxy(access(kubeconfig)), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(proxy.serve(folder, listening.set, stop))
            # Who was connected may stay so for a moment, and the garbage of a later test would
            # hold the sockets.
            for transport in list(loop._transports.values()):  # type: ignore[attr-defined]
                transport.abort()

    thread = threading.Thread(target=serve)
    thread.start()
    assert listening.wait(30), "the proxy does not listen"
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
