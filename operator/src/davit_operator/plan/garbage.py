"""Which parts of artifacts nobody needs any more, and which are needed and gone.

An artifact is named by repositories (what is served), installed definitions (what runs start
with), unfinished runs, batch Jobs, and pods (that mount it). What nobody names is deleted when
that was so for some time: caches may be behind, and what was just published has no name yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun
from davit_operator.plan.artifact import artifact_name
from davit_operator.plan.observed import SeenBatchJob, SeenPod

# Longer than any cache is behind, and than it takes from a part to a pod that mounts it.
PATIENCE = timedelta(minutes=10)

# Namespace and name of an artifact: what the names of its parts begin with.
ArtifactKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPart:
    """A ConfigMap with our label."""

    key: ObjectKey
    uid: str
    resource_version: str

    @property
    def artifact(self) -> ArtifactKey:
        """Return the artifact that it is a part of."""
        return self.key.namespace, self.key.name.rpartition("-")[0]


def seen_part(raw: Mapping[str, Any]) -> SeenPart:
    """Return the record of a ConfigMap."""
    metadata = raw["metadata"]
    return SeenPart(
        key=ObjectKey(metadata["namespace"], metadata["name"]),
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that may name an artifact."""

    repositories: Iterable[JobRepository]
    definitions: Iterable[JobDefinition]
    runs: Iterable[JobRun]
    batch_jobs: Iterable[SeenBatchJob]
    pods: Iterable[SeenPod]


def artifacts_named(known: Known) -> frozenset[ArtifactKey]:
    """Return the artifacts that something names."""
    digests = chain(_served(known), _started_with(known), _bound_to(known))
    mounted = ((pod.key.namespace, name) for pod in known.pods for name in pod.config_maps)
    return frozenset(
        chain(
            ((namespace, artifact_name(digest)) for namespace, digest in digests),
            ((namespace, name.rpartition("-")[0]) for namespace, name in mounted),
        )
    )


def _served(known: Known) -> Iterator[tuple[str, str]]:
    for repository in known.repositories:
        if repository.status.artifact:
            yield repository.metadata.namespace, repository.status.artifact.digest


def _started_with(known: Known) -> Iterator[tuple[str, str]]:
    for definition in known.definitions:
        if definition.status.installed:
            yield definition.metadata.namespace, definition.status.digest


def _bound_to(known: Known) -> Iterator[tuple[str, str]]:
    for run in known.runs:
        if run.status.definition:
            yield run.metadata.namespace, run.status.definition.digest
    for batch_job in known.batch_jobs:
        yield batch_job.key.namespace, batch_job.definition.digest


def unnamed_since(
    parts: Iterable[SeenPart],
    named: Collection[ArtifactKey],
    before: Mapping[str, datetime],
    now: datetime,
) -> dict[str, datetime]:
    """Return since when each part that nobody names is known to be so, by uid."""
    return {part.uid: before.get(part.uid, now) for part in parts if part.artifact not in named}


def repositories_with_gaps(
    repositories: Iterable[JobRepository], parts: Collection[ObjectKey]
) -> tuple[ObjectKey, ...]:
    """Return the repositories that serve an artifact of which a part is gone."""
    return tuple(
        repository.metadata.key
        for repository in repositories
        if repository.status.artifact
        and any(
            ObjectKey(repository.metadata.namespace, name) not in parts
            for name in repository.status.artifact.parts
        )
    )
