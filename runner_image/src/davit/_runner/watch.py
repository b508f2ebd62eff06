"""What a discovery allows the modules that it imports, and where they were when it was too much."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from typing import TYPE_CHECKING, NamedTuple

from davit_contract import PartType
from davit_contract.places import LOG_BUDGET_BYTES

if TYPE_CHECKING:
    from davit._runner.frames import Frame
    from davit._runner.tree import ProcessTree

# What one module may print while it is imported: each run of its jobs would print it, too.
MAX_OUTPUT_BYTES = 1024 * 1024
# Asks the child where it is; Python's faulthandler answers even from a loop without an end.
TRACE_SIGNAL = signal.SIGUSR2
_TRACE_SECONDS = 0.2
_QUIET_SECONDS = 0.02
_TRACE_BYTES = 64 * 1024
_FRAME_LINE = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)
# In a container a look costs next to nothing, and a fork bomb must not reach its memory limit;
# elsewhere it reads all of the machine's processes.
_LOOK_SECONDS, _LOOK_ELSEWHERE_SECONDS = 0.02, 0.1


class Limits(NamedTuple):
    """How much a discovery may take."""

    # Of the whole, and of each module by itself.
    time_limit_seconds: float = 60
    module_time_limit_seconds: float = 10
    # Of the process that imports; 0 means no limit. The default leaves room for the supervisor in
    # the 512 MiB of the operator's discovery pods.
    memory_limit_bytes: int = 448 * 1024 * 1024
    # Below the process that imports.
    process_limit: int = 64


class Traces:
    """A pipe of their own for what faulthandler says of the child."""

    def __init__(self) -> None:
        self._read_fd, self.write_fd = os.pipe()
        for fd in (self._read_fd, self.write_fd):
            # Nobody reads while the child writes: what does not fit is lost.
            os.set_blocking(fd, False)

    def ask(self, pid: int) -> None:
        """Have the process say where it is, and wait a little for the answer."""
        os.kill(pid, TRACE_SIGNAL)
        select.select([self._read_fd], [], [], _TRACE_SECONDS)
        # It is written piece by piece.
        time.sleep(_QUIET_SECONDS)

    def text(self) -> str:
        """Return what was said."""
        try:
            return os.read(self._read_fd, _TRACE_BYTES).decode("ascii", "replace")
        except BlockingIOError:
            return ""

    def close(self) -> None:
        """Give the pipe back."""
        for fd in (self._read_fd, self.write_fd):
            os.close(fd)


def places_in(trace: str) -> list[tuple[str, int]]:
    """Return file and line of each frame in what faulthandler wrote, innermost first."""
    found = _FRAME_LINE.findall(trace)
    # It writes ASCII, and anything else as escapes.
    return [(path.encode().decode("unicode_escape"), int(line)) for path, line in found]


class ModuleWatch:
    """Looks over the supervisor's shoulder while one child imports and describes."""

    def __init__(self, limits: Limits, traces: Traces) -> None:
        # What the child is at, or was when it had to be killed: a module's path, "" for work of
        # davit's own ...
        self.busy_with = ""
        # ... and the class that it describes, or "" where it imports.
        self.describing = ""
        self.module_paths: list[str] = []
        self.seconds: dict[str, float] = {}
        self.documents: list[tuple[PartType, str]] = []
        # Why the child had to be killed: time, output or processes.
        self.cause = ""
        self._limits = limits
        self._traces = traces
        self._since = self._looked_at = time.monotonic()
        self._look_seconds = _LOOK_SECONDS if os.getpid() == 1 else _LOOK_ELSEWHERE_SECONDS
        self._heard = 0
        # Below 0 documents were lost: a child may not fill the supervisor's memory.
        self._room = LOG_BUDGET_BYTES

    @property
    def has_all(self) -> bool:
        """Return whether every document that was sent is kept."""
        return self._room >= 0

    def takes(self, frame: Frame) -> bool:
        """Return True for a frame that is meant for nobody else."""
        match frame:
            case ["busy", str(path)]:
                self._turn_to(path)
                # The supervisor wants to know as well.
                return False
            case ["describing", str(path), str(class_path)]:
                self._turn_to(path, class_path)
            case ["modules", list(paths)]:
                self.module_paths = [str(path) for path in paths]
            case ["document", "description" | "problem" as kind, str(text)]:
                # Kept back until the child has said everything: it may die, and another start over.
                self._room -= len(text)
                if self._room >= 0:
                    self.documents.append((PartType(kind), text))
            case ["document", "description" | "problem", int()]:
                # Too large for a frame: only its size came.
                self._room = -1
            case _:
                return False
        return True

    def settle(self) -> None:
        """Count the time of what the child was at when it ended."""
        self._count_time()

    def hears(self, count: int) -> None:
        """Count what came through the child's pipes."""
        self._heard += count

    def patience(self, now: float) -> float:
        """Return the seconds until ``condemns`` wants to be asked again."""
        waits = [self._looked_at + self._look_seconds - now]
        if self.busy_with:
            waits.append(self._limits.module_time_limit_seconds - self._taken(now))
        return min(waits)

    def condemns(self, tree: ProcessTree, pid: int, now: float) -> bool:
        """Return whether the child does what it may not, having asked where it is."""
        self.cause = self._cause(tree, pid, now)
        if self.cause:
            self._traces.ask(pid)
        return bool(self.cause)

    def _cause(self, tree: ProcessTree, pid: int, now: float) -> str:
        if self.busy_with and self._taken(now) >= self._limits.module_time_limit_seconds:
            return "time"
        if self.busy_with and self._heard > MAX_OUTPUT_BYTES:
            return "output"
        if now >= self._looked_at + self._look_seconds:
            self._looked_at = now
            if tree.size(pid) > self._limits.process_limit:
                return "processes"
        return ""

    def _taken(self, now: float) -> float:
        """Return the seconds that the module took by itself, without what it imports."""
        return self.seconds.get(self.busy_with, 0.0) + now - self._since

    def _turn_to(self, path: str, class_path: str = "") -> None:
        if self.cause:
            # It went on until it was dead, which changes nothing.
            return
        self._count_time()
        if path != self.busy_with:
            self._heard = 0
        self.busy_with, self.describing = path, class_path

    def _count_time(self) -> None:
        now = time.monotonic()
        if self.busy_with:
            self.seconds[self.busy_with] = self._taken(now)
        self._since = now


def excess_message(cause: str, limits: Limits) -> str:
    """Return which limit of a discovery was exceeded; the text goes on after "The import"."""
    if cause == "time":
        seconds = limits.module_time_limit_seconds
        return (
            f"did not end within {seconds:g} seconds and was stopped. "
            "Move what takes so long, or never ends, into run()."
        )
    if cause == "output":
        return (
            f"printed more than {MAX_OUTPUT_BYTES // 1024:,} KiB and was stopped: each run of its "
            "jobs would print that, too. Print in run()."
        )
    return (
        f"started more than {limits.process_limit} processes and was stopped. "
        "Start processes in run(), and end them there."
    )
