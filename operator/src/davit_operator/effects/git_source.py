"""Reads job code from Git for JobRepositories: their Secrets, one contact, the commit's files."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Waiting
from davit_operator.api.jobrepository import GitSource, JobRepository
from davit_operator.effects.git import GitReader
from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials, git_credentials
from davit_operator.effects.git_proxy import GitProxy, git_proxy
from davit_operator.effects.git_request import GitRequest, GitSighting
from davit_operator.effects.kube import Kube, Object
from davit_operator.effects.resources import SECRETS
from davit_operator.plan.artifact import PackedArtifact, pack
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_path, git_ref
from davit_operator.plan.sightings import GitLook, OutdatedError, Sighting
from davit_operator.plan.times import seconds

T = TypeVar("T")


class GitSources:
    """Reads Git sources. ``threads`` bound how many contacts there are at once."""

    def __init__(self, kube: Kube, git: GitReader, hosts: HostPolicy, threads: int) -> None:
        self._kube = kube
        self._git = git
        self._hosts = hosts
        # Not the event loop's own threads: a server that hangs must not keep others from DNS.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="git")
        # Those of an operator before this one are not among them: they are read anew.
        self._mirrors: dict[ObjectKey, str] = {}

    async def look(self, look: GitLook) -> Sighting:
        """Return the commit that the reference names now.

        Raises:
            Blocked: the source cannot be read, or must not be.
        """
        request = await self._request(look.source, look.namespace, look.timeout_seconds)
        contact = await self._in_thread(self._git.resolve, request)
        return Sighting(revision=contact.revision, commit=contact.commit, proof=contact.sighting)

    async def code(self, repository: JobRepository, seen: Sighting) -> PackedArtifact:
        """Return the code of the commit that was seen, fetched and packed.

        Raises:
            Blocked: the commit cannot be fetched, or must not be served.
            OutdatedError: the credentials that saw it are others by now.
        """
        source = repository.spec.source.git
        if source is None or not isinstance(seen.proof, GitSighting):
            raise AssertionError("a commit of Git was seen in a Git repository")
        request = await self._request(
            source, repository.metadata.namespace, seconds(repository.spec.timeout)
        )
        if request.contact_key != seen.proof.key:
            raise OutdatedError
        self._mirrors[repository.metadata.key] = request.mirror_name
        tree = await self._in_thread(self._git.fetch, seen.proof.contact(request))
        return replace(await self._in_thread(pack, tree.files), notes=tree.notes)

    async def prune(self, repositories: Collection[ObjectKey]) -> None:
        """Remove the mirrors that were read for none of these repositories."""
        used = {key: name for key, name in self._mirrors.items() if key in repositories}
        self._mirrors = used
        await self._in_thread(self._git.prune, frozenset(used.values()))

    async def _request(self, git: GitSource, namespace: str, timeout_seconds: int) -> GitRequest:
        return GitRequest(
            address=git_address(git.url, self._hosts),
            ref=git_ref(branch=git.ref.branch, tag=git.ref.tag, commit=git.ref.commit),
            namespace=namespace,
            timeout_seconds=timeout_seconds,
            path=git_path(git.path),
            ignore=git.ignore,
            credentials=await self._credentials(git, namespace),
            proxy=await self._proxy(git, namespace),
        )

    async def _credentials(self, git: GitSource, namespace: str) -> GitCredentials:
        if git.secret_ref is None:
            return ANONYMOUS
        key = ObjectKey(namespace, git.secret_ref.name)
        secret = await self._secret(key, "secretRef")
        return git_credentials(key.name, secret["metadata"]["uid"], _decoded(secret))

    async def _proxy(self, git: GitSource, namespace: str) -> GitProxy | None:
        if git.proxy_secret_ref is None:
            return None
        key = ObjectKey(namespace, git.proxy_secret_ref.name)
        secret = await self._secret(key, "proxySecretRef")
        return git_proxy(key.name, _decoded(secret), self._hosts)

    async def _secret(self, key: ObjectKey, field: str) -> Object:
        secret = await self._kube.get(SECRETS, key)
        if secret is None:
            raise Waiting(
                Reason.SECRET_NOT_FOUND,
                f'Secret "{key.name}" was not found in namespace "{key.namespace}". Create it, or '
                f"correct spec.source.git.{field}.name.",
            )
        return secret

    async def _in_thread(self, function: Callable[..., T], argument: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, argument)


def _decoded(secret: Object) -> dict[str, bytes]:
    return {key: b64decode(value) for key, value in secret.get("data", {}).items()}
