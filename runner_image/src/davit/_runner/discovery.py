"""A discovery from the supervisor's side: as many children as it takes to hear of every module.

A module that ends, blocks or floods the process that imports it is a problem of that module alone:
the process is ended, and another one starts over without the module.
"""

from __future__ import annotations

import time
from os.path import dirname
from typing import TYPE_CHECKING, NamedTuple

from davit._runner import problems
from davit._runner.clock import utc_now
from davit._runner.discover import describe_jobs, limit_this_process
from davit._runner.fork import Task
from davit._runner.supervise import Supervisor, concluded
from davit._runner.verdict import Verdict, death_of, remedy_of
from davit._runner.watch import Limits, ModuleWatch, Traces, excess_message, places_in
from davit_contract import ErrorInfo, OutcomeReason, PartType, encode

if TYPE_CHECKING:
    from davit._runner.cancel import CancelSwitch
    from davit._runner.frames import FrameWriter
    from davit._runner.interrupts import Interrupts
    from davit._runner.records import RecordWriter
    from davit._runner.root import CodeRoot
    from davit._runner.verdict import Ending
    from davit_contract import DiscoveryProblem, Outcome

__all__ = ["Discovery", "Limits"]

# 128 + SIGKILL.
_KILLED = 137
_OUT_OF_MEMORY = (
    "Nobody here sent it: the usual cause is the memory limit. Load what is large in run()."
)
_MACHINERY = ('  File "<frozen importlib.', f'  File "{dirname(__file__)}/')  # noqa: PTH120 (as its neighbours)
# What a trace in the log may take.
_MAX_TRACE_LINES = 30
_TOO_MUCH = (
    "The descriptions of the jobs are too large to be told in one discovery. "
    "Divide the repository, or shorten descriptions and choices."
)


class _Attempt(NamedTuple):
    """What one child brought."""

    ending: Ending
    watch: ModuleWatch
    # What Python's faulthandler wrote, if the child crashed or was asked.
    trace: str

    @property
    def has_finished(self) -> bool:
        said = self.ending.verdict
        return said is not None and said.reason is OutcomeReason.SUCCEEDED


class Discovery:
    """Describes the jobs below one root."""

    def __init__(
        self,
        subject: str,
        root: CodeRoot,
        limits: Limits,
        writer: RecordWriter,
        switch: CancelSwitch,
    ) -> None:
        self._subject = subject
        self._root = root
        self._limits = limits
        self._writer = writer
        self._switch = switch
        self._left_out: dict[str, DiscoveryProblem] = {}
        # By path: the longest that the module took by itself.
        self._seconds: dict[str, float] = {}

    def supervise(self) -> Outcome:
        """Describe the jobs and return how it ended; its records are all written by then."""
        started_at, begun = utc_now(), time.monotonic()
        while True:
            attempt = self._attempt(begun)
            problem = self._culprit(attempt)
            if problem is None:
                break
            self._leave_out(attempt, problem)
        verdict = self._verdict(attempt)
        times = started_at, utc_now()
        return concluded(self._subject, verdict, attempt.ending.exit_code, times, self._writer)

    def _attempt(self, begun: float) -> _Attempt:
        limit = self._limits.time_limit_seconds
        # 0 would mean no limit.
        left = max(begun + limit - time.monotonic(), 0.001) if limit else 0
        left_out = dict(self._left_out)
        traces = Traces()

        def body(frames: FrameWriter, _: Interrupts) -> int:
            limit_this_process(self._limits.memory_limit_bytes, traces.write_fd)
            return describe_jobs(self._root, frames, left_out)

        task = Task(
            subject=self._subject, body=body, time_limit_seconds=left, cancel_grace_seconds=0
        )
        watch = ModuleWatch(self._limits, traces)
        try:
            ending = Supervisor(task, self._writer, self._switch, watch).attend()
            return _Attempt(ending, watch, traces.text())
        finally:
            traces.close()
            watch.settle()
            for path, seconds in watch.seconds.items():
                self._seconds[path] = max(seconds, self._seconds.get(path, 0.0))

    def _culprit(self, attempt: _Attempt) -> DiscoveryProblem | None:
        """Return the problem of the module that ended the child; None where none is to blame."""
        ending, watch = attempt.ending, attempt.watch
        ended = ending.timed_out or ending.cancelled or attempt.has_finished
        if ended or not watch.busy_with or watch.busy_with in self._left_out:
            return None
        path, line = self._place(attempt) or (watch.busy_with, 0)
        return problems.new_problem(path, self._why(attempt), line)

    def _place(self, attempt: _Attempt) -> tuple[str, int] | None:
        """Return where the author's code was, innermost, as faulthandler saw it."""
        for path, line in places_in(attempt.trace):
            if self._root.holds(path):
                return self._root.relative(path), line
        return None

    def _why(self, attempt: _Attempt) -> str:
        watch, said = attempt.watch, attempt.ending.verdict
        what = "The import" if watch.busy_with else "The discovery"
        if watch.describing:
            what = f"Describing {watch.describing}"
        if watch.cause:
            return f"{what} {excess_message(watch.cause, self._limits)}"
        if said is not None and said.error is not None:
            return f"{what} ended: {said.error.type}: {said.error.message}"
        code = attempt.ending.exit_code
        remedy = _OUT_OF_MEMORY if code == _KILLED else remedy_of(code)
        return f"{what} ended: its process {death_of(code)}. {remedy}"

    def _leave_out(self, attempt: _Attempt, problem: DiscoveryProblem) -> None:
        path = attempt.watch.busy_with
        self._left_out[path] = problem
        for line in _without_machinery(attempt.trace)[:_MAX_TRACE_LINES]:
            self._writer.log("warning", "stderr", line)
        self._writer.log(
            "warning", "runner", f"{path}: {problem.message} The discovery starts over without it."
        )

    def _verdict(self, attempt: _Attempt) -> Verdict:
        if attempt.has_finished:
            return self._told(attempt)
        for problem in self._left_out.values():
            self._writer.document(PartType.PROBLEM, encode(problem))
        if attempt.ending.timed_out:
            message = self._late(attempt)
            return _failed(OutcomeReason.TIME_LIMIT_EXCEEDED, "TimeLimitExceeded", message)
        if attempt.ending.cancelled:
            return _failed(OutcomeReason.CANCELLED, "JobCancelled", "The discovery was cancelled.")
        return _failed(OutcomeReason.JOB_CRASHED, "", self._why(attempt))

    def _told(self, attempt: _Attempt) -> Verdict:
        """Write what the child said of problems and jobs, and return the verdict."""
        documents = attempt.watch.documents
        kept = [self._writer.document(kind, text) for kind, text in documents]
        if all(kept) and attempt.watch.has_all:
            return Verdict(reason=OutcomeReason.SUCCEEDED)
        return _failed(OutcomeReason.JOB_FAILED, "TooLarge", _TOO_MUCH)

    def _late(self, attempt: _Attempt) -> str:
        """Return what took the time, and what was not looked at."""
        slow = sorted(self._seconds, key=lambda path: -self._seconds[path])[:3]
        took = ", ".join(f"{path} {self._seconds[path]:.1f} s" for path in slow)
        left = [path for path in attempt.watch.module_paths if path not in self._seconds]
        return _late_message(self._limits.time_limit_seconds, took, problems.listed(left))


def _without_machinery(trace: str) -> list[str]:
    """Return the lines of ``trace`` that are not about importing itself, by Python or by davit."""
    return [line for line in trace.splitlines() if not line.startswith(_MACHINERY)]


def _failed(reason: OutcomeReason, kind: str, message: str) -> Verdict:
    return Verdict(reason=reason, error=ErrorInfo(type=kind, message=message))


def _late_message(seconds: float, took: str, left: str) -> str:
    """Return what to say of a discovery that did not end; ``took`` and ``left`` name modules."""
    text = f"The discovery did not end within {seconds:g} seconds."
    if took:
        text += f" The slowest modules: {took}."
    if left:
        text += f" Not looked at: {left}."
    return f"{text} Move what takes long, or never ends, from the modules into run()."
