"""The operator's own view of the cluster: one small record an object, filled by the watches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import TERMINAL_PHASES, JobRun, Phase
from davit_operator.api.names import COMPONENT_LABEL
from davit_operator.effects.resources import (
    BATCH_JOBS,
    DEFINITIONS,
    PODS,
    REPOSITORIES,
    RUNS,
    Resource,
)
from davit_operator.engine.cache import Cache, Entry
from davit_operator.plan.definition import elder_of
from davit_operator.plan.observed import SeenBatchJob, SeenPod
from davit_operator.plan.projection import key_of, seen_batch_job, seen_pod

T = TypeVar("T")
Raw = Mapping[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched(Generic[T]):
    """A resource that is watched: what of it, how it is read, and where it is kept."""

    resource: Resource
    cache: Cache[T]
    read: Callable[[Raw], T]
    labels: str = ""
    fields: str = ""

    def keep(self, raw: Raw) -> T | None:
        """Keep the object; return its record, None where nothing new was said."""
        metadata = raw["metadata"]
        try:
            record = self.read(raw)
        except (ValueError, KeyError, TypeError) as error:
            # The CRD's schema lets nothing unreadable in; somebody changed a child, or the CRD.
            log.warning(
                "%s %s cannot be read and is left alone: %s",
                self.resource.plural,
                key_of(raw),
                error,
            )
            return None
        entry = Entry(metadata["uid"], int(metadata["resourceVersion"]), record)
        return record if self.cache.put(key_of(raw), entry) else None

    def drop(self, raw: Raw) -> T | None:
        """Forget the object; return its record."""
        metadata = raw["metadata"]
        return self.cache.drop(key_of(raw), metadata["uid"], int(metadata["resourceVersion"]))


def index_name(namespace: str, name: str) -> str:
    """Return the index that collects what refers to an object."""
    return f"{namespace}/{name}"


def _live_index(definition_uid: str) -> str:
    return f"live {definition_uid}"


def _started_index(namespace: str, definition: str) -> str:
    return f"started {namespace}/{definition}"


def _waiting_index(namespace: str, definition: str) -> str:
    return f"waiting {namespace}/{definition}"


def _phase_index(run: JobRun) -> str:
    """Return what lists the run as started, or as one that waits for its start."""
    place = run.metadata.namespace, run.spec.definition_ref.name
    if run.finished:
        return ""
    if run.status.attempts:
        return _started_index(*place)
    return "" if run.spec.suspend or run.spec.cancel else _waiting_index(*place)


class Caches:
    """All that is watched."""

    def __init__(self) -> None:
        self.repositories: Watched[JobRepository] = Watched(
            REPOSITORIES, Cache(), JobRepository.model_validate
        )
        self.definitions: Watched[JobDefinition] = Watched(
            DEFINITIONS,
            Cache(lambda d: index_name(d.metadata.namespace, d.spec.repository_ref.name)),
            JobDefinition.model_validate,
        )
        # Finished runs stay out: a restart then costs what lives, not what ever was.
        unfinished = ",".join(
            f"status.phase!={phase}" for phase in Phase if phase in TERMINAL_PHASES
        )
        self.runs: Watched[JobRun] = Watched(
            RUNS,
            Cache(
                lambda r: index_name(r.metadata.namespace, r.spec.definition_ref.name),
                _phase_index,
            ),
            JobRun.model_validate,
            fields=unfinished,
        )
        self.batch_jobs: Watched[SeenBatchJob] = Watched(
            BATCH_JOBS,
            Cache(
                lambda b: b.owner_uid, lambda b: "" if b.ended else _live_index(b.definition.uid)
            ),
            seen_batch_job,
            labels=COMPONENT_LABEL,
        )
        self.pods: Watched[SeenPod] = Watched(
            PODS,
            Cache(
                lambda p: p.owner_uid,
                lambda p: "" if p.over else _live_index(p.definition_uid),
                lambda p: index_name(p.key.namespace, p.owner_name),
            ),
            seen_pod,
            labels=COMPONENT_LABEL,
        )

    def definitions_of(self, repository: ObjectKey) -> tuple[JobDefinition, ...]:
        """Return the definitions that refer to the repository."""
        return tuple(self.definitions.cache.of(index_name(*repository)))

    def elder_of(self, definition: JobDefinition) -> JobDefinition | None:
        """Return the older definition of the same class, which stands in this one's place."""
        repository = ObjectKey(definition.metadata.namespace, definition.spec.repository_ref.name)
        return elder_of(definition, self.definitions_of(repository))

    def runs_of(self, definition: ObjectKey) -> tuple[JobRun, ...]:
        """Return the unfinished runs that refer to the definition."""
        return tuple(self.runs.cache.of(index_name(*definition)))

    def has_begun(self, key: ObjectKey) -> bool:
        """Return whether the run was started, as far as is known."""
        run = self.runs.cache.get(key)
        if run is None:
            return False
        return bool(run.status.attempts) or any(self.batch_jobs.cache.of(run.metadata.uid))

    def started_runs(self, definition: ObjectKey) -> tuple[JobRun, ...]:
        """Return the runs of the definition that have begun an attempt, and have not ended."""
        return tuple(self.runs.cache.of(_started_index(*definition)))

    def waiting_runs(self, definition: ObjectKey) -> tuple[JobRun, ...]:
        """Return the runs of the definition that are to be started."""
        return tuple(self.runs.cache.of(_waiting_index(*definition)))

    def live_batch_jobs(self, definition_uid: str) -> tuple[SeenBatchJob, ...]:
        """Return the batch Jobs of the definition that have not ended."""
        return tuple(self.batch_jobs.cache.of(_live_index(definition_uid)))

    def has_pods(self, batch_job: ObjectKey) -> bool:
        """Return whether there are pods of a batch Job of that name, which may itself be gone."""
        return any(self.pods.cache.of(index_name(*batch_job)))

    def live_pods(self, definition_uid: str) -> tuple[SeenPod, ...]:
        """Return the pods of the definition that may execute its code."""
        return tuple(self.pods.cache.of(_live_index(definition_uid)))
