"""The operator as a whole: wired, checked against its server, filled, and run until stopped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from functools import partial
from typing import Any

import kopf

from davit_operator.api.base import ObjectKey
from davit_operator.api.kinds import GROUP, KINDS, VERSION
from davit_operator.api.runner import RunnerSettings
from davit_operator.effects.config_map_source import ConfigMapSources
from davit_operator.effects.connect import Connection
from davit_operator.effects.errors import pause_after
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.effects.git_source import GitSources
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import EVENTS
from davit_operator.effects.source_reader import SourceReader
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.engine.workers import run_workers
from davit_operator.handlers.artifacts import Artifacts
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.causes import Causes
from davit_operator.handlers.clock import jitter
from davit_operator.handlers.contacts import Contacts
from davit_operator.handlers.definitions import reconcile_definition
from davit_operator.handlers.informer import informer_settings, register_login
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.logs import Logs
from davit_operator.handlers.looks import Looks
from davit_operator.handlers.repositories import Repositories
from davit_operator.handlers.resync import Relists, keep_resyncing, resync
from davit_operator.handlers.runs import reconcile_run
from davit_operator.handlers.shell import KindName, Shell, WorkKey
from davit_operator.handlers.sources import Sources
from davit_operator.handlers.storage import Storage
from davit_operator.handlers.warnings import Warnings
from davit_operator.handlers.watches import Wakers, watch
from davit_operator.plan.git_address import HostPolicy
from davit_operator.plan.observed import OperatorDefaults
from davit_operator.plan.sightings import SourceLook
from davit_operator.plan.storage import MEBIBYTE, StoredRun
from davit_operator.settings import Settings

OLDEST_KUBERNETES = (1, 32)


class UnfitServerError(Exception):
    """The API server cannot carry davit; the message says what is missing."""


async def check_server(kube: Kube) -> None:
    """Raise UnfitServerError where the server is too old, or the CRDs are missing."""
    version = await kube.version()
    if version < OLDEST_KUBERNETES:
        found, needed = ".".join(map(str, version)), ".".join(map(str, OLDEST_KUBERNETES))
        raise UnfitServerError(f"Kubernetes {found} is too old: davit needs {needed} or newer.")
    served = await kube.served(GROUP, VERSION)
    missing = [kind.plural for kind in KINDS if kind.plural not in served]
    if missing:
        names = ", ".join(f"{plural}.{GROUP}" for plural in missing)
        raise UnfitServerError(
            f"The API server does not serve {names}. Install the CRDs: `kubectl apply -f crds/`."
        )


class Operator:
    """All parts, wired; ``run`` once."""

    def __init__(
        self, settings: Settings, connection: Connection, logs: LogLimits | None = None
    ) -> None:
        self._settings = settings
        self._log_limits = logs or LogLimits()
        self._connection = connection
        self._kube = kube = connection.kube
        kinds: tuple[KindName, ...] = ("JobRun", "JobDefinition", "JobRepository")
        self._queues: dict[KindName, WorkQueue[WorkKey]] = {
            kind: WorkQueue(jitter) for kind in kinds
        }
        limit = settings.namespace_storage_mib * MEBIBYTE
        self._storage = Storage(kube, limit, self._is_live)
        self._logs = Logs(kube, self._storage, self._wake_run, self._log_limits)
        # A pod is called as its host is.
        self._warnings = Warnings(partial(kube.create, EVENTS), socket.gethostname())
        self._shell = Shell(
            kube=kube,
            caches=Caches(),
            queues=self._queues,
            defaults=_defaults(settings),
            logs=self._logs,
            causes=Causes(kube),
            warnings=self._warnings,
        )
        hosts = HostPolicy(
            allow_http=settings.git_allow_http, allowed_hosts=settings.git_allowed_hosts
        )
        git = GitReader(GitSettings(folder=settings.state_dir, allow_http=settings.git_allow_http))
        git.require_git()
        self._git = GitSources(kube, git, hosts, threads=2 * settings.workers)
        reader = SourceReader(self._git, ConfigMapSources(kube))
        self._looking: WorkQueue[SourceLook] = WorkQueue(jitter)
        # Looks have workers of their own, and so have those who fetch.
        looks, fetches = (Contacts(max(1, settings.workers // 2)) for _ in range(2))
        self._looks = Looks(self._looking, reader.look, self._wake_repository, looks)
        self._sources = Sources(reader, self._looks, self._wake_repository, fetches)
        self._artifacts = Artifacts(kube, self._shell.caches, self._sources.in_use)
        self._repositories = Repositories(self._shell, self._sources, self._artifacts)
        wakers = Wakers(self._shell, self._repositories.discovery_ended)
        self._watched = wakers.all()
        self._relists = Relists(kube, self._watched)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Work until SIGTERM, or until ``stop`` is set.

        Raises:
            UnfitServerError: the server is too old, or lacks the CRDs.
        """
        await check_server(self._kube)
        # Before anything is decided, the caches hold what is: a missing child means a missing one.
        await resync(self._kube, self._watched)
        workers = (
            run_workers(queue, self._reconcile, pause_after, self._settings.workers)
            for queue in self._queues.values()
        )
        endless: tuple[Awaitable[None], ...] = (
            *workers,
            run_workers(self._looking, self._looks.take, pause_after, self._settings.workers),
            run_workers(self._logs.queue, self._logs.take, pause_after, self._log_limits.streams),
            self._warnings.send(),
            run_workers(self._storage.queue, self._storage.make_room, pause_after, 1),
            run_workers(self._relists.queue, self._relists.take, pause_after, 1),
            keep_resyncing(self._kube, self._watched, self._tidy),
        )
        tasks = [asyncio.ensure_future(each) for each in endless]
        informer = asyncio.ensure_future(self._inform(stop))
        try:
            await asyncio.wait([informer, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (informer, *tasks):
                task.cancel()
            ended = await asyncio.gather(informer, *tasks, return_exceptions=True)
        _raise_first(ended)

    async def _reconcile(self, key: WorkKey) -> None:
        if key.kind == "JobRun":
            await reconcile_run(self._shell, key.key)
        elif key.kind == "JobDefinition":
            await reconcile_definition(self._shell, key.key)
        else:
            await self._repositories.reconcile(key.key)

    async def _tidy(self) -> None:
        """Remove code that nobody needs any more, and bring back what is needed and gone."""
        repositories = self._shell.caches.repositories.cache
        await self._git.prune([ObjectKey(*key) for key in repositories])
        for key in await self._artifacts.sweep():
            self._sources.miss(key)
        await self._storage.count()

    def _is_live(self, stored: StoredRun) -> bool:
        run = self._shell.caches.runs.cache.get(stored.run)
        return run is not None and run.metadata.uid == stored.uid and not run.finished

    def _wake_repository(self, key: ObjectKey, after: float = 0) -> None:
        self._shell.wake(WorkKey("JobRepository", key), after)

    def _wake_run(self, key: ObjectKey, after: float) -> None:
        self._shell.wake(WorkKey("JobRun", key), after)

    async def _inform(self, stop: asyncio.Event | None) -> None:
        registry = kopf.OperatorRegistry()
        register_login(registry, self._connection, self._relists.listed)
        for watched, wake in self._watched:
            watch(registry, watched, wake)
        port = self._settings.probe_port
        await kopf.operator(
            registry=registry,
            settings=informer_settings(watched for watched, _ in self._watched),
            clusterwide=True,
            # Else kopf asks for the user's name, and a bare uid has none.
            identity="davit-operator",  # type: ignore[arg-type]  # a NewType that it does not export
            stop_flag=stop,
            liveness_endpoint=f"http://0.0.0.0:{port}/healthz" if port else None,
        )


def _defaults(settings: Settings) -> OperatorDefaults:
    return OperatorDefaults(
        runner=RunnerSettings(image=settings.runner_image),
        start_deadline_seconds=settings.start_deadline_seconds,
    )


def _raise_first(ended: list[Any]) -> None:
    for each in ended:
        if isinstance(each, Exception):
            raise each
