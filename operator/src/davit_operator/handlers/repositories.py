"""Reconcile one JobRepository: observe (the source too), plan, apply."""

from __future__ import annotations

from dataclasses import replace

from davit_contract import OutcomeReason
from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.names import DISCOVERY_COMPONENT
from davit_operator.effects.errors import ApiError, Conflict
from davit_operator.effects.pod_log import read_pod_log
from davit_operator.effects.resources import CONFIG_MAPS, DEFINITIONS, PODS, REPOSITORIES
from davit_operator.handlers.clock import now
from davit_operator.handlers.shell import Shell, WorkKey, status_body
from davit_operator.handlers.sources import Sources
from davit_operator.plan.definitions import DefinitionWrite, plan_orphans
from davit_operator.plan.diagnosis import diagnose_end
from davit_operator.plan.discovery import not_started, pod_name, start_deadline
from davit_operator.plan.observed import Discovered, SeenPod, SeenRepository
from davit_operator.plan.pods import Manifest
from davit_operator.plan.records import decode_outcome, last_sequence, read_discovery
from davit_operator.plan.repository import RepositoryPlan, plan_repository, undiscovered

# Of the log of a discovery pod that ended without a word of its own.
_SHOWN_CHARACTERS = 500


class Repositories:
    """The reconcile of repositories, with what it remembers of their sources."""

    def __init__(self, shell: Shell, sources: Sources) -> None:
        self._shell = shell
        self._sources = sources
        # Those that wait for a discovery of another one to end.
        self._waiting: set[WorkKey] = set()

    def discovery_ended(self) -> None:
        """Have those looked at that wait for a discovery to end."""
        for key in self._waiting:
            self._shell.wake(key)
        self._waiting.clear()

    async def reconcile(self, key: ObjectKey) -> None:
        """Bring the repository one step further, if there is a step to take."""
        repository = self._shell.caches.repositories.cache.get(key)
        if repository is None:
            await self._disown(key)
            return
        seen = await self._observe(repository)
        try:
            await self._apply(seen, plan_repository(seen))
        except Blocked as cause:
            self._sources.refuse(repository, cause, now())
            await self._apply(seen, plan_repository(replace(seen, source=cause)))

    async def _disown(self, key: ObjectKey) -> None:
        """Say of definitions that their repository is gone, if it is."""
        self._sources.forget(key)
        writes = plan_orphans(self._shell.caches.definitions_of(key), now())
        # A definition may have come before its repository, which no cache holds yet.
        if writes and await self._shell.kube.get(REPOSITORIES, key) is None:
            await self._write_definitions(writes)

    async def _observe(self, repository: JobRepository) -> SeenRepository:
        caches, key = self._shell.caches, repository.metadata.key
        pods = caches.pods.cache
        running = [pod for pod in pods.values() if _is_discovering(pod)]
        seen = SeenRepository(
            repository=repository,
            now=now(),
            defaults=self._shell.defaults,
            definitions=caches.definitions_of(key),
            names_taken=frozenset(
                name for namespace, name in caches.definitions.cache if namespace == key.namespace
            ),
            discoveries=len(running),
            discovery_here=any(pod.key.namespace == key.namespace for pod in running),
        )
        if repository.spec.suspend:
            return seen
        look = await self._sources.look(repository, undiscovered(seen.definitions), seen.now)
        pause = (look.until - seen.now).total_seconds()
        self._shell.wake(WorkKey("JobRepository", key), pause)
        if isinstance(look.found, Blocked) or look.found.artifact is None:
            ours = pods.of(repository.metadata.uid)
            leftover = next((pod for pod in ours if not _is_discovering(pod)), None)
            return replace(seen, source=look.found, discovery_pod=leftover)
        digest = look.found.artifact.digest
        pod = pods.get((key.namespace, pod_name(repository, digest, seen.defaults)))
        if pod is None:
            return replace(seen, source=look.found)
        seen = replace(seen, source=look.found, discovery_pod=pod)
        if _is_discovering(pod):
            left = start_deadline(pod, seen.defaults) - seen.now
            self._shell.wake(WorkKey("JobRepository", key), max(left.total_seconds(), 1))
            return replace(seen, discovered=not_started(pod, seen.now, seen.defaults))
        return replace(seen, discovered=await self._said(pod, look.found.revision, digest))

    async def _said(self, pod: SeenPod, revision: str, digest: str) -> Discovered | Blocked:
        """Return what the pod said that has ended."""
        outcome = decode_outcome(pod.runner.message, digest)
        if outcome is None:
            return await self._silent_end(pod)
        if outcome.reason is not OutcomeReason.SUCCEEDED:
            why = outcome.error.message if outcome.error else str(outcome.reason)
            return Stalled(Reason.DISCOVERY_FAILED, f"{revision} is not served: {why}")
        text = await read_pod_log(self._shell.kube, pod.key, outcome.last_sequence)
        if last_sequence(text) < outcome.last_sequence:
            # What is missing would count as gone, and its definitions as not installed.
            return Waiting(
                Reason.DISCOVERY_FAILED,
                f"The log of discovery pod {pod.key.name} cannot be read to its end, so "
                f"{revision} is not served yet. It is discovered again.",
            )
        return read_discovery(text)

    async def _silent_end(self, pod: SeenPod) -> Waiting:
        """Return why a pod ended that left no outcome, with the end of what it printed."""
        cause = diagnose_end(pod)
        printed = (await read_pod_log(self._shell.kube, pod.key, 0)).decode(errors="replace")
        end = printed.strip()[-_SHOWN_CHARACTERS:]
        shown = f" It printed: {end}" if end else ""
        return Waiting(Reason.DISCOVERY_FAILED, f"{cause.message} {cause.remedy}{shown}")

    async def _apply(self, seen: SeenRepository, plan: RepositoryPlan) -> None:
        repository = seen.repository
        if plan.waits_for_discovery:
            self._waiting.add(WorkKey("JobRepository", repository.metadata.key))
        for part in plan.create_parts:
            await self._create_part(part)
        if plan.create_discovery_pod is not None:
            await self._create_pod(plan.create_discovery_pod)
        await self._write_definitions(plan.write_definitions)
        if plan.status is not None:
            body = status_body("JobRepository", repository.metadata, plan.status)
            written = await self._shell.kube.replace_status(REPOSITORIES, body)
            self._shell.caches.repositories.keep(written)
        if plan.delete_pod is not None:
            await self._shell.kube.delete(PODS, plan.delete_pod.key, plan.delete_pod.uid)
        if isinstance(seen.discovered, Discovered):
            self._sources.served(repository)
        elif isinstance(seen.discovered, Blocked):
            self._sources.refuse(repository, seen.discovered, seen.now)

    async def _create_part(self, part: Manifest) -> None:
        key = ObjectKey(part["metadata"]["namespace"], part["metadata"]["name"])
        try:
            await self._shell.kube.create(CONFIG_MAPS, part)
        except Conflict:
            # Named by content: what stands there is the same, or not ours.
            found = await self._shell.kube.get(CONFIG_MAPS, key) or {}
            if found.get("binaryData") != part["binaryData"] or not found.get("immutable"):
                raise Stalled(
                    Reason.ARTIFACT_CONFLICT,
                    f'ConfigMap "{key.name}" exists in namespace "{key.namespace}" with other '
                    "content. Delete it; the operator writes it anew.",
                ) from None
        except ApiError as error:
            raise _refused(error, f'ConfigMap "{key.name}"') from error

    async def _create_pod(self, pod: Manifest) -> None:
        try:
            self._shell.caches.pods.keep(await self._shell.kube.create(PODS, pod))
        except Conflict:
            await self._check_owner(pod)
            raise
        except ApiError as error:
            raise _refused(error, "the discovery pod") from error

    async def _check_owner(self, pod: Manifest) -> None:
        """Raise Waiting where somebody else's pod stands at the name; ours is about to be seen."""
        key = ObjectKey(pod["metadata"]["namespace"], pod["metadata"]["name"])
        found = await self._shell.kube.get(PODS, key)
        ours = pod["metadata"]["ownerReferences"][0]["uid"]
        if found and self._shell.caches.pods.read(found).owner_uid != ours:
            raise Waiting(
                Reason.DISCOVERY_FAILED,
                f'Pod "{key.name}" exists in namespace "{key.namespace}" and is not of this '
                "JobRepository. Delete it.",
            )

    async def _write_definitions(self, writes: tuple[DefinitionWrite, ...]) -> None:
        cached = self._shell.caches.definitions
        for write in writes:
            metadata = write.definition.metadata
            if write.create is not None:
                created = await self._shell.kube.create(DEFINITIONS, write.create)
                metadata = cached.read(created).metadata
            body = status_body("JobDefinition", metadata, write.status)
            cached.keep(await self._shell.kube.replace_status(DEFINITIONS, body))


def _is_discovering(pod: SeenPod) -> bool:
    return (
        pod.component == DISCOVERY_COMPONENT
        and not pod.runner.terminated
        and pod.phase not in {"Succeeded", "Failed"}
    )


def _refused(error: ApiError, what: str) -> Exception:
    """Return ``error`` as a cause for the user, where the server will say the same next time."""
    if not error.is_refusal:
        return error
    return Waiting(
        Reason.DISCOVERY_FAILED,
        f"The API server refused {what}: {error.message} Mend what refuses it: a quota, Pod "
        "Security, an admission policy, or spec.runner.",
    )
