"""End finished runs that are over: by their ttl, or beyond their definition's limits.

They are in no cache of a watch, so that a restart costs what lives. A small record is kept of each,
read as a table at the start and at each resync; what ends meanwhile is told by who writes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.execution import HistoryLimits
from davit_operator.api.jobrun import TERMINAL_PHASES, JobRun, Phase
from davit_operator.effects.errors import ApiError
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import DEFINITIONS, RUNS
from davit_operator.engine.cache import Cache, Entry
from davit_operator.engine.rate import Rate
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.caches import Caches, index_name
from davit_operator.handlers.clock import jitter, now
from davit_operator.handlers.storage import Storage
from davit_operator.plan.compaction import compacted
from davit_operator.plan.history import (
    FinishedRun,
    finished_run,
    is_applied,
    listed_run,
    plan_history,
)

# Each takes a read, a write, and what the garbage collector does after it: live runs come first.
_ENDS_A_SECOND = 10.0
# Of one definition, before others have their turn.
_AT_ONCE = 50
# After an end: whoever follows the run reads of it, and others end meanwhile.
_LINGER_SECONDS = 1.0
# A definition that is gone may come back with its limits: it is replaced, or its repository is.
_PATIENCE_SECONDS = 600.0
_ENDED = ",".join(
    f"status.phase!={phase}" for phase in ("", *Phase) if phase not in TERMINAL_PHASES
)

log = logging.getLogger(__name__)


class History:
    """The finished runs; ``queue`` holds the definitions whose runs are to be looked at."""

    def __init__(self, kube: Kube, caches: Caches, storage: Storage) -> None:
        self.queue: WorkQueue[ObjectKey] = WorkQueue(jitter)
        self._kube = kube
        self._caches = caches
        self._storage = storage
        self._runs: Cache[FinishedRun] = Cache(lambda run: index_name(*run.group))
        self._rate = Rate(_ENDS_A_SECOND)
        # By definition that does not exist: since when that is known.
        self._missing: dict[ObjectKey, float] = {}
        self._now = asyncio.get_running_loop().time

    def __len__(self) -> int:
        """Return how many finished runs are known."""
        return len(self._runs)

    def ended(self, raw: Mapping[str, Any]) -> None:
        """Remember a run whose final status was written just now."""
        try:
            run = finished_run(raw)
        except (KeyError, TypeError, ValueError) as error:
            log.warning("The end of a run cannot be read: %s", error)
            return
        if run is not None:
            self._keep(run)
            self.queue.add_after(run.group, _LINGER_SECONDS)

    async def count(self) -> None:
        """Read which finished runs there are, and have all of them looked at."""
        since, listed = self._runs.mark(), set()
        async for cells in self._kube.list_cells(RUNS, _ENDED):
            try:
                run = listed_run(cells)
            except KeyError as missing:
                log.warning(
                    "Finished runs stay: the CRD of JobRuns has no column %s. Install the newest "
                    "CRDs: `kubectl apply -f crds/`.",
                    missing,
                )
                return
            except (TypeError, ValueError):
                # Somebody else wrote its status: nobody knows how old it is.
                continue
            listed.add(str(run.key))
            self._keep(run)
        self._runs.prune(frozenset(listed), since)
        for group in {run.group for run in self._runs.values()}:
            self.queue.add(group)

    async def settle(self, definition: ObjectKey) -> None:
        """End the runs of the definition that are over, the oldest first."""
        runs = tuple(self._runs.of(index_name(*definition)))
        if not runs:
            self._missing.pop(definition, None)
            return
        plan = plan_history(runs, await self._limits(definition), now())
        for run in plan.surplus[:_AT_ONCE]:
            while wait := self._rate.take(self._now()):
                await asyncio.sleep(wait)
            await self._end(run)
        self.queue.add_after(definition, 0 if plan.surplus[_AT_ONCE:] else plan.again_after)

    async def _limits(self, key: ObjectKey) -> HistoryLimits | None:
        """Return what is kept of the definition's runs; None: all, for now."""
        definition = self._caches.definitions.cache.get(key)
        if definition is not None:
            self._missing.pop(key, None)
            return definition.spec.history_limits
        left = self._missing.setdefault(key, self._now()) + _PATIENCE_SECONDS - self._now()
        if left > 0:
            self.queue.add_after(key, left)
            return None
        # One that cannot be read is in no cache, and has limits nevertheless.
        return None if await self._kube.metadata(DEFINITIONS, key) else HistoryLimits()

    async def _end(self, run: FinishedRun) -> None:
        try:
            await self._end_as_it_is(run)
        except (ApiError, ValueError) as error:
            if isinstance(error, ApiError) and not error.is_refusal:
                raise
            # One that somebody guards must not keep the others.
            log.warning("JobRun %s is over, and stays: %s", run.key, error)
            self._forget(run)

    async def _end_as_it_is(self, run: FinishedRun) -> None:
        """Delete the run, or strip it, unless it is another one by now."""
        raw = await self._kube.get(RUNS, run.key)
        found = finished_run(raw) if raw else None
        if raw is None or found is None:
            self._forget(run)
        elif found != run:
            self._keep(found)
            self.queue.add(found.group)
        elif is_applied(raw):
            await self._strip(raw)
        else:
            metadata = raw["metadata"]
            await self._kube.delete(RUNS, run.key, metadata["uid"], metadata["resourceVersion"])
            self._forget(run)

    async def _strip(self, raw: Mapping[str, Any]) -> None:
        # The mark comes last: an operator that ends in between does it once more.
        await self._storage.delete(raw["metadata"]["namespace"], raw["metadata"]["uid"])
        status = compacted(JobRun.model_validate(raw).status)
        said = status.model_dump(mode="json", by_alias=True, exclude_none=True)
        self.ended(await self._kube.replace_status(RUNS, {**raw, "status": said}))

    def _keep(self, run: FinishedRun) -> None:
        # A table tells no uid; what is done is decided by the object itself.
        self._runs.put(run.key, Entry(str(run.key), 0, run))

    def _forget(self, run: FinishedRun) -> None:
        self._runs.drop(run.key, str(run.key))
