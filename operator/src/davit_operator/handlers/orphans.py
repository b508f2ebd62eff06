"""End batch Jobs that nobody waits for.

No run owns them: ``kubectl delete --cascade=orphan`` does that, and so does who edits owner
references; of runs that are deleted otherwise the garbage collector deletes them. Or Kueue put one
back whose run has ended: admitted again, it would run the code a second time.
"""

from __future__ import annotations

import logging

from davit_operator.api.base import ObjectKey
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import BATCH_JOBS
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.clock import jitter
from davit_operator.plan.observed import SeenBatchJob

PATIENCE_SECONDS = 300.0

log = logging.getLogger(__name__)


class Orphans:
    """Batch Jobs of ours without a live run; each is left alone for ``patience`` seconds."""

    def __init__(self, kube: Kube, caches: Caches, patience: float = PATIENCE_SECONDS) -> None:
        self.queue: WorkQueue[ObjectKey] = WorkQueue(jitter)
        self._kube = kube
        self._caches = caches
        self._patience = patience

    def seen(self, batch_job: SeenBatchJob) -> None:
        """Look at the batch Job later, where nobody waits for it."""
        if self._is_orphan(batch_job):
            self.queue.add_after(batch_job.key, self._patience)

    async def settle(self, key: ObjectKey) -> None:
        """Delete the batch Job, if nothing has changed."""
        batch_job = self._caches.batch_jobs.cache.get(key)
        if batch_job is None or batch_job.deleting or not self._is_orphan(batch_job):
            return
        log.warning("Batch Job %s is deleted: its JobRun is gone, or has ended", key)
        await self._kube.delete(BATCH_JOBS, key, batch_job.uid, batch_job.resource_version)

    def _is_orphan(self, batch_job: SeenBatchJob) -> bool:
        if not batch_job.owner_uid:
            return True
        run = self._caches.runs.cache.get((batch_job.key.namespace, batch_job.owner_name))
        live = run is not None and run.metadata.uid == batch_job.owner_uid and not run.finished
        return batch_job.suspended and not live
