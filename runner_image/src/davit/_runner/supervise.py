"""The supervisor: forks the author's process, hears it out, enforces its limits, tells its end."""

from __future__ import annotations

import os
import select
import signal
import time
from typing import TYPE_CHECKING

from davit._runner.child import SOFT_LIMIT_SIGNAL
from davit._runner.clock import utc_now
from davit._runner.fork import Task, forked
from davit._runner.frames import Frame, FrameReader, new_marker
from davit._runner.lines import LineSplitter
from davit._runner.tree import ProcessTree
from davit._runner.verdict import Ending, Verdict, verdict_of
from davit_contract import ErrorInfo, Outcome, OutcomeReason, PartType

if TYPE_CHECKING:
    from davit._runner.records import RecordWriter
    from davit._runner.watch import ModuleWatch

# How much of one stream is read before the limits are looked at again.
_TURN_BYTES = 16 * 1024
# How often the cancel file is looked at; its volume is refreshed by the kubelet, without a signal.
_CANCEL_POLL_SECONDS = 0.25
# How long the pipes may stay open after the child was killed: only what escaped it holds them.
_DRAIN_SECONDS = 2.0
_REASONS = frozenset(OutcomeReason)
_STREAM_LEVELS = {"stdout": "info", "stderr": "warning"}


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

    def _turn_on(self, number: int, _: object) -> None:
        self.is_urgent = self.is_on and number == signal.SIGINT
        self.is_on = True


class Supervisor:
    """Supervises one Task to its end; ``watch`` has a word where it is a discovery's."""

    def __init__(
        self,
        task: Task,
        writer: RecordWriter,
        switch: CancelSwitch,
        watch: ModuleWatch | None = None,
    ) -> None:
        self._task = task
        self._writer = writer
        self._switch = switch
        self._watch = watch
        self._marker = new_marker()
        self._frames = FrameReader(self._marker)
        self._splitters = {name: LineSplitter() for name in _STREAM_LEVELS}
        self._streams: dict[int, str] = {}
        self._tree = ProcessTree()
        self._verdict: Verdict | None = None
        self._busy_with = ""
        self._soft_limit_told = False
        self._cancelled_at: float | None = None
        self._killed_for = ""

    def supervise(self) -> Outcome:
        """Run the task and return how it ended; its records are all written by then."""
        started_at = finished_at = utc_now()
        if self._asked_to_cancel():
            error = ErrorInfo(type="JobCancelled", message="Cancelled before the job began.")
            verdict, exit_code = Verdict(reason=OutcomeReason.CANCELLED, error=error), 1
        else:
            self._warn_of_limits()
            ending = self.attend()
            finished_at = utc_now()
            verdict, exit_code = verdict_of(ending), ending.exit_code
        times = started_at, finished_at
        return concluded(self._task.subject, verdict, exit_code, times, self._writer)

    def attend(self) -> Ending:
        """Run the task and return what was seen of its end, its records written."""
        return self._ending(self._attended())

    def _warn_of_limits(self) -> None:
        soft, hard = self._task.soft_time_limit_seconds, self._task.time_limit_seconds
        if hard and soft and hard <= soft:
            self._writer.log(
                "warning",
                "initialization",
                f"The hard time limit of {hard} seconds is less than or equal to the soft time "
                f"limit of {soft} seconds. This job will fail silently after {hard} seconds.",
            )

    def _attended(self) -> int:
        """Start the child and return its exit code when it ended and everything was read."""
        pid, self._streams = forked(self._task, self._marker)
        begun = time.monotonic()
        poller = select.poll()
        for fd in (*self._streams, self._switch.fd):
            poller.register(fd, select.POLLIN)
        exit_code = None
        while exit_code is None:
            self._read({fd for fd, _ in poller.poll(self._patience(begun) * 1000)}, poller)
            self._enforce(pid, begun)
            exit_code = self._tree.reaped(pid)
        self._tree.kill(pid)
        self._drain(poller)
        return exit_code

    def _patience(self, begun: float) -> float:
        """Return the seconds until something must be enforced."""
        now = time.monotonic()
        waits = [600.0]
        if self._task.soft_time_limit_seconds and not self._soft_limit_told:
            waits.append(begun + self._task.soft_time_limit_seconds - now)
        if self._task.time_limit_seconds and not self._killed_for:
            waits.append(begun + self._task.time_limit_seconds - now)
        if self._cancelled_at is not None and not self._killed_for:
            waits.append(self._cancelled_at + self._task.cancel_grace_seconds - now)
        if self._task.cancel_file and self._cancelled_at is None:
            waits.append(_CANCEL_POLL_SECONDS)
        if self._watch and not self._killed_for:
            waits.append(self._watch.patience(now))
        return max(0.0, min(waits) + 0.001)

    def _enforce(self, pid: int, begun: float) -> None:
        now = time.monotonic()
        hard, soft = self._task.time_limit_seconds, self._task.soft_time_limit_seconds
        if self._killed_for:
            return
        if hard and now >= begun + hard:
            self._kill(pid, "time limit")
        elif self._cancelled_at is not None:
            if now >= self._cancelled_at + self._grace(now - self._cancelled_at):
                self._kill(pid, "cancel")
        elif self._asked_to_cancel():
            self._cancelled_at = now
            os.kill(pid, signal.SIGTERM)
        elif soft and not self._soft_limit_told and now >= begun + soft:
            self._soft_limit_told = True
            os.kill(pid, SOFT_LIMIT_SIGNAL)
        elif self._watch and self._watch.condemns(self._tree, pid, now):
            self._kill(pid, "watch")

    def _grace(self, waited: float) -> float:
        """Return the seconds from the cancel to the kill."""
        if self._switch.is_urgent:
            self._task = self._task._replace(cancel_grace_seconds=round(waited, 1))
            return 0
        return self._task.cancel_grace_seconds

    def _kill(self, pid: int, cause: str) -> None:
        self._killed_for = cause
        self._tree.kill(pid)

    def _asked_to_cancel(self) -> bool:
        if self._switch.is_on or not self._task.cancel_file:
            return self._switch.is_on
        try:
            # Opened anew each time: the kubelet replaces the file, it does not write into it.
            with open(self._task.cancel_file, "rb") as file:  # noqa: PTH123 (pathlib costs 3 ms)
                return bool(file.read(1))
        except FileNotFoundError:
            return False

    def _read(self, ready: set[int], poller: select.poll) -> None:
        """Read what is ready; raw stderr goes before the frames that were there with it."""
        if self._switch.fd in ready:
            os.read(self._switch.fd, _TURN_BYTES)
        data = dict.fromkeys(_STREAM_LEVELS, b"")
        for fd, name in list(self._streams.items()):
            data[name] = self._received(fd, poller)
            if self._watch:
                self._watch.hears(len(data[name]))
        items = self._frames.feed(data["stdout"])
        self._output("stderr", data["stderr"])
        for item in items:
            if isinstance(item, bytes):
                self._output("stdout", item)
            else:
                self._take(item)

    def _received(self, fd: int, poller: select.poll) -> bytes:
        """Return what waits in the pipe ``fd``, up to a turn's worth; forget it at its end."""
        try:
            data = os.read(fd, _TURN_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            poller.unregister(fd)
            os.close(fd)
            del self._streams[fd]
        return data

    def _drain(self, poller: select.poll) -> None:
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self._streams and (left := deadline - time.monotonic()) > 0:
            self._read({fd for fd, _ in poller.poll(left * 1000)}, poller)
        for fd in self._streams:
            os.close(fd)
        self._output("stdout", self._frames.end())
        for name, splitter in self._splitters.items():
            for line, continued in splitter.end():
                self._writer.log(_STREAM_LEVELS[name], name, line, continued=continued)

    def _output(self, name: str, data: bytes) -> None:
        for line, continued in self._splitters[name].feed(data):
            self._writer.log(_STREAM_LEVELS[name], name, line, continued=continued)

    def _take(self, frame: Frame) -> None:
        if self._watch and self._watch.takes(frame):
            return
        match frame:
            case ["log", str(level), str(grouping), str(message), str(item)]:
                self._writer.log(level, grouping, message, item)
            case ["output", "stdout" | "stderr" as name, str(text)]:
                self._output(name, text.encode("latin-1", "replace"))
            case ["document", ("result" | "description" | "problem") as kind, str(text)]:
                self._document(PartType(kind), text)
            case _:
                self._note(frame)

    def _note(self, frame: Frame) -> None:
        """Take what a frame says about the run itself."""
        match frame:
            case ["limits", int(soft) | float(soft), int(hard) | float(hard)] if (
                self._task.limits_from_child
            ):
                self._task = self._task._replace(
                    soft_time_limit_seconds=soft, time_limit_seconds=hard
                )
                self._warn_of_limits()
            case ["busy", str(path)]:
                self._busy_with = path
            case ["verdict", str(reason), None] if reason in _REASONS:
                self._verdict = Verdict(reason=OutcomeReason(reason))
            case ["verdict", str(reason), [str(kind), str(message), str(trace)]] if (
                reason in _REASONS
            ):
                error = ErrorInfo(type=kind, message=message, traceback=trace)
                self._verdict = Verdict(reason=OutcomeReason(reason), error=error)

    def _document(self, kind: PartType, text: str) -> None:
        if not self._writer.document(kind, text):
            self._writer.log(
                "warning", "runner", f"A {kind} of {len(text):,} characters was too large to keep."
            )

    def _ending(self, exit_code: int) -> Ending:
        return Ending(
            exit_code=exit_code,
            verdict=self._verdict,
            busy_with=self._busy_with,
            time_limit_seconds=self._task.time_limit_seconds,
            timed_out=self._killed_for == "time limit",
            cancel_grace_seconds=self._task.cancel_grace_seconds,
            cancelled=self._cancelled_at is not None,
            cancel_enforced=self._killed_for == "cancel",
        )


def concluded(
    subject: str, verdict: Verdict, exit_code: int, times: tuple[str, str], writer: RecordWriter
) -> Outcome:
    """Close the log and return the outcome of what began and ended at ``times``."""
    writer.close()
    return Outcome(
        subject=subject,
        reason=verdict.reason,
        exit_code=exit_code,
        started_at=times[0],
        finished_at=times[1],
        last_sequence=writer.last_sequence,
        error=verdict.error,
        counts=writer.counts,
        dropped_records=writer.dropped_records,
    )
