"""What to do about one repository: publish the code, have it discovered, serve it.

suspended?              Ready as before, Suspended
source failed?          FetchFailed or Stalled; what is served stays
commit not served?      parts and discovery pod; Reconciling
discovery said so?      definitions, then the new artifact is served
otherwise               Ready
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from davit_operator.api.conditions import (
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.errors import Blocked, Stalled
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import (
    Artifact,
    Discovery,
    JobRepository,
    JobRepositoryStatus,
)
from davit_operator.api.names import REQUESTED_AT_ANNOTATION
from davit_operator.plan.artifact import PackedArtifact
from davit_operator.plan.artifact_parts import part_manifests
from davit_operator.plan.definitions import DefinitionWrite, plan_definitions
from davit_operator.plan.diagnosis import diagnose_wait
from davit_operator.plan.discovery import discovery_pod
from davit_operator.plan.observed import Discovered, Fetched, SeenPod, SeenRepository
from davit_operator.plan.pods import Manifest
from davit_operator.plan.times import format_time


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPlan:
    """What to write, in this order."""

    create_parts: tuple[Manifest, ...] = ()
    create_discovery_pod: Manifest | None = None
    write_definitions: tuple[DefinitionWrite, ...] = ()
    status: JobRepositoryStatus | None = None
    delete_pod: SeenPod | None = None
    # True: no discovery may begin now; look again soon.
    waits_for_discovery: bool = False


def plan_repository(seen: SeenRepository) -> RepositoryPlan:
    """Return what to do about the repository."""
    if seen.repository.spec.suspend:
        return RepositoryPlan(status=_changed(seen, _suspended(seen)))
    if isinstance(seen.source, Blocked):
        return RepositoryPlan(status=_changed(seen, _blocked(seen, seen.source)))
    if seen.source is None:
        return RepositoryPlan()
    if seen.source.artifact is None:
        # A pod that is left: of an older commit, or an operator died before it deleted the pod.
        return RepositoryPlan(status=_changed(seen, _served(seen)), delete_pod=seen.discovery_pod)
    return _plan_new_commit(seen, seen.source, seen.source.artifact)


def _plan_new_commit(
    seen: SeenRepository, fetched: Fetched, artifact: PackedArtifact
) -> RepositoryPlan:
    found = seen.discovered
    if isinstance(found, Blocked):
        return RepositoryPlan(
            status=_changed(seen, _blocked(seen, found)), delete_pod=seen.discovery_pod
        )
    if isinstance(found, Discovered):
        return RepositoryPlan(
            write_definitions=plan_definitions(seen, fetched, artifact, found),
            status=_newly_served(seen, fetched, artifact, found),
            delete_pod=seen.discovery_pod,
        )
    progressing = _changed(seen, _progressing(seen, fetched))
    if seen.discovery_pod is not None:
        return RepositoryPlan(status=progressing)
    if seen.discovery_here or seen.discoveries >= seen.defaults.discoveries:
        return RepositoryPlan(status=progressing, waits_for_discovery=True)
    return RepositoryPlan(
        create_parts=part_manifests(seen.repository.metadata.namespace, artifact),
        create_discovery_pod=discovery_pod(seen.repository, fetched, artifact, seen.defaults),
        status=progressing,
    )


def _suspended(seen: SeenRepository) -> JobRepositoryStatus:
    served = seen.repository.status.artifact
    what = f"{served.revision} is served." if served else "Nothing is served."
    return _with(
        seen,
        Verdict(
            type=ConditionType.READY,
            status="True" if served else "False",
            reason=Reason.SUSPENDED,
            message=f"spec.suspend is true, so the source is not looked at. {what}",
        ),
    )


def _blocked(seen: SeenRepository, cause: Blocked) -> JobRepositoryStatus:
    def verdict(kind: ConditionType, *, holds: bool) -> Verdict:
        status = "True" if holds else "False"
        return Verdict(type=kind, status=status, reason=cause.reason, message=cause.message)

    ready = verdict(ConditionType.READY, holds=False)
    if isinstance(cause, Stalled):
        return _with(seen, ready, verdict(ConditionType.STALLED, holds=True))
    retried = verdict(ConditionType.RECONCILING, holds=True)
    if cause.reason is Reason.DISCOVERY_FAILED:
        return _with(seen, ready, retried)
    return _with(seen, ready, retried, verdict(ConditionType.FETCH_FAILED, holds=True))


def undiscovered(definitions: Iterable[JobDefinition]) -> frozenset[str]:
    """Return the uids of definitions that no discovery has spoken of: written after it by hand."""
    return frozenset(
        definition.metadata.uid for definition in definitions if definition.status.installed is None
    )


def is_served(repository: JobRepository, commit: str) -> bool:
    """Return whether ``commit`` is served as the spec of now wants it."""
    served, discovery = repository.status.artifact, repository.status.discovery
    return (
        served is not None
        and discovery is not None
        and served.commit == commit
        and discovery.generation == repository.metadata.generation
    )


def _progressing(seen: SeenRepository, fetched: Fetched) -> JobRepositoryStatus:
    message = f"Discovering the jobs of {fetched.revision}."
    cause = diagnose_wait(seen.discovery_pod)
    if cause:
        message = f"{message} {cause.message} {cause.remedy}"
    return _with(
        seen,
        Verdict(
            type=ConditionType.READY,
            status="Unknown",
            reason=Reason.PROGRESSING,
            message=message,
        ),
        Verdict(
            type=ConditionType.RECONCILING,
            status="True",
            reason=Reason.PROGRESSING,
            message=message,
        ),
    )


def _served(seen: SeenRepository) -> JobRepositoryStatus:
    return seen.repository.status.model_copy(
        update=_serving(seen, seen.repository.status.artifact, seen.repository.status.discovery)
    )


def _newly_served(
    seen: SeenRepository, fetched: Fetched, artifact: PackedArtifact, found: Discovered
) -> JobRepositoryStatus:
    served = Artifact(
        revision=fetched.revision,
        commit=fetched.commit,
        digest=artifact.digest,
        size_bytes=artifact.size_bytes,
        files=artifact.files,
        parts=[part.name for part in artifact.parts],
    )
    discovery = Discovery(
        generation=seen.repository.metadata.generation,
        definitions=len(found.descriptions),
        problems=list(found.problems),
    )
    return seen.repository.status.model_copy(
        update={
            **_serving(seen, served, discovery),
            "artifact": served,
            "discovery": discovery,
        }
    )


def _serving(
    seen: SeenRepository, served: Artifact | None, discovery: Discovery | None
) -> dict[str, object]:
    if served is None:
        raise AssertionError("a source without new code is one whose commit is served")
    verdicts = [
        Verdict(
            type=ConditionType.READY,
            status="True",
            reason=Reason.ARTIFACT_SERVED,
            message=f"{served.revision} is served.",
        )
    ]
    if discovery and discovery.problems:
        verdicts.append(_problems(discovery))
    return _heading(seen, *verdicts)


def _problems(discovery: Discovery) -> Verdict:
    first = discovery.problems[0]
    return Verdict(
        type=ConditionType.DISCOVERY_PROBLEMS,
        status="True",
        reason=Reason.PROBLEMS_FOUND,
        message=f"{len(discovery.problems)} found; the first: {first.path}:{first.line}: "
        f"{first.message} All stand in status.discovery.problems.",
    )


def _with(seen: SeenRepository, *verdicts: Verdict) -> JobRepositoryStatus:
    return seen.repository.status.model_copy(update=_heading(seen, *verdicts))


def _heading(seen: SeenRepository, *verdicts: Verdict) -> dict[str, object]:
    repository: JobRepository = seen.repository
    generation = repository.metadata.generation
    return {
        "observed_generation": generation,
        "last_handled_reconcile_at": repository.metadata.annotations.get(REQUESTED_AT_ANNOTATION),
        "conditions": conditions_after(
            repository.status.conditions,
            verdicts,
            generation=generation,
            now=format_time(seen.now),
        ),
    }


def _changed(seen: SeenRepository, status: JobRepositoryStatus) -> JobRepositoryStatus | None:
    return None if status == seen.repository.status else status
