"""Run a job in a test: the same life cycle as in a pod, in this process."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from davit import _logs
from davit._inputs import cleaned_inputs
from davit._job import BaseJob, JobResultReference, Request, User
from davit._runner.execute import SUCCESS, Executed, execute
from davit.exceptions import InvalidInputs
from davit_contract import ErrorInfo, OutcomeReason


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLogEntry:
    """One line that a job logged."""

    level: str
    grouping: str
    message: str
    object: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How a job ended."""

    id: str
    # SUCCESS or FAILURE.
    status: str
    # What ``run()`` returned, or of what it raised ``{"exc_type": ..., "exc_message": ...}``.
    result: Any = None
    traceback: str = ""
    logs: list[JobLogEntry] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)

    @property
    def debug_log_count(self) -> int:
        """How many lines of level debug."""
        return self._count("debug")

    @property
    def info_log_count(self) -> int:
        """How many lines of level info."""
        return self._count("info")

    @property
    def success_log_count(self) -> int:
        """How many lines of level success."""
        return self._count("success")

    @property
    def warning_log_count(self) -> int:
        """How many lines of level warning."""
        return self._count("warning")

    @property
    def error_log_count(self) -> int:
        """How many lines of level failure, error or critical, as Nautobot counts them."""
        return self._count("failure", "error", "critical")

    def _count(self, *levels: str) -> int:
        return sum(entry.level in levels for entry in self.logs)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.entries: list[JobLogEntry] = []

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "skip_db_logging", False):
            return
        entry = JobLogEntry(
            level=_logs.level_of(record),
            grouping=_logs.grouping_of(record),
            message=_logs.text_of(record),
            object=_logs.object_of(record),
            created=datetime.fromtimestamp(record.created, UTC),
        )
        self.entries.append(entry)


def run_job_for_testing(
    job: type[BaseJob] | BaseJob,
    *,
    username: str = "test-user",
    profile: bool = False,  # noqa: ARG001 (Nautobot's signature; profiles come with output files)
    job_kwargs: dict[str, Any] | None = None,
    **kwargs: Any,
) -> JobResult:
    """Return how ``job`` ends with the given inputs.

    Args:
        job: The class; an instance runs as a new one of its class, as each run does.
        username: Who asks for the run.
        profile: Accepted for Nautobot's tests.
        job_kwargs: Inputs; for those whose names clash with the other arguments.
        kwargs: More inputs.
    """
    job_class = job if isinstance(job, type) else type(job)
    logger = logging.getLogger()
    collector = _Collector()
    level = logger.level
    own = logging.getLogger(job_class.__module__)
    own_level = own.level
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    own.setLevel(logging.DEBUG)
    run_id = str(uuid.uuid4())
    try:
        ended = _executed(job_class, run_id, username, {**(job_kwargs or {}), **kwargs})
    finally:
        own.setLevel(own_level)
        logger.setLevel(level)
        logger.removeHandler(collector)
    return _result(run_id, ended, collector.entries)


def _executed(
    job_class: type[BaseJob], run_id: str, username: str, inputs: dict[str, Any]
) -> Executed:
    try:
        values = cleaned_inputs(job_class._get_vars(), inputs)
    except InvalidInputs as error:
        info = ErrorInfo(type="InvalidInputs", message=str(error))
        return Executed(reason=OutcomeReason.INVALID_INPUTS, error=info, exit_code=1)
    job = job_class()
    job.request = Request(run_id)
    job.job_result = JobResultReference(run_id)
    job.user = User(username)
    return execute(job, values)


def _result(run_id: str, ended: Executed, logs: list[JobLogEntry]) -> JobResult:
    if ended.reason is OutcomeReason.SUCCEEDED and ended.result is not None:
        return JobResult(id=run_id, status=SUCCESS, result=json.loads(ended.result), logs=logs)
    error = ended.error or ErrorInfo(type="", message="")
    result: Any = {"exc_type": error.type, "exc_message": error.message}
    if ended.result is not None:
        result = json.loads(ended.result)
    return JobResult(
        id=run_id, status="FAILURE", result=result, traceback=error.traceback, logs=logs
    )
