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
from davit_operator.effects.git import GitReader, GitRequest
from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials, git_credentials
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import SECRETS
from davit_operator.handlers.clock import jitter
from davit_operator.plan.artifact import pack
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_path, git_ref
from davit_operator.plan.observed import Fetched
from davit_operator.plan.repository import is_served
from davit_operator.plan.times import seconds

_FIRST_RETRY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a source, and until when that holds."""

    # What the look was for: another spec, or another request, needs another look.
    wanted: tuple[int, str]
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
        self._looks: dict[str, Look] = {}

    async def look(self, repository: JobRepository, now: datetime) -> Look:
        """Return what the source holds now; what it held at the last look, where it is not due."""
        uid = repository.metadata.uid
        known = self._looks.get(uid)
        wanted = _wanted(repository)
        if known is not None and (known.wanted != wanted or known.until <= now):
            known = replace(known, failures=known.failures if known.wanted == wanted else 0)
            self._looks[uid] = await self._look_again(repository, known, now)
        elif known is None:
            self._looks[uid] = await self._look_again(repository, None, now)
        return self._looks[uid]

    def refuse(self, repository: JobRepository, cause: Blocked, now: datetime) -> None:
        """Remember that the commit seen last cannot be served, and why."""
        known = self._looks[repository.metadata.uid]
        self._looks[repository.metadata.uid] = _blocked(repository, cause, known, now)

    def served(self, repository: JobRepository) -> None:
        """Forget the code of the commit seen last: it is published."""
        known = self._looks[repository.metadata.uid]
        if isinstance(known.found, Fetched):
            found = replace(known.found, artifact=None)
            self._looks[repository.metadata.uid] = replace(known, found=found)

    def forget(self, uid: str) -> None:
        """Forget a repository that is gone."""
        self._looks.pop(uid, None)

    async def _look_again(
        self, repository: JobRepository, known: Look | None, now: datetime
    ) -> Look:
        try:
            git = repository.spec.source.git
            if git is None:
                raise Stalled(Reason.INVALID_SPEC, "spec.source names no source. Set source.git.")
            request = await self._request(repository, git)
            return await self._contact(repository, request, known, now)
        except Blocked as cause:
            return _blocked(repository, cause, known, now)

    async def _contact(
        self, repository: JobRepository, request: GitRequest, known: Look | None, now: datetime
    ) -> Look:
        contact = await asyncio.to_thread(self._git.resolve, request)
        found = Fetched(revision=contact.revision, commit=contact.commit)
        if known is not None and _still_holds(known, repository, contact.commit):
            return replace(known, until=_next(repository, now), failures=0)
        if not is_served(repository, contact.commit):
            tree = await asyncio.to_thread(self._git.fetch, contact)
            try:
                artifact = await asyncio.to_thread(pack, tree.files)
            except Stalled as cause:
                refused = _blocked(repository, cause, known, now)
                return replace(refused, commit=contact.commit)
            found = replace(found, artifact=artifact)
        return Look(
            wanted=_wanted(repository),
            until=_next(repository, now),
            found=found,
            commit=contact.commit,
        )

    async def _request(self, repository: JobRepository, git: GitSource) -> GitRequest:
        return GitRequest(
            address=git_address(git.url, self._hosts),
            ref=git_ref(branch=git.ref.branch, tag=git.ref.tag, commit=git.ref.commit),
            namespace=repository.metadata.namespace,
            timeout_seconds=seconds(repository.spec.timeout),
            path=git_path(git.path),
            credentials=await self._credentials(repository, git),
        )

    async def _credentials(self, repository: JobRepository, git: GitSource) -> GitCredentials:
        if git.secret_ref is None:
            return ANONYMOUS
        name = git.secret_ref.name
        namespace = repository.metadata.namespace
        secret = await self._kube.get(SECRETS, ObjectKey(namespace, name))
        if secret is None:
            raise Waiting(
                Reason.SECRET_NOT_FOUND,
                f'Secret "{name}" was not found in namespace "{namespace}". Create it, or correct '
                "spec.source.git.secretRef.name.",
            )
        return git_credentials(name, secret["metadata"]["uid"], _decoded(secret.get("data", {})))


def _decoded(data: dict[str, str]) -> dict[str, bytes]:
    return {key: b64decode(value) for key, value in data.items()}


def _wanted(repository: JobRepository) -> tuple[int, str]:
    requested_at = repository.metadata.annotations.get(REQUESTED_AT_ANNOTATION, "")
    return repository.metadata.generation, requested_at


def _still_holds(known: Look, repository: JobRepository, commit: str) -> bool:
    """Return whether ``commit`` was seen before: fetching makes neither it nor a refusal better."""
    same = known.commit == commit and known.wanted == _wanted(repository)
    return same and isinstance(known.found, Stalled | Fetched)


def _next(repository: JobRepository, now: datetime) -> datetime:
    return now + timedelta(seconds=seconds(repository.spec.interval)) * jitter()


def _blocked(repository: JobRepository, cause: Blocked, known: Look | None, now: datetime) -> Look:
    """Return a look that failed: retried soon at first, then at the interval."""
    failures = known.failures + 1 if known else 1
    interval = timedelta(seconds=seconds(repository.spec.interval))
    pause = interval if isinstance(cause, Stalled) else min(interval, _FIRST_RETRY * 2**failures)
    return Look(
        wanted=_wanted(repository),
        until=now + pause * jitter(),
        found=cause,
        commit=known.commit if known and isinstance(cause, Stalled) else "",
        failures=failures,
    )
