"""Asks Events why a run does not start, and keeps what they said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from davit_operator.api.base import ObjectKey
from davit_operator.effects.errors import ApiError, Unreachable
from davit_operator.effects.kube import Kube
from davit_operator.plan.causes import (
    is_unexplained,
    looks_due,
    repository_with_gap,
    seen_events,
)
from davit_operator.plan.observed import SeenEvent, SeenRun

log = logging.getLogger(__name__)


class _Look(NamedTuple):
    # Of the pod, or of the batch Job that has none.
    uid: str
    number: int
    events: tuple[SeenEvent, ...]


class Causes:
    """What Events said of the runs that wait; may be lost, and is asked again then.

    ``miss`` is called with a repository of whose code the Events say that some of it is gone.
    """

    def __init__(self, kube: Kube, miss: Callable[[ObjectKey], None]) -> None:
        self._kube = kube
        self._miss = miss
        self._looks: dict[ObjectKey, _Look] = {}

    async def explained(self, seen: SeenRun) -> SeenRun:
        """Return ``seen`` with the Events of what it waits for; they are listed where it is due."""
        key, batch_job = seen.run.metadata.key, seen.batch_job
        if batch_job is None or not is_unexplained(seen):
            self.forget(key)
            return seen
        uid = seen.pod.uid if seen.pod else batch_job.uid
        known, due = self._looks.get(key), looks_due(seen)
        if known is None or known.uid != uid:
            # What was said of the batch Job does not hold for its pod.
            known = _Look(uid, 0, ())
        if due > known.number:
            known = _Look(uid, due, await self._events(key.namespace, uid, known.events))
            self._looks[key] = known
            gap = repository_with_gap(replace(seen, events=known.events))
            if gap is not None:
                self._miss(gap)
        return replace(seen, events=known.events)

    def forget(self, key: ObjectKey) -> None:
        """Forget the run: it is gone, or waits no more."""
        self._looks.pop(key, None)

    async def _events(
        self, namespace: str, uid: str, known: tuple[SeenEvent, ...]
    ) -> tuple[SeenEvent, ...]:
        try:
            return seen_events(await self._kube.events_of(namespace, uid))
        except (ApiError, Unreachable) as error:
            # A run must start, or end, without them as well.
            log.warning("The Events of %s in %s cannot be read: %s", uid, namespace, error)
            return known
