"""Sends Events of type Warning, behind the writes of statuses and never in their way.

A condition says what an Event says, and for longer: so one that is over the limit, or that the
server does not take, is counted in the log and given up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from math import inf
from typing import NamedTuple

from davit_operator.effects.errors import Conflict
from davit_operator.effects.kube import Manifest
from davit_operator.engine.rate import Rate
from davit_operator.handlers.clock import now
from davit_operator.plan.warning_event import warning_event
from davit_operator.plan.warnings import Trouble

log = logging.getLogger(__name__)

# A run says a few things in its life; what flaps is heard of every five minutes.
_OBJECT_AT_ONCE, _OBJECT_A_SECOND = 10, 1 / 300
# When a thousand runs fail for one cause, a hundred of them are enough to hear of it.
_ALL_AT_ONCE, _ALL_A_SECOND = 100, 10
# How many wait for a slow server, how many objects' rates are kept, how often losses are logged.
_WAITING, _KNOWN, _LOSSES_SECONDS = 200, 2_000, 60


class _Told(NamedTuple):
    # As much of the object as an Event names.
    about: Manifest
    trouble: Trouble


class Warnings:
    """What is to be told; ``create`` writes an Event, ``instance`` names this operator's pod."""

    def __init__(self, create: Callable[[Manifest], Awaitable[object]], instance: str) -> None:
        self._create = create
        self._instance = instance
        self._waiting: asyncio.Queue[_Told] = asyncio.Queue(_WAITING)
        self._all = Rate(_ALL_A_SECOND, _ALL_AT_ONCE)
        self._objects: OrderedDict[str, Rate] = OrderedDict()
        self._losses = 0
        self._silent_until = -inf
        self._loop = asyncio.get_running_loop()

    def tell(self, written: Manifest, trouble: Trouble | None) -> None:
        """Have ``trouble``, if any, told of an object whose status was ``written`` just now.

        ``written`` is the server's answer.
        """
        if trouble is None:
            return
        moment, uid = self._loop.time(), written["metadata"]["uid"]
        if self._waiting.full() or self._rate(uid).take(moment) or self._all.take(moment):
            self._lose()
            return
        about = {key: written[key] for key in ("apiVersion", "kind", "metadata")}
        self._waiting.put_nowait(_Told(about, trouble))

    async def send(self) -> None:
        """Send what is told, one after the other, for ever."""
        while True:
            told = await self._waiting.get()
            try:
                await self._write(told)
            # An Event is worth no operator's end.
            except Exception as error:  # noqa: BLE001
                self._failed(error)

    async def _write(self, told: _Told) -> None:
        event = warning_event(told.about, told.trouble, now(), self._instance)
        try:
            await self._create(event)
        except Conflict:
            # It was said before: by us, before a restart, or by another operator.
            return

    def _rate(self, uid: str) -> Rate:
        rate = self._objects.setdefault(uid, Rate(_OBJECT_A_SECOND, _OBJECT_AT_ONCE))
        self._objects.move_to_end(uid)
        if len(self._objects) > _KNOWN:
            self._objects.popitem(last=False)
        return rate

    def _failed(self, error: Exception) -> None:
        moment = self._loop.time()
        if moment < self._silent_until:
            self._lose()
            return
        self._silent_until = moment + _LOSSES_SECONDS
        log.warning("An Event could not be written, and is given up: %s", error)

    def _lose(self) -> None:
        """Count one more that nobody hears of; the log says how many, once in a while."""
        if not self._losses:
            self._loop.call_later(_LOSSES_SECONDS, self._tell_losses)
        self._losses += 1

    def _tell_losses(self) -> None:
        losses, self._losses = self._losses, 0
        log.warning("%d Events were not written; the objects' conditions say the same", losses)
