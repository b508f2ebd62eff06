"""Where records go: a pod's standard output, or whoever listens in this process."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How long the reader of a pod's output may take nothing after the end, until it is given up.
_PATIENCE_SECONDS = 10.0


class Output:
    """Hands each line on at once."""

    # To poll for when ``waits``.
    fd = -1

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.write = take

    @property
    def waits(self) -> bool:
        """Whether lines wait for their reader."""
        return False

    def push(self) -> None:
        """Pass on what can be passed on without waiting."""

    def close(self) -> int:
        """Pass on the rest; return how many lines nobody took."""
        return 0


class PodOutput(Output):
    """Standard output, written without ever waiting for its reader: there are limits to enforce.

    What is not read stands in this process: a run's budget is the most that it can be.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._waiting = bytearray()
        self._lost = 0
        self.write = self._waiting.extend
        os.set_blocking(fd, False)

    @property
    def waits(self) -> bool:
        """Whether lines wait for their reader."""
        return bool(self._waiting)

    def push(self) -> None:
        """Write what fits."""
        while self._waiting:
            try:
                count = os.write(self.fd, self._waiting)
            except BlockingIOError:
                return
            except OSError:
                # Its reader is gone, or its disk is full: the run goes on, and its outcome is told.
                self._lost += self._waiting.count(b"\n")
                count = len(self._waiting)
            del self._waiting[:count]

    def close(self) -> int:
        """Write the rest, as long as somebody takes it; return how many lines were lost."""
        poller = select.poll()
        poller.register(self.fd, select.POLLOUT)
        self.push()
        while self._waiting and poller.poll(_PATIENCE_SECONDS * 1000):
            self.push()
        return self._lost + self._waiting.count(b"\n")
