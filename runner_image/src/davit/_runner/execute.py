"""The life cycle of one job, in Nautobot's order, odd cases included."""

from __future__ import annotations

import json
import sys
import traceback
from os.path import dirname
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._runner.problems import error_text
from davit.exceptions import JobCancelled, SoftTimeLimitExceeded
from davit_contract import ErrorInfo, OutcomeReason

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from davit._job import BaseJob

SUCCESS = "SUCCESS"
FAILURE = "FAILURE"
_WRITTEN_AS_TEXT = frozenset(
    {("decimal", "Decimal"), ("pathlib", "PosixPath"), ("uuid", "UUID"), ("zoneinfo", "ZoneInfo")}
)
_OWN_FOLDER = dirname(__file__)  # noqa: PTH120 (pathlib costs the run path 7 ms)


class ExceptionInfo:
    """What handlers receive as ``einfo``: the exception and its traceback as text."""

    def __init__(self, error: BaseException) -> None:
        self.type = type(error)
        self.exception = error
        self.traceback = formatted(error)

    def __str__(self) -> str:
        return self.traceback


class Executed(NamedTuple):
    """How a life cycle ended."""

    reason: OutcomeReason
    error: ErrorInfo | None = None
    # JSON of what ``run()`` returned; None where it did not return.
    result: str | None = None
    exit_code: int = 0


def formatted(error: BaseException) -> str:
    """Return the traceback as Python prints it, from the author's first frame on."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))


def execute(
    job: BaseJob, values: dict[str, Any], run_has_ended: Callable[[], None] = lambda: None
) -> Executed:
    """Take ``job`` through its life cycle with the cleaned ``values``.

    ``run_has_ended`` is called between ``run()`` and the handlers: the soft limit ends there.
    """
    job.logger.info("Running job", extra={"grouping": "initialization"})
    try:
        result = _life_cycle(job, values, run_has_ended)
    except (Exception, JobCancelled) as error:  # noqa: BLE001 (the author's code)
        return failed(error)
    except (SystemExit, KeyboardInterrupt) as error:
        return _exited(error)
    if job._failed:
        error_info = ErrorInfo(type="", message=job._failure_message)
        return Executed(
            reason=OutcomeReason.JOB_FAILED, error=error_info, result=result, exit_code=1
        )
    job.logger.success("Job completed", extra={"grouping": "post_run"})
    return Executed(reason=OutcomeReason.SUCCEEDED, result=result)


def _life_cycle(job: BaseJob, values: dict[str, Any], run_has_ended: Callable[[], None]) -> str:
    task_id = job.request.id
    try:
        value = job.before_start(task_id, (), values)
        if not job._failed:
            value = job.run(**values)
        run_has_ended()
        result = result_json(value)
        if job._failed:
            job.on_failure(value, task_id, (), values, None)
        else:
            job.on_success(value, task_id, (), values)
        job.after_return(FAILURE if job._failed else SUCCESS, value, task_id, (), values, None)
    except (Exception, JobCancelled) as error:
        run_has_ended()
        einfo = ExceptionInfo(error)
        job.on_failure(error, task_id, (), values, einfo)
        job.after_return(FAILURE, error, task_id, (), values, einfo)
        raise
    return result


def result_json(value: Any) -> str:
    """Return ``value`` as JSON.

    Raises:
        TypeError: it has no JSON form.
        ValueError: it holds NaN or infinity, or itself.
    """
    try:
        return json.dumps(value, default=_json_form, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"The value that run() returned has no JSON form: {error}") from None


def _json_form(value: Any) -> Any:
    """Return a JSON form of what Nautobot's encoder knows and json does not."""
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {error_text(value)}"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if (type(value).__module__, type(value).__name__) in _WRITTEN_AS_TEXT:
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def failed(error: BaseException, reason: OutcomeReason = OutcomeReason.JOB_FAILED) -> Executed:
    """Return the end that ``error`` makes."""
    if isinstance(error, JobCancelled):
        reason = OutcomeReason.CANCELLED
    elif isinstance(error, SoftTimeLimitExceeded):
        reason = OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED
    text = error_text(error)
    if not text and reason is OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED:
        text = "The soft time limit was exceeded."
    info = ErrorInfo(type=type(error).__name__, message=text, traceback=formatted(error))
    return Executed(reason=reason, error=info, exit_code=1)


def _exited(error: SystemExit | KeyboardInterrupt) -> Executed:
    code = getattr(error, "code", None)
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)  # noqa: T201 (what Python itself does with such a code)
    info = ErrorInfo(
        type=type(error).__name__,
        message=f"The job ended its process ({type(error).__name__}: {error_text(error)}). "
        "Return from run(), call self.fail() or raise RunJobTaskFailed instead.",
        traceback=formatted(error),
    )
    exit_code = code % 256 if isinstance(code, int) else 1
    return Executed(reason=OutcomeReason.JOB_FAILED, error=info, exit_code=exit_code or 1)
