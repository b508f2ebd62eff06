"""One run of one class, from its request to its end: the same in a pod and in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from davit._identity import JobModel, JobResult, Request, User
from davit._inputs import cleaned_inputs, secret_values, serialized_inputs
from davit._report import Report
from davit._runner.endings import Executed, failed, refused
from davit._runner.execute import LifeCycle, Uninterrupted, execute
from davit._runner.frames import MAX_SECRET
from davit.exceptions import InvalidInputs, JobCancelled
from davit_contract import PartType

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._job import BaseJob
    from davit_contract import RunRequest


class LargeFiles(NamedTuple):
    """A mounted volume for files that are too large for the log."""

    folder: str
    max_bytes: int
    # What the supervisor knew to be secret before there was a child.
    secrets: tuple[str, ...] = ()


class FrameReport(Report):
    """Sends what it hears as frames, to the supervisor."""

    def __init__(self, send: Callable[..., None], large: LargeFiles | None = None) -> None:
        self._send = send
        self._large = large
        self.large_bytes = large.max_bytes if large else 0
        self._secrets = list(large.secrets) if large else []

    def progress(self, done: float, total: float) -> None:
        """Send how far the job is."""
        self._send("progress", done, total)

    def busy(self, path: str) -> None:
        """Send which file is being loaded."""
        self._send("busy", path)

    def file(self, name: str, content: bytes) -> None:
        """Send an output file as a document."""
        from davit._runner.file_document import file_document  # noqa: PLC0415 (many jobs leave none)

        self._send("document", PartType.FILE, file_document(name, content))

    def large_file(self, name: str, content: bytes) -> str:
        """Write a file to the volume, and send what there is to know of it."""
        if self._large is None:
            return super().large_file(name, content)
        # Few jobs leave such files.
        from davit._runner.file_document import digest_of, held_a_secret  # noqa: PLC0415
        from davit._runner.large_files import write_large_file  # noqa: PLC0415
        from davit._runner.records import RUNNER_GROUPING  # noqa: PLC0415
        from davit._runner.redact import Redactor  # noqa: PLC0415
        from davit_contract import FileContent, encode  # noqa: PLC0415

        redactor = Redactor(self._secrets)
        name = redactor.redact(name)
        stored = write_large_file(self._large.folder, name, content, redactor)
        told = FileContent(
            name=name, size_bytes=stored.size, digest=stored.digest, stored=stored.name
        )
        self._send("document", PartType.FILE, encode(told))
        if stored.digest != digest_of(content):
            self._send("log", "warning", RUNNER_GROUPING, held_a_secret(name), "")
        return stored.path

    def secrets(self, texts: tuple[str, ...]) -> None:
        """Send what must not be seen."""
        if self._large:
            self._secrets += texts
        waiting: list[str] = []
        for text in texts:
            waiting.append(text[:MAX_SECRET])
            # All together they may be more than a frame holds.
            if sum(map(len, waiting)) >= MAX_SECRET:
                self._send("secrets", waiting)
                waiting = []
        if waiting:
            self._send("secrets", waiting)


def perform(
    job_class: type[BaseJob],
    request: RunRequest,
    report: Report,
    interrupts: Uninterrupted | None = None,
) -> Executed:
    """Run ``job_class`` as ``request`` says and return how it ended.

    Inputs that do not fit are refused before any of the author's methods is called; before that,
    ``report`` is told the secrets among them.
    """
    try:
        values = _values(job_class, request, report)
        serialized = serialized_inputs(job_class._get_vars(), values)
        job = _new_job(job_class, request, report)
        job.request.kwargs = serialized
        if not job_class.has_sensitive_variables and not request.sensitive:
            job.job_result.task_kwargs = serialized
    except InvalidInputs as error:
        return refused(error)
    except (Exception, JobCancelled, SystemExit) as error:  # noqa: BLE001 (the author's __init__)
        return failed(error)
    cycle = LifeCycle(
        values=values,
        serialized=serialized,
        interrupts=interrupts or Uninterrupted(),
        retries_left=request.retries_left,
        profile=request.profile,
    )
    return execute(job, cycle)


def _values(job_class: type[BaseJob], request: RunRequest, report: Report) -> dict[str, Any]:
    # Once as they were given: a message that refuses one may quote it.
    report.secrets(secret_values(job_class, request.inputs, {}, request.sensitive))
    variables, dryrun_default = job_class._get_vars(), job_class.dryrun_default
    values = cleaned_inputs(variables, request.inputs, dryrun_default=dryrun_default)
    report.secrets(secret_values(job_class, request.inputs, values, request.sensitive))
    return values


def _new_job(job_class: type[BaseJob], request: RunRequest, report: Report) -> BaseJob:
    job = job_class()
    job._report = report
    job.user = User(request.requested_by)
    job.request = Request(request.subject, request.attempt - 1, job_class.class_path)
    job.request.timelimit = (
        request.time_limit_seconds or None,
        request.soft_time_limit_seconds or None,
    )
    job.job_model = JobModel(job_class, request.definition)
    job.job_result = JobResult(request.subject, job.job_model, job.user)
    job.celery_kwargs = job.job_result.celery_kwargs = _celery_kwargs(request)
    return job


def _celery_kwargs(request: RunRequest) -> dict[str, Any]:
    """Return Nautobot's names for how the run was asked for."""
    limits = {
        "soft_time_limit": request.soft_time_limit_seconds,
        "time_limit": request.time_limit_seconds,
    }
    given = {name: seconds for name, seconds in limits.items() if seconds}
    return {"nautobot_job_profile": request.profile, **given}
