"""The pod's supervisor and child on this machine, over a folder instead of an artifact."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from davit._command.terminal import OutputLost
from davit._runner.budget import discovery_budget, run_budget
from davit._runner.cancel import CancelSwitch
from davit._runner.child import run_job
from davit._runner.clock import utc_now
from davit._runner.discovery import Discovery
from davit._runner.discovery import Limits as DiscoveryLimits
from davit._runner.fork import Task
from davit._runner.records import RecordWriter
from davit._runner.supervise import Supervisor
from davit_contract import LogRecord, PartRecord, PartType, ProgressRecord

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from davit._command.given import GivenInputs
    from davit._job import BaseJob
    from davit._runner.budget import Budget
    from davit._runner.frames import FrameWriter
    from davit._runner.interrupts import Interrupts
    from davit._runner.load import CodeRoot
    from davit._runner.records import Record
    from davit_contract import Outcome, RunRequest


class Audience(Protocol):
    """Who is shown a run while it lasts; both raise OutputLost where nothing can be shown."""

    def log(self, record: LogRecord) -> None:
        """Show a line of the log."""

    def progress(self, record: ProgressRecord) -> None:
        """Show how far the job is."""


class Finished(NamedTuple):
    """What a supervision on this machine brought."""

    outcome: Outcome
    documents: dict[PartType, list[Any]]
    # What the job said last.
    progress: ProgressRecord | None
    # Why nothing could be shown any more; the run was cancelled for it.
    lost: OutputLost | None


class _Listener:
    """Takes the records: shows the log, collects the documents."""

    def __init__(self, audience: Audience, switch: CancelSwitch) -> None:
        self.texts: dict[PartType, list[str]] = {kind: [] for kind in PartType}
        self.last_progress: ProgressRecord | None = None
        self.lost: OutputLost | None = None
        self._audience = audience
        self._switch = switch

    def take(self, record: Record, _: bytes) -> None:
        if isinstance(record, PartRecord):
            if record.part == 1:
                self.texts[record.type].append("")
            self.texts[record.type][-1] += record.data
        elif self.lost is None:
            self._show(record)

    def _show(self, record: LogRecord | ProgressRecord) -> None:
        try:
            if isinstance(record, LogRecord):
                self._audience.log(record)
            else:
                self.last_progress = record
                self._audience.progress(record)
        except OutputLost as error:
            # As with `davit run ... | head`: what nobody waits for shall not run on.
            self.lost = error
            self._switch.is_on = True

    def documents(self) -> dict[PartType, list[Any]]:
        return {kind: [json.loads(text) for text in texts] for kind, texts in self.texts.items()}


class Limits(NamedTuple):
    """Seconds until the soft and the hard time limit; None: what the class's Meta says."""

    soft: float | None = None
    hard: float | None = None


def run_here(
    request: RunRequest, root: CodeRoot, inputs: GivenInputs, limits: Limits, audience: Audience
) -> Finished:
    """Run the job that ``request`` names, with the inputs and limits that its class makes of these.

    The class is not known before the child has imported it.
    """

    def body(frames: FrameWriter, interrupts: Interrupts) -> int:
        def complete(job_class: type[BaseJob]) -> RunRequest:
            soft = job_class.soft_time_limit if limits.soft is None else limits.soft
            hard = job_class.time_limit if limits.hard is None else limits.hard
            frames.send("limits", soft, hard)
            return replace(
                request,
                inputs=inputs.fitted(job_class._get_vars()),
                # Whole seconds are what a pod is told; here a fraction is a time, too.
                soft_time_limit_seconds=soft,  # type: ignore[arg-type]
                time_limit_seconds=hard,  # type: ignore[arg-type]
            )

        return run_job(request, root, frames, interrupts, complete)

    def supervise(writer: RecordWriter, switch: CancelSwitch) -> Outcome:
        task = Task(subject=request.subject, body=body, limits_from_child=True)
        _tell_of_the_grace(task.cancel_grace_seconds)
        return Supervisor(task, writer, switch).supervise()

    return _supervised(supervise, run_budget(), audience)


def discover_here(root: CodeRoot, audience: Audience) -> Finished:
    """Describe the jobs below ``root``."""

    def supervise(writer: RecordWriter, switch: CancelSwitch) -> Outcome:
        return Discovery("local", root, DiscoveryLimits(), writer, switch).supervise()

    return _supervised(supervise, discovery_budget(), audience)


def _supervised(
    supervise: Callable[[RecordWriter, CancelSwitch], Outcome], budget: Budget, audience: Audience
) -> Finished:
    _forget_the_working_folder()
    switch = CancelSwitch()
    # The terminal was closed: without this the job would go on, unseen.
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGINT))
    listener = _Listener(audience, switch)
    outcome = supervise(RecordWriter(listener.take, budget, utc_now), switch)
    return Finished(outcome, listener.documents(), listener.last_progress, listener.lost)


def _tell_of_the_grace(seconds: float) -> None:
    """Let Ctrl-C say what it does."""
    turn_on: Any = signal.getsignal(signal.SIGINT)
    message = f"\nCancelling: the job has {seconds:g} seconds to clean up. Ctrl-C again kills it.\n"

    def tell(number: int, frame: FrameType | None) -> None:
        if sys.stderr.isatty():
            # Not by print(), which this signal may have interrupted.
            os.write(sys.stderr.fileno(), message.encode())
        turn_on(number, frame)

    signal.signal(signal.SIGINT, tell)


def _forget_the_working_folder() -> None:
    """Take the working folder off the import path, where ``python -m davit`` put it.

    In a pod it is not there, and first in the path its files would stand in for Python's own.
    """
    if sys.flags.safe_path or not sys.path:
        return
    try:
        is_here = os.path.samefile(sys.path[0], ".")  # noqa: PTH121 (pathlib is not needed here)
    except OSError:
        # One of them is gone: nothing can be imported from it.
        return
    if is_here:
        del sys.path[0]
