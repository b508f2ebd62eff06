"""One replica of the operator: it stands by, leads, and works while it leads."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from dataclasses import dataclass, field

import aiohttp
import kopf

from davit_operator.effects.connect import Connection
from davit_operator.effects.errors import ApiError, Unreachable, is_passing
from davit_operator.effects.kube import Kube
from davit_operator.effects.lease import Lease
from davit_operator.engine.tasks import until_one_ends
from davit_operator.engine.vitals import VitalLimits
from davit_operator.handlers.clock import hear, identity
from davit_operator.handlers.hearing import Hearing
from davit_operator.handlers.informer import informer_settings, register_login
from davit_operator.handlers.leadership import Alone, ByLease, Leadership
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.metrics import Metrics
from davit_operator.handlers.operator import Operator
from davit_operator.handlers.orphans import PATIENCE_SECONDS
from davit_operator.handlers.probes import Probes
from davit_operator.handlers.pulse import Pulse, State
from davit_operator.handlers.server_check import check_server
from davit_operator.handlers.watches import watch
from davit_operator.plan.election import Election, Terms
from davit_operator.settings import Settings

# How long a replica waits that finds no API server.
_RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What tests make smaller."""

    logs: LogLimits = field(default_factory=LogLimits)
    vitals: VitalLimits = field(default_factory=VitalLimits)
    orphans_after: float = PATIENCE_SECONDS


class Replica:
    """All parts, wired; ``run`` once."""

    def __init__(
        self, settings: Settings, connection: Connection, limits: Limits | None = None
    ) -> None:
        limits = limits or Limits()
        self._settings = settings
        self._connection = connection
        self._stop = asyncio.Event()
        self._filled = asyncio.Event()
        self._metrics = metrics = Metrics()
        # Nobody but the election writes while this replica does not lead.
        unfenced = connection.kube.fenced(lambda: True, metrics.called)
        self._leadership = _leadership(settings, unfenced)
        self._kube = unfenced.fenced(self._leadership.is_leading, metrics.called)
        self._operator = Operator(settings, self._kube, metrics, limits.logs, limits.orphans_after)
        self._pulse = Pulse(self._operator.queues, self._leadership)
        metrics.watch_over(lambda: self._pulse.vitals, self._operator.phases)
        self._probes = Probes(settings.probe_port, self._pulse, metrics, limits.vitals)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Work, or stand by, until SIGTERM, or until ``stop`` is set.

        Raises:
            UnfitServerError: the server is too old, or lacks the CRDs.
            SettingsError: the port for probes is taken.
        """
        self._stop = stop or self._stop
        self._end_on_signals()
        with self._probes.serving():
            await until_one_ends(self._stop.wait(), self._pulse.beat(), self._lead())

    async def _lead(self) -> None:
        await self._check_server()
        self._pulse.state = State.STANDBY
        await self._leadership.acquire()
        self._pulse.state = State.FILLING
        await until_one_ends(self._rule(), self._inform())

    async def _check_server(self) -> None:
        """Check the server; one of several replicas waits for it, an only one says so and ends."""
        while True:
            try:
                return await check_server(self._kube)
            except (ApiError, Unreachable) as error:
                if not (self._settings.leader_election and is_passing(error)):
                    raise
                log.warning("The API server cannot be asked yet: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _rule(self) -> None:
        try:
            await until_one_ends(self._leadership.keep(), self._work())
        finally:
            # The work has ended; kopf, which writes nothing, may take longer.
            await self._leadership.resign()

    async def _work(self) -> None:
        await self._operator.fill()
        watched = (each.resource.plural for each, _ in self._operator.watched)
        self._pulse.hearing = Hearing(watched)
        self._pulse.state = State.WORKING
        self._filled.set()
        await self._operator.work()

    async def _inform(self) -> None:
        """Watch, from when the caches are filled."""
        await self._filled.wait()
        registry = kopf.OperatorRegistry()
        register_login(registry, self._connection, self._answered)
        for watched, wake in self._operator.watched:
            watch(registry, watched, wake)
        # In the end kopf cancels whatever was begun after it.
        others = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=registry,
            settings=informer_settings(watched for watched, _ in self._operator.watched),
            clusterwide=True,
            # Else kopf asks for the user's name, and a bare uid has none.
            identity="davit-operator",  # type: ignore[arg-type]  # a NewType that it does not export
        )
        # Kopf has taken the signals, and would let the work go on while it ends.
        self._end_on_signals()
        await kopf.run_tasks(tasks, ignored=others)

    def _answered(self, response: aiohttp.ClientResponse) -> None:
        hear(response.headers.get("Date", ""))
        self._operator.relists.answered(response)
        self._pulse.hearing.answered(response)
        self._metrics.called("GET", response.url.path, response.status)

    def _end_on_signals(self) -> None:
        # Elsewhere, as in a test's thread, Python allows no handlers.
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop.set)


def _leadership(settings: Settings, kube: Kube) -> Leadership:
    if not settings.leader_election:
        return Alone()
    terms = Terms()
    lease = Lease(kube, settings.namespace, int(terms.duration), terms.renew_deadline / 2)
    return ByLease(lease, Election(identity(), terms))
