"""A queue of keys with client-go's semantics.

A key that waits is not added twice; a key that is worked on is not given out a second time, and
what is added meanwhile is given out once more afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from itertools import count
from math import inf
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FIRST_RETRY_SECONDS = 0.25
LAST_RETRY_SECONDS = 60.0
# Of what passes: when a server answers again, nobody wants to wait a minute for its next question.
LAST_SOON_SECONDS = 4.0
# More doublings change nothing, and from 1,024 on no float holds them.
_MAX_DOUBLINGS = 16


class WorkQueue(Generic[K]):
    """Keys to work on. ``jitter`` returns a factor near 1, so that retries do not march in step.

    Keys of which ``is_urgent`` is true when they come are given out before all others.
    """

    def __init__(
        self, jitter: Callable[[], float], is_urgent: Callable[[K], bool] = lambda _: False
    ) -> None:
        self._jitter = jitter
        self._is_urgent = is_urgent
        # Lane, turn and key.
        self._ready: asyncio.PriorityQueue[tuple[bool, int, K]] = asyncio.PriorityQueue()
        self._turns = count()
        # Since when a key waits, the one that waits longest first.
        self._since: dict[K, float] = {}
        self._dirty: set[K] = set()
        # Since when a key is worked on, likewise.
        self._busy: dict[K, float] = {}
        # When a worker last took a key, or first asked for one.
        self._taken: float | None = None
        self._failures: dict[K, int] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        # Until when nothing wakes a key, because who was asked said so.
        self._held: dict[K, float] = {}
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        """Return how many keys wait."""
        return self._ready.qsize()

    @property
    def oldest_age(self) -> float:
        """Return for how many seconds the key waits that waits longest; 0: none waits."""
        return self._age(next(iter(self._since.values()), None))

    @property
    def stalled_for(self) -> float:
        """Return for how many seconds keys have waited and no worker has taken one."""
        return min(self.oldest_age, self._age(self._taken))

    @property
    def longest_work(self) -> float:
        """Return for how many seconds the key is worked on that takes longest."""
        return self._age(next(iter(self._busy.values()), None))

    def add(self, key: K) -> None:
        """Have ``key`` worked on as soon as a worker is free, and nobody asked for a pause."""
        held = self._held.get(key, 0.0)
        if held > self._loop.time():
            self._call_at(key, held)
            return
        self._held.pop(key, None)
        self._cancel_timer(key)
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._busy:
            self._put(key)

    def add_after(self, key: K, seconds: float) -> None:
        """Have ``key`` worked on in ``seconds``; of several such wishes the earliest counts.

        Infinitely many are no wish.
        """
        if seconds == inf:
            return
        if seconds <= 0:
            self.add(key)
            return
        self._call_at(key, self._loop.time() + seconds)

    async def get(self) -> K:
        """Return the key that waits longest in its lane; the caller must call ``done`` with it."""
        if self._taken is None:
            self._taken = self._loop.time()
        _, _, key = await self._ready.get()
        self._since.pop(key, None)
        self._dirty.discard(key)
        self._busy[key] = self._taken = self._loop.time()
        return key

    def done(self, key: K) -> None:
        """Say that the work on ``key`` has ended."""
        self._busy.pop(key, None)
        if key in self._dirty:
            self._put(key)

    def retry(self, key: K) -> float:
        """Have ``key`` worked on again after a failure; return in how many seconds."""
        seconds = self._pause(key, LAST_RETRY_SECONDS)
        self.add_after(key, seconds)
        return seconds

    def retry_soon(self, key: K, least: float) -> float:
        """Have ``key`` worked on again after a failure that passes; return in how many seconds.

        For ``least`` seconds nothing else wakes it either.
        """
        seconds = max(self._pause(key, LAST_SOON_SECONDS), least)
        if least > 0:
            self._held[key] = self._loop.time() + least
            # What was added while the work failed waits like the rest.
            self._dirty.discard(key)
        self.add_after(key, seconds)
        return seconds

    def forget(self, key: K) -> None:
        """Say that ``key`` was worked on without failure: its next retry is a quick one."""
        self._failures.pop(key, None)

    def _pause(self, key: K, last: float) -> float:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        doublings = min(failures - 1, _MAX_DOUBLINGS)
        return min(FIRST_RETRY_SECONDS * 2.0**doublings, last) * self._jitter()

    def _call_at(self, key: K, due: float) -> None:
        known = self._timers.get(key)
        if known is not None and known.when() <= due:
            return
        self._cancel_timer(key)
        self._timers[key] = self._loop.call_at(due, self._fire, key)

    def _put(self, key: K) -> None:
        self._since[key] = self._loop.time()
        self._ready.put_nowait((not self._is_urgent(key), next(self._turns), key))

    def _age(self, since: float | None) -> float:
        return 0.0 if since is None else self._loop.time() - since

    def _fire(self, key: K) -> None:
        del self._timers[key]
        self.add(key)

    def _cancel_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
