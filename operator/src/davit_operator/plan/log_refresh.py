"""When what a live run says is written to its status again."""

from __future__ import annotations

# After 1, 2, 4 and 8 seconds, then every 10: who looks at a run looks at its beginning.
_PAUSES = (1.0, 1.0, 2.0, 4.0)
_LAST_PAUSE = 10.0


class RefreshClock:
    """The times at which one run may be refreshed; in seconds, on a clock that never goes back."""

    def __init__(self, began: float) -> None:
        self._count = 0
        self._due = began + _PAUSES[0]

    def wait(self, moment: float) -> float:
        """Return the seconds until the next refresh may be; 0 when it may be now."""
        return max(0.0, self._due - moment)

    def done(self, moment: float) -> None:
        """Say that it was refreshed now."""
        self._count += 1
        pause = _PAUSES[self._count] if self._count < len(_PAUSES) else _LAST_PAUSE
        self._due = moment + pause
