"""List and compare: kopf does not tell of what was deleted while a watch was cut."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiohttp

from davit_operator.effects.errors import ApiError, Unreachable, is_passing
from davit_operator.effects.kube import Kube
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.caches import Watched
from davit_operator.handlers.clock import jitter
from davit_operator.handlers.watches import Wake

INTERVAL_SECONDS = 600.0
_FIRST_RETRY_SECONDS = 0.5
_LAST_RETRY_SECONDS = 4.0

log = logging.getLogger(__name__)


async def resync(kube: Kube, watched: Iterable[tuple[Watched[Any], Wake]]) -> None:
    """Bring the caches to what the API server lists now, and wake all of it.

    While the server is busy or away this waits: to end the operator would make nothing better.
    """
    pairs, pause = tuple(watched), _FIRST_RETRY_SECONDS
    while True:
        try:
            return await _resync_once(kube, pairs)
        except (ApiError, Unreachable) as error:
            if not is_passing(error):
                raise
            log.warning("Nothing can be listed now: %s; again in %.1f s", error, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LAST_RETRY_SECONDS)


async def _resync_once(kube: Kube, watched: Iterable[tuple[Watched[Any], Wake]]) -> None:
    for each, wake in watched:
        since = each.cache.mark()
        listed = set()
        async for raw in kube.list_all(each.resource, labels=each.labels, fields=each.fields):
            listed.add(raw["metadata"]["uid"])
            record = each.keep(raw)
            if record is not None:
                wake(record)
        for gone in each.cache.prune(frozenset(listed), since):
            wake(gone)


class Relists:
    """What kopf lists anew, after a gap in its watch, is compared by uid: ``take`` works it off."""

    def __init__(self, kube: Kube, watched: Iterable[tuple[Watched[Any], Wake]]) -> None:
        self.queue: WorkQueue[str] = WorkQueue(jitter)
        self._kube = kube
        self._watched = {each.resource.everywhere(): (each, wake) for each, wake in watched}

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """Compare soon what an answer to kopf lists from its beginning on."""
        path, asked = response.url.path, response.url.query
        if path in self._watched and "watch" not in asked and "continue" not in asked:
            self.queue.add(path)

    async def take(self, path: str) -> None:
        """Forget what is gone, and wake what it touches."""
        each, wake = self._watched[path]
        since = each.cache.mark()
        found = self._kube.list_metadata(each.resource, labels=each.labels, fields=each.fields)
        listed = frozenset([raw["metadata"]["uid"] async for raw in found])
        for gone in each.cache.prune(listed, since):
            wake(gone)


async def keep_resyncing(
    kube: Kube,
    watched: Iterable[tuple[Watched[Any], Wake]],
    tidy: Callable[[], Awaitable[None]],
) -> None:
    """Resync now and then, for ever; ``tidy`` up after each, the one at the start too."""
    pairs = tuple(watched)
    while True:
        try:
            await tidy()
        except (ApiError, Unreachable, OSError) as error:
            log.warning("Nothing can be tidied up now: %s", error)
        await asyncio.sleep(INTERVAL_SECONDS * jitter())
        await resync(kube, pairs)
