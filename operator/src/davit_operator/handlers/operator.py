"""All that works, wired: from the gateway to the workers and what wakes them."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobrun import Phase
from davit_operator.api.runner import RunnerSettings
from davit_operator.effects.config_map_source import ConfigMapSources
from davit_operator.effects.errors import pause_after
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.effects.git_source import GitSources
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import EVENTS, PODS
from davit_operator.effects.source_reader import SourceReader
from davit_operator.engine.tasks import until_one_ends
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.engine.workers import run_workers
from davit_operator.handlers.artifacts import Artifacts
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.causes import Causes
from davit_operator.handlers.clock import jitter, steady
from davit_operator.handlers.contacts import Contacts
from davit_operator.handlers.definitions import reconcile_definition
from davit_operator.handlers.history import History
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.logs import Logs
from davit_operator.handlers.looks import Looks
from davit_operator.handlers.metrics import Metrics
from davit_operator.handlers.orphans import Orphans
from davit_operator.handlers.repositories import Repositories
from davit_operator.handlers.resync import Relists, keep_resyncing, resync
from davit_operator.handlers.runs import reconcile_run
from davit_operator.handlers.shell import KindName, Shell, WorkKey
from davit_operator.handlers.slots import Slots
from davit_operator.handlers.sources import Sources
from davit_operator.handlers.storage import Storage
from davit_operator.handlers.warnings import Warnings
from davit_operator.handlers.watches import Wakers
from davit_operator.plan.git_address import HostPolicy
from davit_operator.plan.observed import OperatorDefaults
from davit_operator.plan.sightings import SourceLook
from davit_operator.plan.storage import MEBIBYTE, StoredRun
from davit_operator.settings import Settings


class Operator:
    """All parts; ``fill`` it once, then have it ``work`` while kopf wakes what is ``watched``."""

    def __init__(
        self,
        settings: Settings,
        kube: Kube,
        metrics: Metrics,
        logs: LogLimits,
        orphans_after: float,
    ) -> None:
        self._settings = settings
        self._log_limits = logs
        self._kube = kube
        caches = Caches()
        self._queues: dict[KindName, WorkQueue[WorkKey]] = {
            # However many wait for their start, ends are told at once.
            "JobRun": WorkQueue(jitter, lambda key: caches.has_begun(key.key)),
            "JobDefinition": WorkQueue(jitter),
            "JobRepository": WorkQueue(jitter),
        }
        limit = settings.namespace_storage_mib * MEBIBYTE
        self._storage = Storage(kube, limit, self._is_live)
        self._logs = Logs(kube, self._storage, self._wake_run, self._log_limits, self._look_at_pod)
        # A pod is called as its host is.
        self._warnings = Warnings(partial(kube.create, EVENTS), socket.gethostname())
        self._history = History(kube, caches, self._storage)
        self._orphans = Orphans(kube, caches, orphans_after)
        self._shell = Shell(
            kube=kube,
            caches=caches,
            slots=Slots(caches, self._wake_run, steady),
            queues=self._queues,
            defaults=_defaults(settings),
            logs=self._logs,
            causes=Causes(kube, self._miss_code),
            history=self._history,
            orphans=self._orphans,
            warnings=self._warnings,
            metrics=metrics,
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
        self._wakers = Wakers(self._shell, self._repositories.discovery_ended)
        self.watched = self._wakers.all()
        self.relists = Relists(kube, self.watched)

    @property
    def queues(self) -> Mapping[str, WorkQueue[Any]]:
        """Return the queues of work that must go on, by name."""
        kinds: dict[str, WorkQueue[Any]] = dict(self._queues.items())
        return {
            **kinds,
            "looks": self._looking,
            "logs": self._logs.queue,
            "storage": self._storage.queue,
            "history": self._history.queue,
            "orphans": self._orphans.queue,
            "relists": self.relists.queue,
        }

    def phases(self) -> Iterator[Phase]:
        """Yield the phase of each run that has not ended."""
        runs = self._shell.caches.runs.cache.values()
        return (run.status.phase or Phase.PENDING for run in runs)

    async def fill(self) -> None:
        """Fill the caches; before anything is decided they hold what is.

        A missing child then means a missing one.
        """
        await resync(self._kube, self.watched)

    async def work(self) -> None:
        """Work for ever."""
        workers = (
            run_workers(queue, self._reconcile, pause_after, self._settings.workers)
            for queue in self._queues.values()
        )
        await until_one_ends(
            *workers,
            run_workers(self._looking, self._looks.take, pause_after, self._settings.workers),
            run_workers(self._logs.queue, self._logs.take, pause_after, self._log_limits.streams),
            self._warnings.send(),
            run_workers(self._storage.queue, self._storage.make_room, pause_after, 1),
            run_workers(self._history.queue, self._history.settle, pause_after, 1),
            run_workers(self._orphans.queue, self._orphans.settle, pause_after, 1),
            run_workers(self.relists.queue, self.relists.take, pause_after, 1),
            keep_resyncing(self._kube, self.watched, self._tidy),
        )

    async def _reconcile(self, key: WorkKey) -> None:
        with self._shell.metrics.reconciling(key.kind):
            if key.kind == "JobRun":
                await reconcile_run(self._shell, key.key)
            elif key.kind == "JobDefinition":
                await reconcile_definition(self._shell, key.key)
            else:
                await self._repositories.reconcile(key.key)

    async def _look_at_pod(self, key: ObjectKey) -> None:
        raw = await self._kube.get(PODS, key)
        pod = self._shell.caches.pods.keep(raw) if raw is not None else None
        if pod is not None:
            self._wakers.pod(pod)

    async def _tidy(self) -> None:
        """Remove what nobody needs any more, and bring back what is needed and gone."""
        await self._history.count()
        repositories = self._shell.caches.repositories.cache
        await self._git.prune([ObjectKey(*key) for key in repositories])
        for key in await self._artifacts.sweep():
            self._sources.miss(key)
        await self._storage.count()

    def _is_live(self, stored: StoredRun) -> bool:
        run = self._shell.caches.runs.cache.get(stored.run)
        return run is not None and run.metadata.uid == stored.uid and not run.finished

    def _miss_code(self, repository: ObjectKey) -> None:
        """Have the code published again of which a pod found some missing."""
        self._sources.miss(repository)

    def _wake_repository(self, key: ObjectKey, after: float = 0) -> None:
        self._shell.wake(WorkKey("JobRepository", key), after)

    def _wake_run(self, key: ObjectKey, after: float = 0) -> None:
        self._shell.wake(WorkKey("JobRun", key), after)


def _defaults(settings: Settings) -> OperatorDefaults:
    return OperatorDefaults(
        runner=RunnerSettings(image=settings.runner_image),
        start_deadline_seconds=settings.start_deadline_seconds,
    )
