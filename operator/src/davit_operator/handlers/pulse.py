"""Takes the signs of life twice a second, on the loop whose life they are of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from davit_operator.engine.vitals import BEAT_SECONDS, QueueSigns, Vitals
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.clock import steady
from davit_operator.handlers.hearing import Hearing
from davit_operator.handlers.leadership import Leadership


class State(StrEnum):
    """What this replica is at."""

    STARTING = "starting: the API server was not asked yet, or does not answer"
    STANDBY = "standby: another replica leads"
    FILLING = "leading: reading what there is"
    WORKING = "leading"


class Pulse:
    """The operator's vitals, as they were last taken; other threads may read them."""

    def __init__(self, queues: Mapping[str, WorkQueue[Any]], leadership: Leadership) -> None:
        self.state = State.STARTING
        self.hearing = Hearing(())
        self.vitals = Vitals(taken=steady())
        self._queues = queues
        self._leadership = leadership

    async def beat(self) -> None:
        """Take the vitals for ever."""
        while True:
            due = steady() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self.vitals = self._taken(max(0.0, steady() - due))

    def _taken(self, lag: float) -> Vitals:
        return Vitals(
            taken=steady(),
            lag=lag,
            queues={name: _signs(queue) for name, queue in self._queues.items()},
            watches=self.hearing.ages(),
            leads=self._leadership.is_leading(),
            lease=self._leadership.lease_age,
        )


def _signs(queue: WorkQueue[Any]) -> QueueSigns:
    return QueueSigns(
        depth=len(queue),
        oldest=queue.oldest_age,
        stalled=queue.stalled_for,
        longest_work=queue.longest_work,
    )
