"""From watch events to keys in the work queue: the one place where kopf's handlers stand.

Handlers update a cache and add keys, nothing else: what kopf drops, the resync finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import kopf

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun
from davit_operator.api.names import DISCOVERY_COMPONENT
from davit_operator.handlers.caches import Watched
from davit_operator.handlers.shell import Shell, WorkKey
from davit_operator.plan.observed import SeenBatchJob, SeenPod

Wake = Callable[[Any], None]


class Wakers:
    """Which objects must be looked at again after a change of another."""

    def __init__(self, shell: Shell, discovery_ended: Callable[[], None]) -> None:
        self._caches = shell.caches
        self._wake = shell.wake
        self._history = shell.history
        self._slots = shell.slots
        self._orphans = shell.orphans
        self._discovery_ended = discovery_ended

    def all(self) -> tuple[tuple[Watched[Any], Wake], ...]:
        """Return what is watched, each with what a change of it wakes."""
        caches = self._caches
        return (
            (caches.repositories, self.repository),
            (caches.definitions, self.definition),
            (caches.runs, self.run),
            (caches.batch_jobs, self.batch_job),
            (caches.pods, self.pod),
        )

    def repository(self, repository: JobRepository) -> None:
        """Wake the repository, and the runs that may have waited for it."""
        key = repository.metadata.key
        self._wake(WorkKey("JobRepository", key))
        for definition in self._caches.definitions_of(key):
            self._runs_of(definition)

    def definition(self, definition: JobDefinition) -> None:
        """Wake the definition, runs that may have waited for it, and those that have ended."""
        self._wake(WorkKey("JobDefinition", definition.metadata.key))
        repository = ObjectKey(definition.metadata.namespace, definition.spec.repository_ref.name)
        for each in self._caches.definitions_of(repository):
            if each.spec.class_path == definition.spec.class_path:
                # The oldest of them stands, and that may be another one now.
                self._wake(WorkKey("JobDefinition", each.metadata.key))
        known = self._caches.repositories.cache.get(repository)
        gone = self._caches.definitions.cache.get(definition.metadata.key) is None
        if known is None or gone or definition.status.installed is None:
            # The repository was deleted while no operator ran, or must discover once more: for a
            # definition that was written after it, or to bring back one that was deleted.
            self._wake(WorkKey("JobRepository", repository))
        self._runs_of(definition)
        self._history.queue.add(definition.metadata.key)

    def run(self, run: JobRun) -> None:
        """Wake the run."""
        self._wake(WorkKey("JobRun", run.metadata.key))

    def batch_job(self, batch_job: SeenBatchJob) -> None:
        """Wake the run that owns the batch Job."""
        self._orphans.seen(batch_job)
        key = ObjectKey(batch_job.key.namespace, batch_job.owner_name)
        self._wake(WorkKey("JobRun", key))
        if self._caches.batch_jobs.cache.get(batch_job.key) is None:
            self._slots.bury(batch_job)
        self._slots.offer(batch_job.definition.uid)

    def pod(self, pod: SeenPod) -> None:
        """Wake the run or the repository that the pod works for."""
        if pod.component == DISCOVERY_COMPONENT:
            key = ObjectKey(pod.key.namespace, pod.owner_name)
            self._wake(WorkKey("JobRepository", key))
            self._discovery_ended()
            return
        self._slots.offer(pod.definition_uid)
        # A pod that comes before its batch Job is found again when that comes.
        batch_job = self._caches.batch_jobs.cache.get((pod.key.namespace, pod.owner_name))
        if batch_job is not None:
            self.batch_job(batch_job)

    def _runs_of(self, definition: JobDefinition) -> None:
        for run in self._caches.runs_of(definition.metadata.key):
            self.run(run)


def watch(registry: kopf.OperatorRegistry, watched: Watched[Any], wake: Wake) -> None:
    """Have every event of ``watched`` kept in its cache, and what it touches woken."""

    async def seen(event: Mapping[str, Any], **_: object) -> None:
        raw = event["object"]
        keep = watched.drop if event["type"] == "DELETED" else watched.keep
        record = keep(raw)
        if record is not None:
            wake(record)

    resource = watched.resource
    kopf.on.event(
        resource.group,
        resource.version,
        resource.plural,
        id=resource.plural,
        registry=registry,
    )(seen)
