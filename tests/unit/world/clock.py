"""The time of a small world, which moves when somebody moves it."""

from __future__ import annotations

import asyncio
import selectors
from datetime import datetime
from typing import Any

from tests.builders import later

from davit_operator.plan.times import format_time

# So often may a task wait for another one, in what happens in one moment.
_ROUNDS = 24


class Clock:
    """Seconds since the world began, and what they are called."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return later(self.seconds)

    def text(self, ahead: float = 0) -> str:
        """Return the time as the API writes it, by a clock that is ``ahead`` of this one."""
        return format_time(later(self.seconds + ahead))


class _Deaf(selectors.SelectSelector):
    def select(self, _timeout: float | None = None) -> Any:
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop that is turned by hand, and goes by the world's clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Deaf())
        self._clock = clock

    def time(self) -> float:
        return self._clock.seconds

    def turn(self) -> None:
        """Let happen all that needs no time and no answer."""
        self.call_soon(self._again, _ROUNDS)
        self.run_forever()

    def _again(self, rounds: int) -> None:
        if rounds:
            self.call_soon(self._again, rounds - 1)
        else:
            self.stop()
