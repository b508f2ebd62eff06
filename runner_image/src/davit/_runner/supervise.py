"""The supervisor: forks the author's process, hears it out, enforces its limits, tells its end."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

from davit._runner.child import MAX_ERROR_CHARACTERS
from davit._runner.clock import utc_now
from davit._runner.enforce import Enforcement
from davit._runner.fork import Child, Task, forked
from davit._runner.hearing import STREAM_LEVELS, Hearing
from davit._runner.tree import ProcessTree
from davit._runner.verdict import verdict_of
from davit_contract import ErrorInfo

if TYPE_CHECKING:
    from davit._runner.cancel import CancelSwitch
    from davit._runner.frames import Frame
    from davit._runner.records import RecordWriter
    from davit._runner.redact import Redactor
    from davit._runner.verdict import Ending, Verdict
    from davit._runner.watch import ModuleWatch
    from davit_contract import Outcome

# How much of one stream is read before the limits are looked at again: all that a pipe holds.
_TURN_BYTES = 64 * 1024
# Between two readings: so a child that writes does not wake this process each time, which would be
# most of what a line costs, and no line is later for it than anybody sees. A pipe that was full is
# full again sooner.
_NAP_SECONDS, _SHORT_NAP_SECONDS = 0.001, 0.0002
# How long lines are held back that may be the beginning of a secret of several lines.
_HELD_SECONDS = 0.2
# How long the pipes may stay open after the child was killed: only what escaped it holds them.
_DRAIN_SECONDS = 2.0


class Supervisor:
    """Supervises one Task to its end.

    ``watch`` has a word where it is a discovery's; ``child`` may have been started before.
    """

    def __init__(
        self,
        task: Task,
        writer: RecordWriter,
        switch: CancelSwitch,
        watch: ModuleWatch | None = None,
        child: Child | None = None,
    ) -> None:
        self._task = task
        self._writer = writer
        self._switch = switch
        self._watch = watch
        self._enforcement = Enforcement(task, switch, watch)
        self._started_at = utc_now()
        self._child = child or forked(task)
        self._enforcement.begin(self._child.pid)
        self._hearing = Hearing(writer, self._child, self._takes)
        writer.redactor.add(task.secrets)
        self._poller = select.poll()

    def supervise(self) -> Outcome:
        """Return how the task ended; its records are all written by then."""
        self._warn_of_limits(self._task.soft_time_limit_seconds, self._task.time_limit_seconds)
        ending = self.attend()
        times = self._started_at, utc_now()
        verdict = verdict_of(ending)
        return concluded(self._task.subject, verdict, ending.exit_code, times, self._writer)

    def attend(self) -> Ending:
        """Return what was seen of the task's end; its records are all written by then."""
        exit_code = self._attended()
        return self._enforcement.ending(exit_code, self._hearing.verdict, self._hearing.busy_with)

    def _warn_of_limits(self, soft: float, hard: float) -> None:
        if hard and soft and hard <= soft:
            self._writer.log(
                "warning",
                "initialization",
                f"The hard time limit of {hard} seconds is less than or equal to the soft time "
                f"limit of {soft} seconds. This job will fail silently after {hard} seconds.",
            )

    def _attended(self) -> int:
        """Return the child's exit code when it ended and everything was read."""
        pid = self._child.pid
        tree = ProcessTree(pid)
        for fd in (*self._child.streams, self._switch.fd):
            self._poller.register(fd, select.POLLIN)
        exit_code = None
        while exit_code is None:
            self._turn(self._patience())
            self._enforcement.enforce(tree)
            exit_code = tree.reaped(pid)
        tree.kill(pid)
        self._drain()
        return exit_code

    def _patience(self) -> float:
        """Return the seconds until something must be done."""
        waits = [self._enforcement.patience(), self._hearing.progress.patience()]
        if self._hearing.holds_lines:
            waits.append(_HELD_SECONDS)
        return max(0.0, min(waits) + 0.001)

    def _turn(self, patience: float) -> None:
        """Wait for something to read, at most ``patience`` seconds, and pass it on."""
        output = self._writer.output
        if output.waits:
            self._poller.register(output.fd, select.POLLOUT)
        ready = {fd for fd, _ in self._poller.poll(patience * 1000)}
        if output.waits:
            self._poller.unregister(output.fd)
        if self._switch.fd in ready:
            os.read(self._switch.fd, _TURN_BYTES)
        data = dict.fromkeys(STREAM_LEVELS, b"")
        for fd, name in list(self._child.streams.items()):
            data[name] = self._received(fd)
            if self._watch:
                self._watch.hears(len(data[name]))
        if any(data.values()):
            self._hearing.take(**data)
        else:
            self._hearing.release()
        self._hearing.progress.write_due()
        output.push()
        if received := max(map(len, data.values())):
            time.sleep(_NAP_SECONDS if received < _TURN_BYTES // 2 else _SHORT_NAP_SECONDS)

    def _received(self, fd: int) -> bytes:
        """Return what waits in the pipe ``fd``, up to a turn's worth; forget it at its end."""
        try:
            data = os.read(fd, _TURN_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            self._poller.unregister(fd)
            os.close(fd)
            del self._child.streams[fd]
        return data

    def _drain(self) -> None:
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self._child.streams and (left := deadline - time.monotonic()) > 0:
            self._turn(left)
        for fd in self._child.streams:
            os.close(fd)
        self._hearing.end()

    def _takes(self, frame: Frame) -> bool:
        """Return True for a frame that says something about the supervision itself."""
        if self._watch and self._watch.takes(frame):
            return True
        match frame:
            case ["limits", int(soft) | float(soft), int(hard) | float(hard)] if (
                self._task.limits_from_child
            ):
                self._enforcement.limit(soft, hard)
                self._warn_of_limits(soft, hard)
                return True
        return False


def concluded(
    subject: str, verdict: Verdict, exit_code: int, times: tuple[str, str], writer: RecordWriter
) -> Outcome:
    """Close the log and return the outcome of what began and ended at ``times``."""
    from davit_contract import Outcome  # noqa: PLC0415 (the child was not to wait for it)

    writer.close()
    return Outcome(
        subject=subject,
        reason=verdict.reason,
        exit_code=exit_code,
        started_at=times[0],
        finished_at=times[1],
        last_sequence=writer.last_sequence,
        error=_clean(verdict.error, writer.redactor),
        counts=writer.counts,
        dropped_records=writer.dropped_records,
        dropped_result=writer.dropped_result,
    )


def _clean(error: ErrorInfo | None, redactor: Redactor) -> ErrorInfo | None:
    """Return ``error`` without secrets."""
    if error is None:
        return None
    return ErrorInfo(
        type=redactor.redact(error.type),
        message=redactor.redact(error.message, cut=len(error.message) >= MAX_ERROR_CHARACTERS),
        traceback=redactor.redact(error.traceback),
    )
