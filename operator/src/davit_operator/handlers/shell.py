"""What every reconcile is given: the gateway, the caches, the queues, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from davit_operator.api.base import ApiModel, Metadata, ObjectKey
from davit_operator.api.kinds import API_VERSION
from davit_operator.effects.kube import Kube, Manifest
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.causes import Causes
from davit_operator.handlers.history import History
from davit_operator.handlers.logs import Logs
from davit_operator.handlers.metrics import Metrics
from davit_operator.handlers.orphans import Orphans
from davit_operator.handlers.slots import Slots
from davit_operator.handlers.warnings import Warnings
from davit_operator.plan.observed import OperatorDefaults, SeenBatchJob

KindName = Literal["JobRun", "JobDefinition", "JobRepository"]


class WorkKey(NamedTuple):
    """An object to look at."""

    kind: KindName
    key: ObjectKey

    def __str__(self) -> str:
        """Return kind and place, for the log."""
        return f"{self.kind} {self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The imperative shell's parts."""

    kube: Kube
    caches: Caches
    # A queue a kind: Git servers that do not answer must not keep runs waiting.
    queues: Mapping[KindName, WorkQueue[WorkKey]]
    defaults: OperatorDefaults
    logs: Logs
    causes: Causes
    history: History
    orphans: Orphans
    slots: Slots
    warnings: Warnings
    metrics: Metrics
    # Runs of which a write was not answered: it may have been done.
    doubtful: set[ObjectKey] = field(default_factory=set)
    # The batch Job last seen of each live run: one that vanishes is not made again.
    launched: dict[ObjectKey, SeenBatchJob] = field(default_factory=dict)

    def wake(self, key: WorkKey, after: float = 0) -> None:
        """Have the object looked at, in ``after`` seconds."""
        self.queues[key.kind].add_after(key, after)


def status_body(kind: KindName, metadata: Metadata, status: ApiModel) -> Manifest:
    """Return what is sent to write a status, provided that nobody wrote the object meanwhile."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": metadata.name,
            "namespace": metadata.namespace,
            "uid": metadata.uid,
            "resourceVersion": metadata.resource_version,
        },
        "status": status.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
