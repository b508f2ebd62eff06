"""How a supervisor learns that its run is to end."""

from __future__ import annotations

import os
import signal


class CancelSwitch:
    """Remembers that SIGTERM or SIGINT asked to end; wakes whoever polls ``fd``."""

    def __init__(self) -> None:
        self.is_on = False
        # Ctrl-C for the second time: no more patience.
        self.is_urgent = False
        self.fd, self._write_fd = os.pipe()
        for fd in (self.fd, self._write_fd):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._turn_on)
        # A handler of any kind: without one the end of a child wakes nobody.
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def asks(self, cancel_file: str) -> bool:
        """Return whether a signal asked, or the cancel file does; ``""`` where there is none."""
        if self.is_on or not cancel_file:
            return self.is_on
        try:
            # Opened anew each time: the kubelet replaces the file, it does not write into it.
            with open(cancel_file, "rb") as file:  # noqa: PTH123 (pathlib costs the run path 7 ms)
                return bool(file.read(1))
        except OSError:
            # It is not there, or cannot be read right now.
            return False

    def _turn_on(self, number: int, _: object) -> None:
        self.is_urgent = self.is_on and number == signal.SIGINT
        self.is_on = True
