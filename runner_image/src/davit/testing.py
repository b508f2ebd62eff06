"""Run a job in a test: the same life cycle as in a pod, in this process.

What the job prints is left to the test runner, and nothing limits its time; all else is as in a
pod, redaction included.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, NamedTuple

from davit import _logs
from davit._files import OutputFile
from davit._identity import JobModel
from davit._job import BaseJob
from davit._registry import get_job
from davit._report import Report
from davit._runner.credentials import redacted_data
from davit._runner.endings import Executed
from davit._runner.instance import perform
from davit._runner.redact import Redactor
from davit.exceptions import JobNotFound
from davit_contract import ErrorInfo, Layout, OutcomeReason, RunRequest

SUCCESS = "SUCCESS"
FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLogEntry:
    """One line that a job logged."""

    level: str
    grouping: str
    message: str
    object: str
    created: datetime

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How a job ended."""

    id: str
    # Of the job's class: the name that users see, and the class path.
    name: str = ""
    task_name: str = ""
    # SUCCESS or FAILURE.
    status: str
    # What ``run()`` returned, or of what it raised ``{"exc_type": ..., "exc_message": ...}``.
    result: Any = None
    traceback: str = ""
    logs: list[JobLogEntry] = field(default_factory=list)
    # What ``create_file()`` made: ``name``, ``size`` and ``content`` of each.
    files: list[OutputFile] = field(default_factory=list)
    # What ``progress()`` said: done, total.
    progress: list[tuple[float, float]] = field(default_factory=list)

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
    def __init__(self, redactor: Redactor) -> None:
        super().__init__(logging.DEBUG)
        self.entries: list[JobLogEntry] = []
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "skip_db_logging", False):
            return
        entry = JobLogEntry(
            level=_logs.level_of(record),
            grouping=self._clean(_logs.grouping_of(record), _logs.MAX_GROUPING),
            message=self._redactor.redact(_logs.text_of(record)),
            object=self._clean(_logs.object_of(record), _logs.MAX_OBJECT),
            created=datetime.fromtimestamp(record.created, UTC),
        )
        self.entries.append(entry)

    def _clean(self, text: str, limit: int) -> str:
        """Return a text that was cut to ``limit``, perhaps in the middle of a secret, without."""
        return self._redactor.redact(text, cut=len(text) >= limit)[:limit]


@contextmanager
def capture(name: str = "", level: str = "DEBUG") -> Iterator[list[JobLogEntry]]:
    """Collect what is logged inside the ``with`` block, as a job's log would have it.

    For code that jobs share: ``with capture("my_jobs") as logs: ...`` gives a list that fills while
    the block runs.

    Args:
        name: The logger; those below it count, too. None given: all there are.
        level: What that logger lets pass.
    """
    collector = _Collector(Redactor())
    with _listening(collector, name, level):
        yield collector.entries


@contextmanager
def _listening(collector: _Collector, name: str, level: str) -> Iterator[None]:
    root, logger = logging.getLogger(), logging.getLogger(name)
    levels = root.level, logger.level
    root.addHandler(collector)
    # Libraries are as talkative as in a pod.
    root.setLevel(logging.INFO)
    logger.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(collector)
        root.setLevel(levels[0])
        logger.setLevel(levels[1])


class _Collected(Report):
    """Collects what a job reports, and forgets its secrets."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.steps: list[tuple[float, float]] = []
        self.files: list[OutputFile] = []

    def progress(self, done: float, total: float) -> None:
        self.steps.append((done, total))

    def file(self, name: str, content: bytes) -> None:
        clean = self.redactor.redact_content(content)
        self.files.append(OutputFile(self.redactor.redact(name), clean))

    def secrets(self, texts: tuple[str, ...]) -> None:
        self.redactor.add(texts)


def run_job_for_testing(
    job: type[BaseJob] | BaseJob | JobModel,
    *,
    username: str = "test-user",
    profile: bool = False,
    job_kwargs: dict[str, Any] | None = None,
    **kwargs: Any,
) -> JobResult:
    """Return how ``job`` ends with the given inputs.

    Args:
        job: The class; an instance, or its ``job_model``, runs as a new instance of the class.
        username: Who asks for the run.
        profile: Measure ``run()``; the result's files have the profile.
        job_kwargs: Inputs; for those whose names clash with the other arguments.
        kwargs: More inputs.
    """
    job_class = _class_of(job)
    request = RunRequest(
        subject=str(uuid.uuid4()),
        namespace="",
        name="test",
        class_path=job_class.class_path,
        slug="",
        layout=Layout.JOBS_ROOT,
        commit="",
        artifact_digest="",
        artifact_parts=0,
        inputs={**(job_kwargs or {}), **kwargs},
        requested_by=username,
        soft_time_limit_seconds=0,
        time_limit_seconds=0,
        profile=profile,
    )
    report = _Collected()
    collector = _Collector(report.redactor)
    # A repository is one package, and its modules' own lines are never too many.
    with _listening(collector, job_class.__module__.partition(".")[0], "DEBUG"):
        ended = perform(job_class, request, report)
    return JobResult(
        id=request.subject,
        name=job_class.name,
        task_name=request.class_path,
        status=SUCCESS if ended.reason is OutcomeReason.SUCCEEDED else FAILURE,
        result=_result(ended, report.redactor),
        traceback=report.redactor.redact(ended.error.traceback) if ended.error else "",
        logs=collector.entries,
        files=report.files,
        progress=report.steps,
    )


def _result(ended: Executed, redactor: Redactor) -> Any:
    """Return what ``run()`` returned, or Nautobot's form of what it raised."""
    if ended.result is not None:
        return json.loads(redactor.redact_json(ended.result, redacted_data))
    error = ended.error or ErrorInfo(type="", message="")
    return {"exc_type": error.type, "exc_message": redactor.redact(error.message)}


def _class_of(job: type[BaseJob] | BaseJob | JobModel) -> type[BaseJob]:
    if isinstance(job, JobModel):
        return job.job_class
    return job if isinstance(job, type) else type(job)


class JobClassInfo(NamedTuple):
    """A job's class and its record."""

    job_class: type[BaseJob]
    job_model: JobModel


def get_job_class_and_model(module: str, name: str, source: str = "local") -> JobClassInfo:  # noqa: ARG001 (Nautobot's signature)
    """Return the registered class ``name`` of ``module``, which is imported where it was not yet.

    Raises:
        JobNotFound: the module registers no such class.
    """
    class_path = f"{module}.{name}"
    job_class = get_job(class_path)
    if job_class is None:
        import_module(module)
        job_class = get_job(class_path)
    if job_class is None:
        raise JobNotFound(f"{module} registers no job class {name}. Is it in register_jobs()?")
    return JobClassInfo(job_class, JobModel(job_class))


def create_job_result_and_run_job(
    module: str, name: str, source: str = "local", **kwargs: Any
) -> JobResult:
    """Return how the job ``name`` of ``module`` ends; ``kwargs`` as in run_job_for_testing()."""
    return run_job_for_testing(get_job_class_and_model(module, name, source).job_class, **kwargs)
