"""Reconcile one JobRepository: observe (the source too), plan, apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Waiting
from davit_operator.api.jobrepository import JobRepository
from davit_operator.effects.errors import ApiError, Conflict
from davit_operator.effects.pod_log import read_pod_log
from davit_operator.effects.resources import DEFINITIONS, PODS, REPOSITORIES
from davit_operator.handlers.artifacts import Artifacts
from davit_operator.handlers.clock import now
from davit_operator.handlers.seal import NetworkSeal
from davit_operator.handlers.shell import Shell, WorkKey, status_body
from davit_operator.handlers.sources import Sources
from davit_operator.handlers.turns import Turns
from davit_operator.plan.artifact import PackedArtifact
from davit_operator.plan.definitions import DefinitionWrite, plan_orphans
from davit_operator.plan.discovery import is_discovering, not_started, pod_name, start_deadline
from davit_operator.plan.discovery_end import last_word, needs_log, read_end
from davit_operator.plan.observed import Fetched, SeenRepository
from davit_operator.plan.pods import Manifest
from davit_operator.plan.repository import RepositoryPlan, needs_code, plan_repository
from davit_operator.plan.repository_status import with_unwritten
from davit_operator.plan.unwritten import problem_of
from davit_operator.plan.warnings import definition_trouble, repository_trouble


class Repositories:
    """The reconcile of repositories, with what it remembers of their sources."""

    def __init__(self, shell: Shell, sources: Sources, artifacts: Artifacts) -> None:
        self._shell = shell
        self._sources = sources
        self._artifacts = artifacts
        self._seal = NetworkSeal(shell.kube)
        self._turns = Turns(self._discovering, shell.defaults.discoveries, self._wake)

    def discovery_ended(self) -> None:
        """Have those looked at that wait for a discovery to end."""
        self._turns.offer()

    async def reconcile(self, key: ObjectKey) -> None:
        """Bring the repository one step further, if there is a step to take."""
        repository = self._shell.caches.repositories.cache.get(key)
        if repository is None:
            self._turns.leave(key)
            await self._disown(key)
            return
        try:
            seen = await self._observe(repository)
            try:
                await self._apply(seen, plan_repository(seen))
            except Blocked as cause:
                await self._refuse(seen, cause)
        finally:
            self._turns.release(key)

    async def _disown(self, key: ObjectKey) -> None:
        """Say of definitions that their repository is gone, if it is."""
        self._sources.forget(key)
        writes = plan_orphans(self._shell.caches.definitions_of(key), now())
        # A definition may have come before its repository, which no cache holds yet.
        if writes and await self._shell.kube.get(REPOSITORIES, key) is None:
            for _, error in await self._write_definitions(writes):
                raise error

    async def _observe(self, repository: JobRepository) -> SeenRepository:
        caches, key = self._shell.caches, repository.metadata.key
        seen = SeenRepository(
            repository=repository,
            now=now(),
            defaults=self._shell.defaults,
            pods=tuple(caches.pods.cache.of(repository.metadata.uid)),
            definitions=caches.definitions_of(key),
            names_taken=frozenset(
                name for namespace, name in caches.definitions.cache if namespace == key.namespace
            ),
        )
        if repository.spec.suspend:
            self._sources.rest(key)
            return seen
        seen = self._sources.see(seen)
        if isinstance(seen.source, Fetched) and needs_code(seen, seen.source):
            seen = await self._sources.fetch(seen)
        return await self._with_discovery(seen)

    def _with_others(self, seen: SeenRepository) -> SeenRepository:
        """Return ``seen`` with the discoveries of other repositories."""
        own = seen.repository.metadata.key
        others = self._turns.others(own)
        return replace(
            seen,
            discoveries=len(others),
            discovery_here=any(key.namespace == own.namespace for key in others),
        )

    def _discovering(self) -> Iterator[ObjectKey]:
        for pod in self._shell.caches.pods.cache.values():
            if is_discovering(pod):
                yield ObjectKey(pod.key.namespace, pod.owner_name)

    async def _with_discovery(self, seen: SeenRepository) -> SeenRepository:
        """Return ``seen`` with the pod that discovers its code, and what that said."""
        repository, source = seen.repository, seen.source
        if not isinstance(source, Fetched) or source.artifact is None:
            return seen
        name = pod_name(repository, source.artifact.digest, seen.defaults)
        pod = next((pod for pod in seen.pods if pod.key.name == name), None)
        seen = replace(seen, discovery_pod=pod)
        if pod is None:
            return self._with_others(seen)
        if is_discovering(pod):
            left = start_deadline(pod, seen.defaults) - seen.now
            self._wake(repository.metadata.key, max(left.total_seconds(), 1))
            return replace(seen, discovered=not_started(pod, seen.now, seen.defaults))
        outcome = last_word(pod)
        log, until = b"", outcome.last_sequence if outcome else 0
        if needs_log(outcome):
            log = await read_pod_log(self._shell.kube, pod.key, until)
        return replace(seen, discovered=read_end(pod, outcome, log, source.revision))

    async def _apply(self, seen: SeenRepository, plan: RepositoryPlan) -> None:
        repository, key = seen.repository, seen.repository.metadata.key
        if plan.waits_for_discovery:
            self._turns.wait(key)
        elif plan.create_discovery_pod is not None:
            # From here to the pod others wait already.
            self._turns.take(key)
        else:
            self._turns.leave(key)
        if plan.refuse is not None:
            self._sources.refuse(repository, plan.refuse, seen.now)
        await self._publish(seen, plan)
        if plan.create_discovery_pod is not None:
            await self._seal_network(repository)
            await self._create_pod(plan.create_discovery_pod)
        refused = await self._write_definitions(plan.write_definitions)
        problems = [problem_of(write, error.message) for write, error in refused]
        status = with_unwritten(seen, plan.status, problems)
        if status is not None:
            body = status_body("JobRepository", repository.metadata, status)
            written = await self._shell.kube.replace_status(REPOSITORIES, body)
            self._shell.caches.repositories.keep(written)
            self._shell.warnings.tell(written, repository_trouble(repository.status, status))
        for pod in plan.delete_pods:
            await self._shell.kube.delete(PODS, pod.key, pod.uid)
        if plan.serves:
            unwritten = frozenset(write.definition.spec.class_path for write, _ in refused)
            self._sources.served(repository, unwritten, seen.now)

    async def _refuse(self, seen: SeenRepository, cause: Blocked) -> None:
        """Say why the commit could not be published or discovered."""
        self._sources.refuse(seen.repository, cause, now())
        if isinstance(seen.source, Fetched):
            source = replace(seen.source, refused=cause)
            await self._apply(seen, plan_repository(replace(seen, source=source)))

    async def _publish(self, seen: SeenRepository, plan: RepositoryPlan) -> None:
        artifact = seen.source.artifact if isinstance(seen.source, Fetched) else None
        if artifact is None or not plan.publishes:
            return
        published = artifact.published if isinstance(artifact, PackedArtifact) else artifact
        key = seen.repository.metadata.key
        try:
            await self._artifacts.publish(
                plan.create_parts, lambda: self._sources.published(key, published)
            )
        except ApiError as error:
            raise _refused(error, "a ConfigMap of the code") from error

    async def _seal_network(self, repository: JobRepository) -> None:
        metadata = repository.metadata
        try:
            await self._seal.close(metadata.namespace, metadata.uid)
        except ApiError as error:
            raise _refused(error, "the NetworkPolicy of discovery pods") from error

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

    async def _write_definitions(
        self, writes: tuple[DefinitionWrite, ...]
    ) -> tuple[tuple[DefinitionWrite, ApiError], ...]:
        """Write the definitions; return those that the server refuses, which hide no other."""
        refused = []
        for write in writes:
            try:
                await self._write_definition(write)
            except ApiError as error:
                if not error.is_refusal:
                    raise
                refused.append((write, error))
        return tuple(refused)

    async def _write_definition(self, write: DefinitionWrite) -> None:
        cached, metadata = self._shell.caches.definitions, write.definition.metadata
        if write.create is not None:
            created = await self._shell.kube.create(DEFINITIONS, write.create)
            metadata = cached.read(created).metadata
        body = status_body("JobDefinition", metadata, write.status)
        written = await self._shell.kube.replace_status(DEFINITIONS, body)
        cached.keep(written)
        trouble = definition_trouble(write.definition.status, write.status)
        self._shell.warnings.tell(written, trouble)

    def _wake(self, key: ObjectKey, after: float = 0) -> None:
        self._shell.wake(WorkKey("JobRepository", key), after)


def _refused(error: ApiError, what: str) -> Exception:
    """Return ``error`` as a cause for the user, where the server will say the same next time."""
    if not error.is_refusal:
        return error
    return Waiting(
        Reason.DISCOVERY_FAILED,
        f"The API server refused {what}: {error.message} Mend what refuses it: a quota, Pod "
        "Security, an admission policy, or spec.runner.",
    )
