"""So many a second, and no more: what all share and none may use up."""

from __future__ import annotations


class Rate:
    """A budget that fills up again: at most ``per_second``, and so many at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = 0.0

    def take(self, moment: float) -> float:
        """Take one; return 0, or in how many seconds there is one to take.

        ``moment`` is a time in seconds, on a clock that never goes back.
        """
        filled = self._left + (moment - self._at) * self._per_second
        self._left, self._at = min(self._per_second, filled), moment
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0
