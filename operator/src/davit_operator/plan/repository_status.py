"""What a repository's status says in each situation; what is served stays until it is replaced."""

from __future__ import annotations

from collections.abc import Sequence

from davit_operator.api.conditions import (
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.errors import Blocked, Stalled
from davit_operator.api.jobrepository import (
    Artifact,
    Discovery,
    FailedDiscovery,
    JobRepositoryStatus,
    Problem,
)
from davit_operator.api.names import REQUESTED_AT_ANNOTATION
from davit_operator.plan.artifact import AnyArtifact
from davit_operator.plan.discovered import bounded
from davit_operator.plan.discovery import discovery_inputs, is_served
from davit_operator.plan.discovery_end import BrokenCode
from davit_operator.plan.involved import involved_in_discovery
from davit_operator.plan.observed import Discovered, Fetched, SeenRepository
from davit_operator.plan.pod_waits import diagnose_wait
from davit_operator.plan.times import format_time


def suspended(seen: SeenRepository) -> JobRepositoryStatus:
    """Return the status of a repository that is left alone."""
    served = seen.repository.status.artifact
    what = f"{served.revision} is served." if served else "Nothing is served."
    message = f"spec.suspend is true, so the source is not looked at. {what}"

    def verdict(kind: ConditionType, *, holds: bool) -> Verdict:
        status = "True" if holds else "False"
        return Verdict(type=kind, status=status, reason=Reason.SUSPENDED, message=message)

    verdicts = [verdict(ConditionType.READY, holds=served is not None)]
    if served is None:
        # Nobody will be served by waiting.
        verdicts.append(verdict(ConditionType.STALLED, holds=True))
    return _unanswered(seen, _with(seen, *verdicts))


def looking(seen: SeenRepository) -> JobRepositoryStatus:
    """Return the status while nothing is known of what the spec of now names."""
    status = seen.repository.status
    if status.conditions and status.observed_generation == seen.repository.metadata.generation:
        return status
    return _under_way(seen, "Looking at the source.")


def blocked(seen: SeenRepository, cause: Blocked) -> JobRepositoryStatus:
    """Return the status of a repository whose source cannot be read, or must not be."""

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


def refused(seen: SeenRepository, revision: str, cause: Blocked) -> JobRepositoryStatus:
    """Return the status of a repository whose newest revision is not served."""
    status = blocked(seen, cause)
    if not isinstance(cause, Stalled):
        return status
    discovery = status.discovery or Discovery()
    failed = discovery.failed
    if failed is None or (failed.revision, failed.message) != (revision, cause.message):
        problems = cause.problems if isinstance(cause, BrokenCode) else ()
        failed = FailedDiscovery(revision=revision, message=cause.message, problems=list(problems))
    return status.model_copy(update={"discovery": discovery.model_copy(update={"failed": failed})})


def progressing(seen: SeenRepository, source: Fetched) -> JobRepositoryStatus:
    """Return the status while a revision is discovered."""
    if is_served(seen.repository, source.commit, seen.defaults):
        # It is only discovered once more: for a new definition, or since an image may have moved.
        return _unanswered(seen, served(seen, source))
    message = f"Discovering the jobs of {source.revision}."
    pod = seen.discovery_pod
    cause = diagnose_wait(pod, involved_in_discovery(pod)) if pod else None
    return _under_way(seen, f"{message} {cause.message} {cause.remedy}" if cause else message)


def served(seen: SeenRepository, source: Fetched) -> JobRepositoryStatus:
    """Return the status of a repository that serves what its source holds."""
    status = seen.repository.status
    if status.artifact is None or status.discovery is None:
        raise AssertionError("what is served stands in the status")
    artifact = status.artifact
    if seen.repository.spec.source.image is None:
        # Another reference may name the same commit.
        artifact = artifact.model_copy(update={"revision": source.revision})
    return _serving(seen, artifact, status.discovery.model_copy(update={"failed": None}))


def newly_served(
    seen: SeenRepository, source: Fetched, artifact: AnyArtifact, found: Discovered
) -> JobRepositoryStatus:
    """Return the status of a repository that serves ``source`` from now on."""
    names = [part if isinstance(part, str) else part.name for part in artifact.parts]
    return _serving(
        seen,
        Artifact(
            revision=source.revision,
            commit=source.commit,
            digest=artifact.digest,
            size_bytes=artifact.size_bytes,
            files=artifact.files,
            parts=names,
            notes=list(artifact.notes),
        ),
        Discovery(
            commit=source.commit,
            inputs=discovery_inputs(seen.repository, seen.defaults),
            definitions=len(found.descriptions),
            problems=list(found.problems),
        ),
    )


def with_unwritten(
    seen: SeenRepository, planned: JobRepositoryStatus | None, problems: Sequence[Problem]
) -> JobRepositoryStatus | None:
    """Return the status that a plan writes, if any, with what could not be written beside it."""
    status = planned or seen.repository.status
    if not problems or status.artifact is None or status.discovery is None:
        return planned
    told = bounded([*status.discovery.problems, *problems])
    discovery = status.discovery.model_copy(update={"problems": list(told)})
    serving = _serving(seen, status.artifact, discovery)
    return None if serving == seen.repository.status else serving


def _serving(seen: SeenRepository, artifact: Artifact, discovery: Discovery) -> JobRepositoryStatus:
    verdicts = [
        Verdict(
            type=ConditionType.READY,
            status="True",
            reason=Reason.ARTIFACT_SERVED,
            message=f"{artifact.revision} is served.",
        )
    ]
    if discovery.problems:
        verdicts.append(_problems(discovery.problems))
    status = _with(seen, *verdicts)
    return status.model_copy(update={"artifact": artifact, "discovery": discovery})


def _problems(problems: list[Problem]) -> Verdict:
    first = problems[0]
    return Verdict(
        type=ConditionType.DISCOVERY_PROBLEMS,
        status="True",
        reason=Reason.PROBLEMS_FOUND,
        message=f"{len(problems)} found; the first: {first.path}:{first.line}: {first.message} "
        "All stand in status.discovery.problems.",
    )


def _under_way(seen: SeenRepository, message: str) -> JobRepositoryStatus:
    ready, reconciling = ConditionType.READY, ConditionType.RECONCILING
    reason = Reason.PROGRESSING
    status = _with(
        seen,
        Verdict(type=ready, status="Unknown", reason=reason, message=message),
        Verdict(type=reconciling, status="True", reason=reason, message=message),
    )
    return _unanswered(seen, status)


def _unanswered(seen: SeenRepository, status: JobRepositoryStatus) -> JobRepositoryStatus:
    """Return ``status`` without the request of now: what it asked for has not come to its end."""
    before = seen.repository.status.last_handled_reconcile_at
    return status.model_copy(update={"last_handled_reconcile_at": before})


def _with(seen: SeenRepository, *verdicts: Verdict) -> JobRepositoryStatus:
    repository, status = seen.repository, seen.repository.status
    generation = repository.metadata.generation
    asked = repository.metadata.annotations.get(REQUESTED_AT_ANNOTATION)
    return status.model_copy(
        update={
            "observed_generation": generation,
            "last_handled_reconcile_at": asked,
            "conditions": conditions_after(
                status.conditions, verdicts, generation=generation, now=format_time(seen.now)
            ),
        }
    )
