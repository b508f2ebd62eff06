"""The processes that the author's code left or started, ended for good."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

_PROC = "/proc"
# Linux's prctl(2): orphans below this process become its children, not those of process 1.
_PR_SET_CHILD_SUBREAPER = 36
# How long processes may take to vanish once they were killed; one that waits for a disk may.
_KILL_SECONDS = 5.0
_PAUSE_SECONDS = 0.001
_GONE = frozenset({"Z", "X"})


class _Seen(NamedTuple):
    pid: int
    parent: int
    # One letter, as in proc(5).
    state: str


class ProcessTree:
    """Everything below this process but what it had started itself before the child ``leader``.

    Made as soon as there is one: it takes a while, and the child need not wait for it.
    """

    def __init__(self, leader: int) -> None:
        # Everything else in a container is the author's.
        self._owns_all = os.getpid() == 1
        self._adopts = not self._owns_all and _adopt_orphans()
        self._strangers: set[int] = set()
        if self._adopts:
            self._strangers = {seen.pid for seen in _below(os.getpid(), {leader})}

    def kill(self, leader: int) -> None:
        """Kill the child and whatever it, or they, started, until none of it is left."""
        # At once, so that none is born meanwhile: the kernel sees to that.
        _kill(-1 if self._owns_all else -leader)
        deadline = time.monotonic() + _KILL_SECONDS
        while not self._owns_all and (found := self._living(leader)):
            for seen in found:
                _kill(seen.pid)
            if time.monotonic() > deadline:
                return
            time.sleep(_PAUSE_SECONDS)

    def size(self, leader: int) -> int:
        """Return how many processes live beside the child."""
        if self._owns_all:
            return sum(map(str.isdecimal, os.listdir(_PROC))) - 2  # noqa: PTH208 (pathlib costs the run path 7 ms)
        return sum(seen.pid != leader for seen in self._living(leader))

    def reaped(self, child: int) -> int | None:
        """Return the child's exit code (128 + n for signal n) once it ended, else None.

        As process 1 it also collects the orphans that the author's code left behind.
        """
        exit_code = None
        while True:
            try:
                pid, status = os.waitpid(-1 if self._owns_all else child, os.WNOHANG)
            except ChildProcessError:
                return exit_code
            if pid == 0:
                return exit_code
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                exit_code = code if code >= 0 else 128 - code
                if not self._owns_all:
                    return exit_code

    def _living(self, leader: int) -> list[_Seen]:
        own = os.getpid() if self._adopts else 0
        found = _below(own or leader, self._strangers)
        for seen in found:
            if seen.parent == own and seen.state in _GONE and seen.pid != leader:
                # An orphan that only waits to be taken off the system's table.
                os.waitpid(seen.pid, os.WNOHANG)
        return [seen for seen in found if seen.state not in _GONE]


def _adopt_orphans() -> bool:
    """Have processes whose parent ended become children of this one, where the system can."""
    if not sys.platform.startswith("linux"):
        return False
    # Never in a container, where the start is measured: this takes 5 ms.
    import ctypes  # noqa: PLC0415 (see above)

    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def _kill(target: int) -> None:
    try:
        os.kill(target, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # It ended before, or became another user's: then it is not ours to end.
        return


def _below(root: int, strangers: Collection[int] = ()) -> list[_Seen]:
    """Return the processes below ``root``, where the system has a /proc to look at."""
    children: dict[int, list[_Seen]] = {}
    for seen in _processes():
        children.setdefault(seen.parent, []).append(seen)
    found: list[_Seen] = []
    pending = [root]
    while pending:
        below = [seen for seen in children.get(pending.pop(), []) if seen.pid not in strangers]
        found += below
        pending += [seen.pid for seen in below]
    return found


def _processes() -> list[_Seen]:
    pids = os.listdir(_PROC) if os.path.isdir(_PROC) else []  # noqa: PTH112, PTH208 (as above)
    found = []
    for pid in filter(str.isdecimal, pids):
        try:
            with open(f"{_PROC}/{pid}/stat", "rb") as file:  # noqa: PTH123 (as above)
                text = file.read()
        except OSError:
            # It ended meanwhile.
            continue
        # The name, in parentheses, may hold anything: count from its end.
        state, parent = text.rpartition(b")")[2].split()[:2]
        found.append(_Seen(int(pid), int(parent), state.decode()))
    return found
