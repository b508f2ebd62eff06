"""What to do about one repository: publish the code, have it discovered, serve it.

suspended?              Ready as before, Suspended
not looked at?          Progressing, where the spec is new
source failed?          FetchFailed or Stalled; what is served stays
commit refused?         likewise, with the revision that is broken
commit served?          Ready
discovery ended?        definitions, then the new artifact is served; or why not
discovery under way?    Reconciling
others discover?        wait for them
otherwise               parts and discovery pod; Reconciling

Pods of the repository that discover something else are deleted: others may wait for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from davit_operator.api.errors import Blocked
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.plan.artifact import AnyArtifact, PackedArtifact
from davit_operator.plan.artifact_parts import part_manifests
from davit_operator.plan.definitions import DefinitionWrite, plan_definitions
from davit_operator.plan.discovery import (
    discovery_pod,
    is_discovering,
    is_served,
    overdue,
    runner_image,
)
from davit_operator.plan.observed import Discovered, Fetched, SeenPod, SeenRepository
from davit_operator.plan.pods import Manifest
from davit_operator.plan.repository_status import (
    blocked,
    looking,
    newly_served,
    progressing,
    refused,
    served,
    suspended,
)
from davit_operator.plan.sightings import exact_image, image_sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPlan:
    """What to write, in this order."""

    create_parts: tuple[Manifest, ...] = ()
    # True: with these parts, if any, the source's code stands in ConfigMaps.
    publishes: bool = False
    create_discovery_pod: Manifest | None = None
    write_definitions: tuple[DefinitionWrite, ...] = ()
    status: JobRepositoryStatus | None = None
    delete_pods: tuple[SeenPod, ...] = ()
    # True: no discovery may begin now; look again once one has ended.
    waits_for_discovery: bool = False
    # Why the commit is not served, to be remembered.
    refuse: Blocked | None = None
    # True: the attempt to serve the commit has ended well.
    serves: bool = False


def plan_repository(seen: SeenRepository) -> RepositoryPlan:
    """Return what to do about the repository."""
    plan = _plan(seen)
    # Each event of a pod's end would cost a call more.
    return replace(plan, delete_pods=tuple(pod for pod in plan.delete_pods if not pod.deleting))


def _plan(seen: SeenRepository) -> RepositoryPlan:
    source = seen.source
    if seen.repository.spec.suspend:
        return RepositoryPlan(status=_changed(seen, suspended(seen)), delete_pods=seen.pods)
    if source is None:
        return RepositoryPlan(status=_changed(seen, looking(seen)), delete_pods=_overdue(seen))
    if isinstance(source, Blocked):
        return RepositoryPlan(
            status=_changed(seen, blocked(seen, source)), delete_pods=_overdue(seen)
        )
    if source.refused is not None:
        return _plan_refused(seen, source, source.refused)
    if is_current(seen, source):
        return RepositoryPlan(
            create_parts=_parts(seen, source.artifact),
            publishes=source.artifact is not None,
            status=_changed(seen, served(seen, source)),
            delete_pods=seen.pods,
        )
    return _plan_discovery(seen, source)


def is_current(seen: SeenRepository, source: Fetched) -> bool:
    """Return whether what is served is what the source holds, and nothing is left to discover."""
    repository = seen.repository
    artifact, serving = source.artifact, repository.status.artifact
    return (
        is_served(repository, source.commit, seen.defaults)
        and not seen.refresh
        and not _undiscovered(seen)
        and (artifact is None or serving is None or artifact.digest == serving.digest)
    )


def is_idle(seen: SeenRepository, source: Fetched) -> bool:
    """Return whether there is nothing to bring, publish or discover."""
    return is_current(seen, source) and not seen.parts_missing


def needs_code(seen: SeenRepository, source: Fetched) -> bool:
    """Return whether the commit's code must be brought, to be published."""
    is_known = source.artifact is not None or source.refused is not None
    return not is_known and not is_idle(seen, source)


def _undiscovered(seen: SeenRepository) -> bool:
    """Return whether a definition was written by hand, or deleted, after the discovery."""
    if any(
        each.status.installed is None and each.spec.class_path not in seen.unwritten
        for each in seen.definitions
    ):
        return True
    discovery = seen.repository.status.discovery
    described = {each.spec.class_path for each in seen.definitions if each.status.installed}
    return discovery is not None and discovery.definitions > len(described | seen.unwritten)


def _must_wait(seen: SeenRepository, stale: Iterable[SeenPod]) -> bool:
    is_full = seen.discovery_here or seen.discoveries >= seen.defaults.discoveries
    return is_full or any(map(is_discovering, stale))


def _plan_discovery(seen: SeenRepository, source: Fetched) -> RepositoryPlan:
    found, artifact, pod = seen.discovered, source.artifact, seen.discovery_pod
    stale = tuple(each for each in seen.pods if each is not pod)
    if isinstance(found, Blocked):
        return replace(_plan_refused(seen, source, found), refuse=found)
    if artifact is not None and isinstance(found, Discovered):
        return _plan_found(seen, _seen_by_pod(seen, source), artifact, found)
    plan = RepositoryPlan(
        # Published before its turn has come: what waits then costs no memory.
        create_parts=() if pod else _parts(seen, artifact),
        publishes=artifact is not None,
        status=_changed(seen, progressing(seen, source)),
        delete_pods=stale,
    )
    if artifact is None or pod is not None:
        return plan
    if _must_wait(seen, stale):
        return replace(plan, waits_for_discovery=True)
    manifest = discovery_pod(seen.repository, source, artifact, seen.defaults)
    return replace(plan, create_discovery_pod=manifest)


def _plan_refused(seen: SeenRepository, source: Fetched, cause: Blocked) -> RepositoryPlan:
    status = refused(seen, source.revision, cause)
    return RepositoryPlan(status=_changed(seen, status), delete_pods=seen.pods)


def _plan_found(
    seen: SeenRepository, source: Fetched, artifact: AnyArtifact, found: Discovered
) -> RepositoryPlan:
    return RepositoryPlan(
        write_definitions=plan_definitions(seen, source, artifact, found),
        status=_changed(seen, newly_served(seen, source, artifact, found)),
        delete_pods=seen.pods,
        serves=True,
    )


def _seen_by_pod(seen: SeenRepository, source: Fetched) -> Fetched:
    """Return what was discovered: of an image only the kubelet says which one it was."""
    if seen.repository.spec.source.image is None or seen.discovery_pod is None:
        return source
    name, pod = runner_image(seen.repository, seen.defaults), seen.discovery_pod
    image = image_sighting(name, pod.runner.image_id)
    exact = exact_image(name, pod.runner.image_id)
    return replace(source, revision=image.revision, commit=image.commit, image=exact)


def _parts(seen: SeenRepository, artifact: AnyArtifact | None) -> tuple[Manifest, ...]:
    if not isinstance(artifact, PackedArtifact):
        return ()
    return part_manifests(seen.repository.metadata.namespace, artifact)


def _overdue(seen: SeenRepository) -> tuple[SeenPod, ...]:
    return overdue(seen.pods, seen.now, seen.defaults)


def _changed(seen: SeenRepository, status: JobRepositoryStatus) -> JobRepositoryStatus | None:
    return None if status == seen.repository.status else status
