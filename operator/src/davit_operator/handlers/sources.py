"""Look at a repository's source when it is due, and remember what was seen until then."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.api.jobrepository import GitSource, JobRepository
from davit_operator.api.names import REQUESTED_AT_ANNOTATION
from davit_operator.effects.git import GitContact, GitReader, GitRequest
from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials, git_credentials
from davit_operator.effects.git_proxy import GitProxy, git_proxy
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import SECRETS
from davit_operator.handlers.clock import jitter
from davit_operator.plan.artifact import pack
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_path, git_ref
from davit_operator.plan.observed import Fetched
from davit_operator.plan.pods import Manifest
from davit_operator.plan.repository import is_served
from davit_operator.plan.times import seconds

_FIRST_RETRY = timedelta(seconds=5)
_NEVER = Waiting(Reason.PROGRESSING, "The source was not looked at yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a look is for: another repository, spec, request or definition needs another look."""

    uid: str
    generation: int
    requested_at: str
    # Uids of definitions that came after the discovery of what is served.
    undiscovered: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a source, and until when that holds."""

    wish: Wish
    until: datetime
    found: Fetched | Blocked
    # The commit that ``found`` speaks of, where it came so far.
    commit: str = ""
    failures: int = 0


class Sources:
    """The looks at all sources. What it remembers may be lost: the next look finds it again."""

    def __init__(self, kube: Kube, git: GitReader, hosts: HostPolicy) -> None:
        self._kube = kube
        self._git = git
        self._hosts = hosts
        self._looks: dict[ObjectKey, Look] = {}

    async def look(
        self, repository: JobRepository, undiscovered: frozenset[str], now: datetime
    ) -> Look:
        """Return what the source holds now; what it held at the last look, where it is not due."""
        key, wish = repository.metadata.key, _wish(repository, undiscovered)
        known = self._looks.get(key)
        if known is not None and known.wish != wish:
            known = None
        if known is None or known.until <= now:
            self._looks[key] = await self._look_again(repository, wish, known, now)
        return self._looks[key]

    def refuse(self, repository: JobRepository, cause: Blocked, now: datetime) -> None:
        """Remember that the commit seen last cannot be served, and why."""
        key = repository.metadata.key
        self._looks[key] = _after(self._looks[key], cause, repository, now)

    def served(self, repository: JobRepository) -> None:
        """Forget the code of the commit seen last: it is published."""
        known = self._looks[repository.metadata.key]
        if isinstance(known.found, Fetched):
            found = replace(known.found, artifact=None)
            self._looks[repository.metadata.key] = replace(known, found=found, failures=0)

    def forget(self, key: ObjectKey) -> None:
        """Forget a repository that is gone."""
        self._looks.pop(key, None)

    async def _look_again(
        self, repository: JobRepository, wish: Wish, known: Look | None, now: datetime
    ) -> Look:
        pause = timedelta(seconds=seconds(repository.spec.interval)) * jitter()
        before = known or Look(wish=wish, until=now, found=_NEVER)
        try:
            contact = await asyncio.to_thread(self._git.resolve, await self._request(repository))
            before = before if before.commit == contact.commit else replace(before, found=_NEVER)
            if isinstance(before.found, Stalled | Fetched):
                # Neither a refused commit nor one under discovery gets better by fetching it.
                return replace(before, until=now + pause)
            before = replace(before, commit=contact.commit)
            found = await self._fetched(repository, wish, contact)
        except Blocked as cause:
            return _after(before, cause, repository, now)
        # A fetch is no success yet: its discovery may fail, again and again.
        failures = before.failures if found.artifact else 0
        return Look(
            wish=wish, until=now + pause, found=found, commit=contact.commit, failures=failures
        )

    async def _fetched(self, repository: JobRepository, wish: Wish, contact: GitContact) -> Fetched:
        found = Fetched(revision=contact.revision, commit=contact.commit)
        if is_served(repository, contact.commit) and not wish.undiscovered:
            return found
        tree = await asyncio.to_thread(self._git.fetch, contact)
        return replace(found, artifact=await asyncio.to_thread(pack, tree.files))

    async def _request(self, repository: JobRepository) -> GitRequest:
        git = repository.spec.source.git
        if git is None:
            raise Stalled(Reason.INVALID_SPEC, "spec.source names no source. Set source.git.")
        return GitRequest(
            address=git_address(git.url, self._hosts),
            ref=git_ref(branch=git.ref.branch, tag=git.ref.tag, commit=git.ref.commit),
            namespace=repository.metadata.namespace,
            timeout_seconds=seconds(repository.spec.timeout),
            path=git_path(git.path),
            credentials=await self._credentials(repository, git),
            proxy=await self._proxy(repository, git),
        )

    async def _credentials(self, repository: JobRepository, git: GitSource) -> GitCredentials:
        if git.secret_ref is None:
            return ANONYMOUS
        name = git.secret_ref.name
        secret = await self._secret(repository, name, "secretRef")
        return git_credentials(name, secret["metadata"]["uid"], _decoded(secret.get("data", {})))

    async def _proxy(self, repository: JobRepository, git: GitSource) -> GitProxy | None:
        if git.proxy_secret_ref is None:
            return None
        name = git.proxy_secret_ref.name
        secret = await self._secret(repository, name, "proxySecretRef")
        return git_proxy(name, _decoded(secret.get("data", {})), self._hosts)

    async def _secret(self, repository: JobRepository, name: str, field: str) -> Manifest:
        namespace = repository.metadata.namespace
        secret = await self._kube.get(SECRETS, ObjectKey(namespace, name))
        if secret is None:
            raise Waiting(
                Reason.SECRET_NOT_FOUND,
                f'Secret "{name}" was not found in namespace "{namespace}". Create it, or correct '
                f"spec.source.git.{field}.name.",
            )
        return secret


def _decoded(data: dict[str, str]) -> dict[str, bytes]:
    return {key: b64decode(value) for key, value in data.items()}


def _wish(repository: JobRepository, undiscovered: frozenset[str]) -> Wish:
    metadata = repository.metadata
    return Wish(
        uid=metadata.uid,
        generation=metadata.generation,
        requested_at=metadata.annotations.get(REQUESTED_AT_ANNOTATION, ""),
        undiscovered=undiscovered,
    )


def _after(before: Look, cause: Blocked, repository: JobRepository, now: datetime) -> Look:
    """Return the look that ``cause`` ended: retried soon at first, then at the interval."""
    failures = before.failures + 1
    interval = timedelta(seconds=seconds(repository.spec.interval))
    is_stalled = isinstance(cause, Stalled)
    pause = interval if is_stalled else min(interval, _FIRST_RETRY * 2.0 ** min(failures - 1, 20))
    return replace(
        before,
        until=now + pause * jitter(),
        found=cause,
        commit=before.commit if is_stalled else "",
        failures=failures,
    )
