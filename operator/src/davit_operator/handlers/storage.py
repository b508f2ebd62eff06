"""Keep the JobLogs and JobFiles of each namespace within its budget: the oldest runs lose theirs.

Sizes stand in annotations, so that nothing but metadata is ever listed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from davit_operator.api.jobrun import JobRun
from davit_operator.api.names import RUN_UID_LABEL
from davit_operator.effects.errors import Conflict, NotFound
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import FILES, LOGS, RUNS, Resource
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.clock import jitter
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run_objects import size_of
from davit_operator.plan.storage import (
    MEBIBYTE,
    Census,
    Ownership,
    StoredRun,
    for_room,
    stored_size,
    surplus,
    without_objects,
)

# From here on room is made in the background, before somebody has to wait for it.
_HIGH = 0.95
# How long nobody looks again whether there is room, where there was none.
_FULL_SECONDS = 10.0

log = logging.getLogger(__name__)


class StorageFullError(Exception):
    """Nothing more can be written; the message says why."""


class Storage:
    """Counts what is written; ``limit`` is a namespace's bytes, 0: as many as there may be.

    ``is_live`` tells whether a run has not ended yet.
    """

    def __init__(self, kube: Kube, limit: int, is_live: Callable[[StoredRun], bool]) -> None:
        self.queue: WorkQueue[str] = WorkQueue(jitter)
        self._kube = kube
        self._limit = limit
        self._is_live = is_live
        # By namespace: bytes that stand there, those ever written by us, and until when it is full.
        self._used: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._full: dict[str, float] = {}
        self._lock = asyncio.Lock()
        self._now = asyncio.get_running_loop().time

    async def store(self, resource: Resource, manifest: Manifest) -> None:
        """Create a JobLog or JobFile; raise Conflict where its name is taken.

        May take as long as it takes to delete what is old.

        Raises:
            StorageFullError: the namespace has no room, and none can be made.
        """
        namespace, size = manifest["metadata"]["namespace"], size_of(manifest)
        if self._limit:
            await self._admit(namespace, size)
        try:
            await self._kube.store(resource, manifest)
        except BaseException:
            self._used[namespace] -= size
            raise

    async def _admit(self, namespace: str, size: int) -> None:
        if self._used[namespace] + size > self._limit:
            if not self._is_full(namespace):
                await self.make_room(namespace, size)
            if self._used[namespace] + size > self._limit:
                raise StorageFullError(
                    f"the JobLogs and JobFiles of namespace {namespace} may have "
                    f"{self._limit // MEBIBYTE:,} MiB, and runs that live have all of it"
                )
        self._used[namespace] += size
        self._written[namespace] += size
        if self._used[namespace] > self._limit * _HIGH and not self._is_full(namespace):
            self.queue.add(namespace)

    def _is_full(self, namespace: str) -> bool:
        """Return whether room was looked for, in vain, just now."""
        return self._full.get(namespace, 0) > self._now()

    async def count(self) -> None:
        """Count anew what stands in the cluster; delete what was left behind by a deleted run."""
        before, used = self._written.copy(), Counter[str]()
        found = Ownership()
        for resource in (LOGS, FILES):
            async for raw in self._kube.list_metadata(resource, labels=RUN_UID_LABEL):
                used[raw["metadata"]["namespace"]] += stored_size(raw)
                found.add(raw)
        # Written meanwhile, and perhaps not listed.
        used.update(self._written - before)
        self._used, self._written = used, Counter()
        for namespace in used:
            if 0 < self._limit < used[namespace]:
                self.queue.add(namespace)
        for namespace, uid in found.left_behind():
            log.warning("JobLogs and JobFiles of a JobRun that is gone are deleted: uid %s", uid)
            await self.delete(namespace, uid)

    async def delete(self, namespace: str, uid: str) -> None:
        """Delete the JobLogs and JobFiles of the run of ``uid``."""
        for resource in (LOGS, FILES):
            await self._kube.delete_all(resource, namespace, f"{RUN_UID_LABEL}={uid}")

    async def make_room(self, namespace: str, room: int = 0) -> None:
        """Have the oldest finished runs lose their JobLogs and JobFiles, until the rest fits."""
        async with self._lock:
            before = self._written[namespace]
            runs = await self._stored(namespace)
            meanwhile = max(0, self._written[namespace] - before)
            self._used[namespace] = sum(run.size for run in runs) + meanwhile
            # From above _HIGH to below it, also where nobody waits.
            room = max(room, int(self._limit * (1 - _HIGH)))
            for run in surplus(runs, self._limit, room, self._is_live):
                if await self._empty(run):
                    self._used[namespace] -= run.size
            if self._used[namespace] + room > self._limit:
                self._full[namespace] = self._now() + _FULL_SECONDS

    async def _stored(self, namespace: str) -> tuple[StoredRun, ...]:
        census = Census()
        for resource in (LOGS, FILES):
            async for raw in self._kube.list_metadata(
                resource, labels=RUN_UID_LABEL, namespace=namespace
            ):
                census.add(raw)
        return census.runs()

    async def _empty(self, stored: StoredRun) -> bool:
        """Delete what stands there of a run; return False where it must stay for now."""
        # One that somebody else made may name no run.
        raw = await self._kube.get(RUNS, stored.run) if stored.run.name else None
        # Of a run that is gone the garbage collector deletes it, sooner or later.
        if raw is not None and raw["metadata"]["uid"] == stored.uid:
            run = JobRun.model_validate(raw)
            if not run.finished:
                return False
            status = without_objects(run.status, for_room(stored.run.namespace, self._limit))
            if status != run.status:
                said = status.model_dump(mode="json", by_alias=True, exclude_none=True)
                try:
                    await self._kube.replace_status(RUNS, {**raw, "status": said})
                except (Conflict, NotFound):
                    # Somebody else was faster; the next time.
                    return False
        await self.delete(stored.run.namespace, stored.uid)
        log.info("JobLogs and JobFiles of %s were removed: %d bytes", stored.run, stored.size)
        return True
