"""How far a job is, told at a bearable rate."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_INTERVAL_SECONDS = 0.5
# The longer a run lasts the slower its progress is: of one of ten hours there are 800 records.
_SHARE_OF_THE_RUN = 0.01


class Progress:
    """Passes the newest state on, now and then.

    ``write`` receives each that is due, and answers whether there was room for it.
    """

    def __init__(self, write: Callable[..., bool]) -> None:
        self._write = write
        self._begun = time.monotonic()
        self._written_at = -math.inf
        self._newest: tuple[float, float] | None = None

    def take(self, done: float, total: float) -> None:
        """Take the newest state; one that is no pair of usual numbers is ignored."""
        try:
            newest = float(done), float(total)
        except OverflowError:
            return
        if all(map(math.isfinite, newest)):
            self._newest = newest
            self.write_due()

    def patience(self) -> float:
        """Return the seconds until a state is due."""
        if self._newest is None:
            return math.inf
        now = time.monotonic()
        interval = max(_INTERVAL_SECONDS, (now - self._begun) * _SHARE_OF_THE_RUN)
        return self._written_at + interval - now

    def write_due(self) -> None:
        """Write the newest state if one is due."""
        if self.patience() <= 0:
            self._write_newest(last=False)

    def end(self) -> None:
        """Write the newest state unless that was done."""
        if self._newest is not None:
            self._write_newest(last=True)

    def _write_newest(self, *, last: bool) -> None:
        assert self._newest is not None  # noqa: S101 (both callers looked)
        self._written_at = time.monotonic()
        if self._write(*self._newest, last=last):
            self._newest = None
