"""``Job``: the class that authors inherit from."""

from __future__ import annotations

from typing import Any

from davit import _meta
from davit._logs import JobLogger, get_task_logger
from davit._variables import ScriptVariable


class Request:
    """What ``self.request`` is: the identity of this run."""

    def __init__(self, id: str) -> None:  # noqa: A002 (Nautobot's name)
        self.id = id


class User:
    """Who asked for the run."""

    def __init__(self, username: str) -> None:
        self.username = username

    def __str__(self) -> str:
        return self.username


class JobResultReference:
    """The run that this execution reports to."""

    def __init__(self, id: str) -> None:  # noqa: A002 (Nautobot's name)
        self.id = id


class BaseJob:
    """A job: subclass it, define ``run()``, and give the class to ``register_jobs()``."""

    class Meta:
        """Facts about a job; a subclass with a Meta of its own starts from nothing."""

    name = _meta.FromClass(_meta.display_name)
    description = _meta.FromClass(_meta.display_description)
    description_first_line = _meta.FromClass(_meta.first_line)
    grouping = _meta.FromClass(_meta.grouping)
    class_path = _meta.FromClass(_meta.class_path)
    hidden = _meta.meta_attribute("hidden", default=False)
    read_only = _meta.meta_attribute("read_only", default=False)
    is_singleton = _meta.meta_attribute("is_singleton", default=False)
    dryrun_default = _meta.meta_attribute("dryrun_default", default=False)
    has_sensitive_variables = _meta.meta_attribute("has_sensitive_variables", default=True)
    soft_time_limit = _meta.meta_attribute("soft_time_limit", 0)
    time_limit = _meta.meta_attribute("time_limit", 0)
    field_order: _meta.FromClass[list[str]] = _meta.meta_attribute("field_order", [], list, tuple)

    # Set by whoever runs the job, before before_start(); authors read them.
    request = Request("")
    job_result = JobResultReference("")
    user = User("")

    def __init__(self) -> None:
        self.logger: JobLogger = get_task_logger(type(self).__module__)
        self._failed = False
        self._failure_message = ""

    def __str__(self) -> str:
        return str(self.name)

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
        self._failure_message = msg % args if args else str(msg)
        self.logger.failure(msg, *args, stacklevel=options.pop("stacklevel", 1) + 1, **options)

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
        """Called before the job is tried again."""

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
        """Called last: ``status`` is SUCCESS or FAILURE, ``retval`` the result or exception."""


class Job(BaseJob):
    """Base class of jobs that are run by people and schedules."""
