"""End batch Jobs that no run owns: their runs were deleted, and they were left behind.

``kubectl delete --cascade=orphan`` does that, and so does who edits owner references. Nobody hears
of their end; of runs that are deleted otherwise the garbage collector deletes them.
"""

from __future__ import annotations

import logging

from davit_operator.api.base import ObjectKey
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import BATCH_JOBS
from davit_operator.engine.cache import Cache
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.clock import jitter
from davit_operator.plan.observed import SeenBatchJob

PATIENCE_SECONDS = 300.0

log = logging.getLogger(__name__)


class Orphans:
    """Batch Jobs of ours without owner; each is left alone for ``patience`` seconds."""

    def __init__(
        self, kube: Kube, batch_jobs: Cache[SeenBatchJob], patience: float = PATIENCE_SECONDS
    ) -> None:
        self.queue: WorkQueue[ObjectKey] = WorkQueue(jitter)
        self._kube = kube
        self._batch_jobs = batch_jobs
        self._patience = patience

    def seen(self, batch_job: SeenBatchJob) -> None:
        """Look at the batch Job later, where no run owns it."""
        if not batch_job.owner_uid:
            self.queue.add_after(batch_job.key, self._patience)

    async def settle(self, key: ObjectKey) -> None:
        """Delete the batch Job, if nothing has changed."""
        batch_job = self._batch_jobs.get(key)
        if batch_job is None or batch_job.owner_uid or batch_job.deleting:
            return
        log.warning("Batch Job %s is deleted: the JobRun that it belonged to is gone", key)
        await self._kube.delete(BATCH_JOBS, key, batch_job.uid, batch_job.resource_version)
