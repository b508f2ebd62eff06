"""How a life cycle ended: what the supervisor, and a test, are told of it."""

from __future__ import annotations

import sys
import traceback
from os.path import dirname
from typing import TYPE_CHECKING, NamedTuple

from davit._runner.problems import error_text
from davit.exceptions import InvalidInputs, JobCancelled, SoftTimeLimitExceeded
from davit_contract import ErrorInfo, OutcomeReason

if TYPE_CHECKING:
    from types import TracebackType

# Frames of davit itself, before the author's first one, explain nothing.
_OWN_FOLDER = dirname(dirname(__file__)) + "/"  # noqa: PTH120 (pathlib costs the run path 7 ms)


class Executed(NamedTuple):
    """How a life cycle ended."""

    reason: OutcomeReason
    error: ErrorInfo | None = None
    # JSON of what ``run()`` returned; None where it did not return.
    result: str | None = None
    exit_code: int = 0


class ExceptionInfo:
    """What handlers receive as ``einfo``: the exception and its traceback as text."""

    def __init__(self, error: BaseException) -> None:
        self.type = type(error)
        self.exception = error
        self.tb = error.__traceback__
        self.traceback = formatted(error)

    def __str__(self) -> str:
        return self.traceback


def formatted(error: BaseException) -> str:
    """Return the traceback as Python prints it, from the author's first frame on."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))


def failed(error: BaseException, reason: OutcomeReason = OutcomeReason.JOB_FAILED) -> Executed:
    """Return the end that ``error`` makes."""
    if isinstance(error, JobCancelled):
        reason = OutcomeReason.CANCELLED
    elif isinstance(error, SoftTimeLimitExceeded):
        reason = OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED
    info = ErrorInfo(type=type(error).__name__, message=_message(error), traceback=formatted(error))
    return Executed(reason=reason, error=info, exit_code=_exit_code(error))


def refused(error: InvalidInputs) -> Executed:
    """Return the end of a run whose inputs do not fit: nothing of the author's was called."""
    info = ErrorInfo(type="InvalidInputs", message=str(error))
    return Executed(reason=OutcomeReason.INVALID_INPUTS, error=info, exit_code=1)


def refuses_handlers(error: BaseException) -> bool:
    """Return whether ``error`` is Celery's Ignore or Reject, which end a task without handlers."""
    return any(
        kind.__module__ == "celery.exceptions" and kind.__name__ in ("Ignore", "Reject")
        for kind in type(error).__mro__
    )


def _message(error: BaseException) -> str:
    text = error_text(error)
    name = type(error).__name__
    if isinstance(error, SoftTimeLimitExceeded):
        return text or "The soft time limit was exceeded."
    if refuses_handlers(error):
        return (
            f"The job raised {name}({text}), which asks Celery to forget it. Here every run has an "
            "end, so this one failed; no handler was called."
        )
    if isinstance(error, Exception | JobCancelled):
        return text
    return (
        f"The job ended its process ({name}: {text}). "
        "Return from run(), call self.fail() or raise RunJobTaskFailed instead."
    )


def _exit_code(error: BaseException) -> int:
    if not isinstance(error, SystemExit):
        return 1
    if isinstance(error.code, int):
        return error.code % 256 or 1
    if error.code is not None:
        print(error.code, file=sys.stderr)  # noqa: T201 (what Python itself does with such a code)
    return 1
