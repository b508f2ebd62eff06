"""What repositories' sources hold, and the code of the commits that must be published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from davit_operator.api.base import ObjectKey
from davit_operator.api.errors import Blocked
from davit_operator.api.jobrepository import JobRepository
from davit_operator.effects.source_reader import SourceReader
from davit_operator.handlers.clock import jitter, now
from davit_operator.handlers.contacts import BUSY_SECONDS, Contacts
from davit_operator.handlers.looks import Follower, Looks
from davit_operator.handlers.refreshes import Refreshes
from davit_operator.handlers.refusals import Refusals
from davit_operator.handlers.requests import LONG_AGO, Requests, request_of
from davit_operator.plan.artifact import PublishedArtifact, artifact_name
from davit_operator.plan.attempt import Attempt, Wish, attempt_for, refused
from davit_operator.plan.discovery import runner_image
from davit_operator.plan.observed import Fetched, SeenRepository
from davit_operator.plan.polling import refresh_pause
from davit_operator.plan.repository import is_idle
from davit_operator.plan.sightings import (
    OutdatedError,
    Sighting,
    image_sighting,
    is_pinned,
    look_of,
)
from davit_operator.plan.times import seconds


class Sources:
    """The sources of all repositories. What it remembers may be lost: it is found again."""

    def __init__(
        self,
        reader: SourceReader,
        looks: Looks,
        wake: Callable[[ObjectKey, float], None],
        contacts: Contacts,
    ) -> None:
        self._reader = reader
        self._looks = looks
        self._wake = wake
        self._contacts = contacts
        self._attempts: dict[ObjectKey, Attempt] = {}
        self._requests = Requests()
        self._refreshes = Refreshes()
        self._refusals = Refusals()
        # Repositories that serve what is not there.
        self._gaps: set[ObjectKey] = set()

    def see(self, seen: SeenRepository) -> SeenRepository:
        """Return ``seen`` with what is known of the source; it may have to be looked at first."""
        repository, key = seen.repository, seen.repository.metadata.key
        since = self._requests.since(repository, seen.now)
        found = self._found(seen, since)
        if not isinstance(found, Sighting):
            return replace(seen, source=found)
        source = Fetched(revision=found.revision, commit=found.commit)
        seen = self._with_refusals(seen, _wish(repository, found))
        seen = replace(
            seen,
            source=source,
            refresh=seen.refresh or self._is_stale(seen, since),
            parts_missing=key in self._gaps,
        )
        if is_idle(seen, source):
            self._attempts.pop(key, None)
            return seen
        attempt = attempt_for(_wish(repository, found), self._attempts.get(key), seen.now)
        self._attempts[key] = attempt
        if attempt.until is not None:
            self._wake(key, (attempt.until - seen.now).total_seconds())
        known = replace(source, artifact=attempt.artifact, refused=attempt.refused)
        return replace(seen, source=known)

    async def fetch(self, seen: SeenRepository) -> SeenRepository:
        """Return ``seen`` with the code of what the source holds, or why there is none.

        As it is where the server is busy with the code of others: it is tried again soon.
        """
        repository, source = seen.repository, seen.source
        found, wanted = self._found(seen, LONG_AGO), look_of(repository)
        if not isinstance(found, Sighting) or not isinstance(source, Fetched):
            return replace(seen, source=None)
        server = wanted.server if wanted else ""
        if self._contacts.is_full(server):
            self._wake(repository.metadata.key, BUSY_SECONDS * jitter())
            return seen
        try:
            with self._contacts.held(server):
                artifact = await self._reader.code(repository, found)
        except Blocked as cause:
            self.refuse(repository, cause, now())
            return replace(seen, source=replace(source, refused=cause))
        except OutdatedError:
            self._looks.renew(repository.metadata.key)
            return replace(seen, source=None)
        return replace(seen, source=replace(source, artifact=artifact))

    def published(self, key: ObjectKey, artifact: PublishedArtifact) -> None:
        """Remember that the code stands in ConfigMaps, and is needed there."""
        self._attempts[key] = replace(self._attempts[key], artifact=artifact)
        self._gaps.discard(key)

    def refuse(self, repository: JobRepository, cause: Blocked, moment: datetime) -> None:
        """Remember that the commit seen last cannot be served, and why."""
        key, interval = repository.metadata.key, _interval(repository)
        if repository.spec.source.image is not None:
            interval = refresh_pause(interval)
        attempt = refused(self._attempts[key], cause, interval, moment, jitter())
        self._attempts[key] = attempt
        if attempt.until is not None:
            self._wake(key, (attempt.until - moment).total_seconds())

    def served(
        self, repository: JobRepository, unwritten: frozenset[str], moment: datetime
    ) -> None:
        """Forget the attempt: it ended well, but for definitions that could not be written."""
        key = repository.metadata.key
        attempt = self._attempts.pop(key, None)
        if attempt is not None:
            self._refusals.note(key, attempt.wish, unwritten, moment)
        self._refreshes.done(key, _interval(repository), moment)

    def rest(self, key: ObjectKey) -> None:
        """Look no more for a repository that is suspended."""
        self._looks.leave(key)
        self._attempts.pop(key, None)

    def forget(self, key: ObjectKey) -> None:
        """Forget a repository that is gone."""
        self.rest(key)
        self._requests.forget(key)
        self._refreshes.forget(key)
        self._refusals.forget(key)
        self._gaps.discard(key)

    def miss(self, key: ObjectKey) -> None:
        """Have the code published again that the repository serves: some of it is gone."""
        self._gaps.add(key)
        self._wake(key, 0)

    def in_use(self) -> set[tuple[str, str]]:
        """Return namespace and name of the artifacts that are about to be served."""
        return {
            (key.namespace, artifact_name(attempt.artifact.digest))
            for key, attempt in self._attempts.items()
            if attempt.artifact is not None
        }

    def _found(self, seen: SeenRepository, since: datetime) -> Sighting | Blocked | None:
        key, wanted = seen.repository.metadata.key, look_of(seen.repository)
        if wanted is None:
            self._looks.leave(key)
            return image_sighting(runner_image(seen.repository, seen.defaults))
        follower = Follower(key=key, interval=_interval(seen.repository), since=since)
        return self._looks.follow(wanted, follower)

    def _with_refusals(self, seen: SeenRepository, wish: Wish) -> SeenRepository:
        """Return ``seen`` with the definitions that could not be written, until that is due."""
        key = seen.repository.metadata.key
        refused = self._refusals.known(key)
        if refused is None:
            return seen
        if refused.is_due(wish, seen.now):
            return replace(seen, refresh=True)
        self._wake(key, (refused.until - seen.now).total_seconds())
        return replace(seen, unwritten=refused.class_paths)

    def _is_stale(self, seen: SeenRepository, since: datetime) -> bool:
        """Return whether an image must be discovered again that may be another one by now."""
        repository, key = seen.repository, seen.repository.metadata.key
        if repository.spec.source.image is None:
            return False
        due = self._refreshes.due(key, _interval(repository), since, seen.now)
        if due <= seen.now:
            return not is_pinned(runner_image(repository, seen.defaults)) or since == due
        self._wake(key, (due - seen.now).total_seconds())
        return False


def _interval(repository: JobRepository) -> timedelta:
    return timedelta(seconds=seconds(repository.spec.interval))


def _wish(repository: JobRepository, found: Sighting) -> Wish:
    metadata = repository.metadata
    return Wish(
        uid=metadata.uid,
        generation=metadata.generation,
        requested_at=request_of(repository),
        commit="" if repository.spec.source.image else found.commit,
    )
