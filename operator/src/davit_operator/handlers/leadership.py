"""Lead, or stand by: one replica works, and the next one takes over as soon as it may."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import NoReturn, Protocol

from davit_operator.effects.errors import ApiError, Conflict, NotFound, Unreachable
from davit_operator.effects.lease import Lease, written
from davit_operator.handlers.clock import now, steady
from davit_operator.plan.election import NOBODY, Election, Lock

log = logging.getLogger(__name__)

# A leader renews every two seconds; a watch that is silent for longer than three of them is dead,
# or its leader is.
_QUIET_PERIODS = 3


def exit_at_once(why: str) -> NoReturn:
    """End the process before anything else happens: another replica may lead by now."""
    log.error("This replica does not lead any more and ends: %s", why)
    sys.stderr.flush()
    os._exit(1)


class Leadership(Protocol):
    """What the operator asks of it."""

    def is_leading(self) -> bool:
        """Return whether this replica may write at this moment."""

    @property
    def lease_age(self) -> float | None:
        """Return for how many seconds the leader has not renewed; None: it does not lead."""

    async def acquire(self) -> None:
        """Return as soon as this replica leads."""

    async def keep(self) -> None:
        """Go on leading, for ever."""

    async def resign(self) -> None:
        """Let another one lead; the work must have ended."""


class Alone:
    """The only replica: it leads."""

    lease_age: float | None = None

    def is_leading(self) -> bool:
        """Return that it does."""
        return True

    async def acquire(self) -> None:
        """Return at once."""

    async def keep(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    async def resign(self) -> None:
        """Do nothing."""


class ByLease:
    """One of several replicas, who agree by a Lease."""

    def __init__(
        self, lease: Lease, election: Election, lost: Callable[[str], object] = exit_at_once
    ) -> None:
        self._lease = lease
        self._election = election
        self._lost = lost

    def is_leading(self) -> bool:
        """Return whether this replica may write at this moment: asked right before each write."""
        return self._election.is_leading(steady())

    @property
    def lease_age(self) -> float | None:
        """Return for how many seconds the leader has not renewed; None: it does not lead."""
        return self._election.renewed_ago(steady())

    async def acquire(self) -> None:
        """Return as soon as this replica leads; while the API server is away, wait for it."""
        log.info("%s stands by", self._election.identity)
        while not self.is_leading():
            try:
                self._election.saw(await self._lease.read(), steady())
                await self._wait_for_it()
                if not self._election.free_in(steady()):
                    await self._claim()
            except (Conflict, NotFound):
                # Another one was faster.
                continue
            except (ApiError, Unreachable) as error:
                log.warning("Nobody can say who leads: %s", error)
                await asyncio.sleep(self._election.terms.period)
        log.info("%s leads", self._election.identity)

    async def keep(self) -> None:
        """Renew for ever; where that does not succeed in time, this process ends."""
        while True:
            await asyncio.sleep(self._election.terms.period)
            age = self.lease_age or 0.0
            try:
                async with asyncio.timeout(self._election.terms.renew_deadline - age):
                    await self._renew()
            except (ApiError, Unreachable, TimeoutError) as error:
                log.warning("The Lease is not renewed: %s", error or "no answer in time")
            if not self.is_leading():
                self._lost(self._why())

    async def resign(self) -> None:
        """Clear the Lease's holder, so that nobody waits for it to run out."""
        if not self.is_leading():
            return
        # Whoever stands by waits for it to run out, where this fails.
        with suppress(ApiError, Unreachable):
            try:
                await self._release()
            except Conflict:
                # A renewal was under way when the work ended.
                self._election.saw(await self._lease.read(), steady())
                await self._release()

    async def _release(self) -> None:
        released = self._election.release(written(now()))
        if released is not None:
            await self._lease.write(released)

    async def _claim(self) -> None:
        asked = steady()
        lock = await self._lease.write(self._election.claim(written(now())))
        self._election.wrote(lock, asked)

    async def _renew(self) -> None:
        try:
            await self._claim()
        except (Conflict, NotFound):
            # Somebody labelled or deleted it, or stole it.
            self._election.saw(await self._lease.read(), steady())
            if self.is_leading():
                await self._claim()

    async def _wait_for_it(self) -> None:
        """Return when the Lease may be written, or must be looked at again."""
        watching = asyncio.ensure_future(self._watch())
        try:
            while not watching.done() and (seconds := self._election.free_in(steady())):
                await asyncio.wait((watching,), timeout=seconds)
            if watching.done():
                watching.result()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        """Take note of changes, until the Lease is free or the watch is cut."""
        quiet = _QUIET_PERIODS * self._election.terms.period
        changes = self._lease.changes(self._election.lock or Lock(), quiet)
        async with aclosing(changes):
            async for lock in changes:
                self._election.saw(lock, steady())
                if not self._election.free_in(steady()):
                    return

    def _why(self) -> str:
        lock = self._election.lock
        if lock is not None and lock.holder not in (NOBODY, self._election.identity):
            return f"{lock.holder} holds the Lease"
        return f"the Lease was not renewed for {self._election.terms.renew_deadline:.0f} s"
