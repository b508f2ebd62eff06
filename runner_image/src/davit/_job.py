"""``Job``: the class that authors inherit from."""

from __future__ import annotations

from math import isfinite
from typing import Any

from davit._files import Content, OutputFile, loaded_json, loaded_yaml, new_file
from davit._identity import JobModel, JobResult, Request, User
from davit._logs import JobLogger, get_task_logger, message_text
from davit._meta import Facts, FromClass
from davit._report import Report
from davit._variables import ScriptVariable


class BaseJob(Facts):
    """A job: subclass it, define ``run()``, and give the class to ``register_jobs()``.

    Before ``before_start()`` is called, whoever runs the job sets ``request``, ``user``,
    ``job_model``, ``job_result`` and ``celery_kwargs``.
    """

    _failed = False
    _failure_message = ""
    _report = Report()

    logger: FromClass[JobLogger] = FromClass(
        lambda job_class: get_task_logger(job_class.__module__)
    )

    def __init__(self) -> None:
        self.request = Request()
        self.user = User()
        self.job_model = JobModel(type(self))
        self.job_result = JobResult("", self.job_model, self.user)
        self.celery_kwargs: dict[str, Any] = {}

    def __str__(self) -> str:
        return str(self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what ``run()`` returns."""
        return self.run(*args, **kwargs)

    @classmethod
    def _get_vars(cls) -> dict[str, ScriptVariable]:
        """Return the variables by name: those of base classes first, in order of definition."""
        values: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            # An override keeps the place of what it overrides.
            values.update(vars(base))
        return {name: item for name, item in values.items() if isinstance(item, ScriptVariable)}

    def fail(self, msg: str, *args: object, **options: Any) -> None:
        """Log ``msg`` at level FAILURE and make the job fail once it returns; it goes on."""
        self._failed = True
        self._failure_message = message_text(msg, args)
        self.logger.failure(msg, *args, stacklevel=options.pop("stacklevel", 1) + 1, **options)

    def progress(self, done: float, total: float) -> None:
        """Say that ``done`` of ``total`` is done, in any unit; the run's status shows it.

        Raises:
            ValueError: one of them is negative, infinite or no number.
        """
        if not (_is_amount(done) and _is_amount(total)):
            raise ValueError(f"progress() takes numbers from 0 on, got {done!r} of {total!r}.")
        self._report.progress(float(done), float(total))

    def create_file(self, filename: str, content: Content) -> OutputFile:
        """Leave a file that users can download, also when the job fails later.

        At most 1 MiB a file, and 1.5 MiB and 64 files a run; what is larger needs a volume, which
        an admin configures. Text is written as UTF-8.

        Raises:
            ValueError: the file is too large, or its name is none.
            OSError: the volume does not take it.
        """
        file = new_file(filename, content, self.job_result.files, self._report.large_bytes)
        if file.is_large:
            file.stands_at(self._report.large_file(file.name, file.content))
        else:
            self._report.file(file.name, file.content)
        self.job_result.files.append(file)
        # Nautobot's words, with the size in the place of the link.
        self.logger.info("Created file [%s] (%d bytes)", file.name, file.size)
        return file

    def load_json(self, filename: str) -> Any:
        """Return the data in a JSON file beside the file that defines this class."""
        return loaded_json(self.file_path, filename)

    def load_yaml(self, filename: str) -> Any:
        """Return the data in a YAML file beside the file that defines this class."""
        return loaded_yaml(self.file_path, filename)

    def before_start(self, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Called before ``run()``, which is skipped when this raises or fails the job."""

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work: receives every variable by name; what it returns is the run's result."""
        raise NotImplementedError("Jobs must define the run method.")

    def on_success(
        self, retval: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Called after a ``run()`` that succeeded."""

    def on_retry(
        self, exc: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any], einfo: Any
    ) -> None:
        """Called in the place of ``on_failure()`` when the job raised and is tried again."""

    def on_failure(
        self, exc: Any, task_id: str, args: tuple[Any, ...], kwargs: dict[str, Any], einfo: Any
    ) -> None:
        """Called when the job failed: ``exc`` is the exception, or what ``run()`` returned."""

    def after_return(
        self,
        status: str,
        retval: Any,
        task_id: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        einfo: Any,
    ) -> None:
        """Called last: ``status`` is SUCCESS, FAILURE or RETRY, ``retval`` result or exception."""


def _is_amount(number: Any) -> bool:
    try:
        return isfinite(number) and number >= 0
    except (TypeError, OverflowError):
        return False


class Job(BaseJob):
    """Base class of jobs that are run by people and schedules."""
