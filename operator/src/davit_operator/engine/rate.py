"""So many a second, and no more: what all share and none may use up."""

from __future__ import annotations


class Rate:
    """A budget that fills up again: ``per_second``, and at most ``at_once`` (default: as many)."""

    def __init__(self, per_second: float, at_once: float = 0) -> None:
        self._per_second = per_second
        self._left = self._most = at_once or per_second
        self._at = 0.0

    def take(self, moment: float, amount: float = 1) -> float:
        """Take ``amount``; return 0, or in how many seconds there is anything to take.

        More may be taken than there is, and is paid off before the next. ``moment`` is a time in
        seconds, on a clock that never goes back.
        """
        filled = self._left + (moment - self._at) * self._per_second
        self._left, self._at = min(self._most, filled), moment
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= amount
        return 0.0
