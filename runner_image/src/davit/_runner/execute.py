"""The life cycle of one job, in Nautobot's order, odd cases included.

The table of cases is in ``tests/unit/runner/test_the_life_cycle.py``. What differs from Nautobot:
inputs are refused before any of the author's code runs, ``on_retry()`` is called, and a run that
raises Celery's Ignore or Reject fails like any other, as every run must have an end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._runner.endings import (
    ExceptionInfo,
    Executed,
    failed,
    refuses_handlers,
)
from davit._runner.problems import error_text
from davit.exceptions import JobCancelled
from davit_contract import ErrorInfo, OutcomeReason

if TYPE_CHECKING:
    from davit._job import BaseJob

SUCCESS = "SUCCESS"
FAILURE = "FAILURE"
RETRY = "RETRY"
_WRITTEN_AS_TEXT = frozenset(
    {("decimal", "Decimal"), ("pathlib", "PosixPath"), ("uuid", "UUID"), ("zoneinfo", "ZoneInfo")}
)


class Uninterrupted:
    """What may interrupt a job: nothing, unless a subclass says so."""

    cancelled = False

    def run_has_ended(self) -> None:
        """Take note that only handlers follow: the soft limit is one of ``run()``."""


class LifeCycle(NamedTuple):
    """What a job goes through its life cycle with."""

    # The keyword arguments of ``run()``.
    values: dict[str, Any]
    # The same as handlers receive them: plain JSON.
    serialized: dict[str, Any]
    interrupts: Uninterrupted
    # How many more attempts follow when this one fails.
    retries_left: int = 0
    # Measure ``run()``, and leave the profile as a file.
    profile: bool = False


def execute(job: BaseJob, cycle: LifeCycle) -> Executed:
    """Take ``job`` through its life cycle and return how it ended."""
    job.logger.info("Running job", extra={"grouping": "initialization"})
    try:
        ended = _life(job, cycle)
    except (Exception, JobCancelled, SystemExit) as error:  # noqa: BLE001 (the author's code)
        return failed(error)
    if ended.reason is OutcomeReason.SUCCEEDED:
        job.logger.success("Job completed", extra={"grouping": "post_run"})
    return ended


def _life(job: BaseJob, cycle: LifeCycle) -> Executed:
    """Return how the job ended that raised nothing; what it raises was told to the handlers."""
    task_id, kwargs = job.request.id, cycle.serialized
    try:
        value = job.before_start(task_id, (), kwargs)
        if not job._failed:
            value = _profiled(job, cycle.values) if cycle.profile else job(**cycle.values)
        cycle.interrupts.run_has_ended()
        # Now: as in Nautobot, a handler that calls fail() changes nothing any more.
        ended = _returned(job, value)
        if ended.reason is OutcomeReason.SUCCEEDED:
            job.on_success(value, task_id, (), kwargs)
            job.after_return(SUCCESS, value, task_id, (), kwargs, None)
        else:
            job.on_failure(value, task_id, (), kwargs, None)
            job.after_return(FAILURE, value, task_id, (), kwargs, None)
    except (Exception, JobCancelled) as error:
        cycle.interrupts.run_has_ended()
        if not refuses_handlers(error):
            _tell_handlers(job, error, cycle)
        raise
    return ended


def _returned(job: BaseJob, value: Any) -> Executed:
    result = result_json(value)
    if not job._failed:
        return Executed(reason=OutcomeReason.SUCCEEDED, result=result)
    info = ErrorInfo(type="", message=job._failure_message)
    return Executed(reason=OutcomeReason.JOB_FAILED, error=info, result=result, exit_code=1)


def _tell_handlers(job: BaseJob, error: BaseException, cycle: LifeCycle) -> None:
    task_id, kwargs, einfo = job.request.id, cycle.serialized, ExceptionInfo(error)
    cancelled = cycle.interrupts.cancelled or not isinstance(error, Exception)
    if cycle.retries_left and not cancelled:
        job.on_retry(error, task_id, (), kwargs, einfo)
        # Celery calls none here; but what before_start() made for this attempt must be undone.
        job.after_return(RETRY, error, task_id, (), kwargs, einfo)
        return
    job.on_failure(error, task_id, (), kwargs, einfo)
    job.after_return(FAILURE, error, task_id, (), kwargs, einfo)


def _profiled(job: BaseJob, values: dict[str, Any]) -> Any:
    """Return what ``run()`` returns; its profile is left as a file, also where it raises."""
    from cProfile import Profile  # noqa: PLC0415 (few runs are measured)

    profile = Profile()
    # Not runcall(): its frame would stand in every traceback.
    profile.enable()
    try:
        return job(**values)
    finally:
        profile.disable()
        _leave_profile(job, profile)


def _leave_profile(job: BaseJob, profile: Any) -> None:
    """Leave the profile as ``pstats.Stats`` reads it from a file."""
    import marshal  # noqa: PLC0415 (as above)

    profile.create_stats()
    try:
        job.create_file(f"jobrun-{job.request.id}.pstats", marshal.dumps(profile.stats))
    except ValueError as error:
        job.logger.warning("The profile is not kept: %s", error, extra={"grouping": "post_run"})


def result_json(value: Any) -> str:
    """Return ``value`` as JSON.

    Raises:
        TypeError: it has no JSON form.
        ValueError: it holds NaN or infinity, or itself.
    """
    try:
        return json.dumps(value, default=json_form, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"The value that run() returned has no JSON form: {error}") from None


def json_form(value: Any) -> Any:
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
