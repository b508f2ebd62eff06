"""The looks at sources: one for all repositories that want the same, each with its due time.

Repositories follow a look and are woken when it says something new; one whose source never changes
costs nothing beside the look.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from davit_operator.api.base import ObjectKey
from davit_operator.api.errors import Blocked
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.clock import jitter, now
from davit_operator.handlers.contacts import BUSY_SECONDS, Contacts
from davit_operator.plan.polling import Look, hurried, next_look, tells_news
from davit_operator.plan.sightings import Sighting, SourceLook

Reader = Callable[[SourceLook, Sighting | None], Awaitable[Sighting]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A repository: how often it wants a look, and since when the look must be."""

    key: ObjectKey
    interval: timedelta
    since: datetime


class Looks:
    """What was seen of each source last. It may be lost: the next look finds it again."""

    def __init__(
        self,
        queue: WorkQueue[SourceLook],
        read: Reader,
        wake: Callable[[ObjectKey], None],
        contacts: Contacts,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._queue = queue
        self._read = read
        self._wake = wake
        self._contacts = contacts
        self._clock = clock
        self._looks: dict[SourceLook, Look] = {}
        self._followers: dict[SourceLook, dict[ObjectKey, Follower]] = {}
        self._followed: dict[ObjectKey, SourceLook] = {}

    def follow(self, wanted: SourceLook, follower: Follower) -> Sighting | Blocked | None:
        """Return what was seen; None until the look that the follower waits for was taken."""
        if self._followed.get(follower.key) != wanted:
            self.leave(follower.key)
            self._followed[follower.key] = wanted
        self._followers.setdefault(wanted, {})[follower.key] = follower
        look = self._looks.get(wanted)
        if look is None or look.seen_at < follower.since:
            self._queue.add(wanted)
            return None
        if isinstance(look.found, Sighting):
            look = self._looks[wanted] = hurried(look, follower.interval)
        self._queue.add_after(wanted, (look.due - self._clock()).total_seconds())
        return look.found

    def leave(self, key: ObjectKey) -> None:
        """Have the repository follow nothing."""
        wanted = self._followed.pop(key, None)
        if wanted is None:
            return
        followers = self._followers[wanted]
        del followers[key]
        if not followers:
            del self._followers[wanted]
            self._looks.pop(wanted, None)

    def renew(self, key: ObjectKey) -> None:
        """Forget what the repository's look saw: it is not there any more."""
        wanted = self._followed[key]
        self._looks.pop(wanted, None)
        self._queue.add(wanted)

    async def take(self, wanted: SourceLook) -> None:
        """Look, where somebody follows and it is due; wake those to whom that is news."""
        before, begun = self._looks.get(wanted), self._clock()
        followers = self._followers.get(wanted)
        if followers is None:
            return
        if before is not None and before.due > begun and not self._is_awaited(wanted, before):
            self._queue.add_after(wanted, (before.due - begun).total_seconds())
            return
        if self._contacts.is_full(wanted.server):
            self._queue.add_after(wanted, BUSY_SECONDS * jitter())
            return
        found = await self._seen(wanted, before)
        followers = self._followers.get(wanted)
        if followers is None:
            return
        intervals = [each.interval for each in followers.values()]
        look = self._looks[wanted] = next_look(before, found, begun, intervals, jitter())
        is_news = tells_news(before, look)
        for each in tuple(followers.values()):
            if is_news or before is None or before.seen_at < each.since:
                self._wake(each.key)
        self._queue.add_after(wanted, (look.due - self._clock()).total_seconds())

    def _is_awaited(self, wanted: SourceLook, look: Look) -> bool:
        return any(each.since > look.seen_at for each in self._followers[wanted].values())

    async def _seen(self, wanted: SourceLook, before: Look | None) -> Sighting | Blocked:
        known = before.found if before else None
        try:
            with self._contacts.held(wanted.server):
                return await self._read(wanted, known if isinstance(known, Sighting) else None)
        except Blocked as cause:
            return cause
