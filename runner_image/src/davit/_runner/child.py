"""The child of a run: imports the author's class and takes it through its life cycle.

It says everything over its frames; it never writes a record itself, so that nothing the author's
code does to this process can garble the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._runner.budget import run_budget
from davit._runner.capture import capture_logging
from davit._runner.endings import Executed, failed, refused
from davit._runner.instance import FrameReport, perform
from davit._runner.load import Loader
from davit.exceptions import InvalidInputs, JobCancelled, JobNotFound
from davit_contract import OutcomeReason, PartType, RunRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._job import BaseJob
    from davit._runner.frames import FrameWriter
    from davit._runner.instance import LargeFiles
    from davit._runner.interrupts import Interrupts
    from davit._runner.root import CodeRoot

# An Outcome holds 4,096 bytes; what is longer is not worth its way to the supervisor.
MAX_ERROR_CHARACTERS = 64 * 1024


def run_job(
    request: RunRequest,
    root: CodeRoot,
    frames: FrameWriter,
    interrupts: Interrupts,
    complete: Callable[[type[BaseJob]], RunRequest] | None = None,
    large: LargeFiles | None = None,
) -> int:
    """Run the job of ``request`` and return the exit code.

    ``complete`` gives the request as it is once the class is known; a pod's is complete.
    """
    capture_logging(frames, request.log_level, root.own_loggers())
    report = FrameReport(frames.send, large)
    ended = _run(request, root, report, interrupts, complete or (lambda _: request))
    if interrupts.cancelled and ended.error is not None:
        ended = Executed(
            reason=OutcomeReason.CANCELLED, error=ended.error, exit_code=ended.exit_code
        )
    if ended.result is not None:
        fits = len(ended.result.encode("utf-8", "replace")) <= run_budget().document_limit
        frames.send("document", PartType.RESULT, ended.result if fits else len(ended.result))
    frames.send(*_verdict_frame(ended))
    return ended.exit_code


def _run(
    request: RunRequest,
    root: CodeRoot,
    report: FrameReport,
    interrupts: Interrupts,
    complete: Callable[[type[BaseJob]], RunRequest],
) -> Executed:
    try:
        loader = Loader(root, report.busy)
        try:
            job_class = loader.find(request.class_path)
        except JobNotFound as error:
            from davit._runner.missing import not_loaded  # noqa: PLC0415 (most runs need it not)

            return not_loaded(loader, request.class_path, error)
        return perform(job_class, complete(job_class), report, interrupts)
    except InvalidInputs as error:
        return refused(error)
    except (Exception, JobCancelled, SystemExit) as error:  # noqa: BLE001 (the author's module)
        return failed(error)


def verdict_frame(error: BaseException) -> list[Any]:
    """Return the frame that says that ``error`` ended the child outside of a life cycle."""
    return _verdict_frame(failed(error))


def _verdict_frame(ended: Executed) -> list[Any]:
    error = ended.error
    if error is None:
        return ["verdict", ended.reason, None]
    message = error.message[:MAX_ERROR_CHARACTERS]
    return ["verdict", ended.reason, [error.type, message, _shortened(error.traceback)]]


def _shortened(trace: str) -> str:
    """Return the last lines of a very long traceback; its first where the last is the long one."""
    if len(trace) <= MAX_ERROR_CHARACTERS:
        return trace
    last = trace[-MAX_ERROR_CHARACTERS:]
    first = trace[:MAX_ERROR_CHARACTERS]
    return last.partition("\n")[2] or first.rpartition("\n")[0]
