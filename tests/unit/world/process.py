"""The operator's process: all real code, but for the API server that answers when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Unpack

from kubernetes.aio.client import ApiClient
from tests.builders import DEFAULTS
from tests.unit.world.api_server import ApiServer, Raw, Request
from tests.unit.world.clock import Clock, Loop

from davit_operator.effects.errors import ApiError, NotFound, Unreachable, pause_after
from davit_operator.effects.kube import Kube, Object, _More
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.engine.workers import run_workers
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.causes import Causes
from davit_operator.handlers.history import History
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.logs import Logs
from davit_operator.handlers.metrics import Metrics
from davit_operator.handlers.orphans import Orphans
from davit_operator.handlers.resync import resync
from davit_operator.handlers.runs import reconcile_run
from davit_operator.handlers.shell import KindName, Shell, WorkKey
from davit_operator.handlers.slots import Slots
from davit_operator.handlers.storage import Storage
from davit_operator.handlers.warnings import Warnings
from davit_operator.handlers.watches import Wakers

WORKERS = 3
_KINDS: tuple[KindName, ...] = ("JobRun", "JobDefinition", "JobRepository")
_METRICS = Metrics()


@dataclass(eq=False, slots=True, kw_only=True)
class Call:
    """A request under way: not served yet, or its answer is under way."""

    request: Request
    answer: asyncio.Future[Raw]
    served: Raw | ApiError | None = None


class Wire(Kube):
    """The gateway whose calls stay on the wire until the world moves them."""

    def __init__(self) -> None:
        super().__init__(ApiClient.__new__(ApiClient))
        self.calls: list[Call] = []

    async def _json(self, method: str, path: str, **more: Unpack[_More]) -> Object:
        body = more.get("body")
        request = Request(
            method=method,
            path=path,
            query=dict(more.get("query", {})),
            body=dict(body) if body is not None else None,
        )
        call = Call(request=request, answer=asyncio.get_running_loop().create_future())
        self.calls.append(call)
        try:
            return await call.answer
        finally:
            if call in self.calls:
                self.calls.remove(call)

    @asynccontextmanager
    async def _stream(self, path: str, *_: Any) -> AsyncIterator[Any]:
        """Say that nothing was printed: logs are other tests' concern."""
        if path:
            raise NotFound(404, "no log")
        yield None


@dataclass(slots=True)
class _Parts:
    shell: Shell
    wakers: Wakers
    # Runs whose last look failed: they wait for another one.
    troubled: set[WorkKey] = field(default_factory=set)


class Process:
    """One operator after the other: ``crash`` ends one, and begins the next."""

    def __init__(self, server: ApiServer, clock: Clock, loop: Loop) -> None:
        self._server, self._clock, self._loop = server, clock, loop
        self.begin()

    def begin(self) -> None:
        """Start with empty caches."""
        self.wire = Wire()
        # By plural: how much of what its watch tells was heard.
        self._heard: dict[str, int] = {}
        self.parts: _Parts | None = None
        self._life = self._loop.create_task(self._live())
        self._loop.turn()

    def end(self) -> None:
        self._life.cancel()
        self._loop.turn()

    def turn(self) -> None:
        """Let it do what it can without another answer; raise what ended it, if anything did."""
        self._loop.turn()
        if self._life.done():
            self._life.result()

    @property
    def calls(self) -> list[Call]:
        return self.wire.calls

    def serve(self, call: Call) -> None:
        """Have the server do what it is asked; the answer is still under way."""
        plural, name, _ = call.request.place
        try:
            call.served = self._server.serve(call.request)
        except ApiError as error:
            call.served = error
        if call.request.method == "GET" and not name and plural not in ("events", ""):
            self._heard.setdefault(plural, len(self._server.told.get(plural, ())))

    def answer(self, call: Call) -> None:
        """Have the answer arrive."""
        self.wire.calls.remove(call)
        if isinstance(call.served, ApiError):
            call.answer.set_exception(call.served)
        elif call.served is not None:
            call.answer.set_result(call.served)
        self.turn()

    def fail(self, call: Call, error: Exception | None = None) -> None:
        """Have the call fail: its answer is lost, or the server says ``error``."""
        self.wire.calls.remove(call)
        call.answer.set_exception(error or Unreachable("no answer"))
        self.turn()

    def news(self) -> list[str]:
        """Return which watches have something to tell."""
        if self.parts is None:
            return []
        told = self._server.told
        return [each for each, heard in self._heard.items() if heard < len(told.get(each, ()))]

    def hear(self, plural: str) -> None:
        """Have a watch tell the next change: handlers.watches.watch does this with kopf's event."""
        change = self._server.told[plural][self._heard[plural]]
        if plural == "jobs" and (change.type == "DELETED" or _has_ended(change.raw)):
            # Of what its pods did before is heard before.
            while "pods" in self.news():
                self.hear("pods")
        self._heard[plural] += 1
        assert self.parts is not None
        for watched, wake in self.parts.wakers.all():
            if watched.resource.plural == plural:
                keep = watched.drop if change.type == "DELETED" else watched.keep
                record = keep(change.raw)
                if record is not None:
                    wake(record)
        self.turn()

    @property
    def is_idle(self) -> bool:
        """Return whether it knows all, has done all, and nothing failed lately."""
        parts = self.parts
        return parts is not None and not (self.calls or self.news() or parts.troubled)

    def look_again(self) -> None:
        """Look at all runs once more, though nothing is new."""
        assert self.parts is not None
        for key in tuple(self.parts.shell.caches.runs.cache):
            run = self.parts.shell.caches.runs.cache.get(key)
            if run is not None:
                self.parts.shell.wake(WorkKey("JobRun", run.metadata.key))
        self.turn()

    async def _live(self) -> None:
        parts = _Parts(*_wired(self.wire))
        pairs = parts.wakers.all()
        await resync(self.wire, pairs)
        self.parts = parts

        async def reconcile(key: WorkKey) -> None:
            parts.troubled.add(key)
            await reconcile_run(parts.shell, key.key, self._clock.now)
            parts.troubled.discard(key)

        await run_workers(parts.shell.queues["JobRun"], reconcile, pause_after, WORKERS)


def _wired(kube: Kube) -> tuple[Shell, Wakers]:
    """Return the parts of an operator that runs have to do with."""
    queues: dict[KindName, WorkQueue[WorkKey]] = {kind: WorkQueue(lambda: 1.0) for kind in _KINDS}

    def wake(key: Any, after: float = 0) -> None:
        queues["JobRun"].add_after(WorkKey("JobRun", key), after)

    async def doubt(_: object) -> None:
        return

    caches, storage = Caches(), Storage(kube, 0, lambda _: True)
    shell = Shell(
        kube=kube,
        caches=caches,
        queues=queues,
        defaults=DEFAULTS,
        logs=Logs(kube, storage, wake, LogLimits(), doubt),
        causes=Causes(kube, lambda _: None),
        history=History(kube, caches, storage),
        orphans=Orphans(kube, caches),
        slots=Slots(caches, wake, asyncio.get_running_loop().time),
        warnings=Warnings(doubt, "pod-1"),
        metrics=_METRICS,
    )
    return shell, Wakers(shell, lambda: None)


def _has_ended(job: Raw) -> bool:
    return bool(job.get("status", {}).get("conditions"))
