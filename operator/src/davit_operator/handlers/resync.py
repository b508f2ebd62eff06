"""List everything and compare: kopf does not tell of what was deleted while a watch was cut."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from davit_operator.effects.kube import Kube
from davit_operator.handlers.caches import Watched
from davit_operator.handlers.clock import jitter
from davit_operator.handlers.watches import Wake

INTERVAL_SECONDS = 600.0


async def resync(kube: Kube, watched: Iterable[tuple[Watched[Any], Wake]]) -> None:
    """Bring the caches to what the API server lists now, and wake what changed."""
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


async def keep_resyncing(kube: Kube, watched: Iterable[tuple[Watched[Any], Wake]]) -> None:
    """Resync now and then, for ever."""
    pairs = tuple(watched)
    while True:
        await asyncio.sleep(INTERVAL_SECONDS * jitter())
        await resync(kube, pairs)
