"""The time as the server has it: that of this machine may be wrong, or be set while we run."""

from __future__ import annotations

from datetime import datetime, timedelta

# The server tells whole seconds, and an answer takes a moment.
_TOLERANCE = timedelta(seconds=3)
_HALF_A_SECOND = timedelta(seconds=0.5)


class ServerClock:
    """Goes on by ``moment``, seconds on a clock that nobody sets, from ``time``."""

    def __init__(self, time: datetime, moment: float) -> None:
        self._time = time
        self._moment = moment

    def now(self, moment: float) -> datetime:
        """Return the time at ``moment``."""
        return self._time + timedelta(seconds=moment - self._moment)

    def hear(self, said: datetime, moment: float) -> None:
        """Go by what the server ``said`` just now, where that is another time than ours."""
        told = said + _HALF_A_SECOND
        if abs(told - self.now(moment)) > _TOLERANCE:
            self._time, self._moment = told, moment
