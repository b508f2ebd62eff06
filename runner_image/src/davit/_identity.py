"""What a job reads about its run: ``self.request``, ``user``, ``job_result`` and ``job_model``.

The names are those of Celery's request and of Nautobot's records, as far as davit knows the facts:
there is no database behind them, and nothing that is set on them goes anywhere.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from davit import _logs

if TYPE_CHECKING:
    from datetime import datetime

    from davit._files import OutputFile
    from davit._job import BaseJob

STARTED = "STARTED"


class Request:
    """What Celery tells a task of its call; ``retries`` counts the attempts before this one."""

    parent_id = group = eta = expires = None
    is_eager = called_directly = False

    def __init__(self, run_id: str = "", retries: int = 0, task: str = "") -> None:
        self.id = self.root_id = self.correlation_id = run_id
        self.retries = retries
        self.task = task
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}
        self.delivery_info: dict[str, Any] = {}
        # Seconds, hard before soft as Celery has it; None means no limit.
        self.timelimit: tuple[float | None, float | None] = (None, None)

    @property
    def hostname(self) -> str:
        """Name of the machine: of the pod, in a pod."""
        return os.uname().nodename


class User:
    """Who asked for the run: a name, without rights of its own. Nobody's name is empty."""

    first_name = last_name = ""
    is_active = True
    is_staff = is_superuser = False

    def __init__(self, username: str = "") -> None:
        self.username = username or ""

    def __str__(self) -> str:
        return self.username

    def __eq__(self, other: object) -> bool:
        return isinstance(other, User) and other.username == self.username

    def __hash__(self) -> int:
        return hash(self.username)

    @property
    def pk(self) -> str:
        """The name: there are no other identities."""
        return self.username

    id = pk

    @property
    def email(self) -> str:
        """The name where it is an address, as many clusters have it."""
        return self.username if "@" in self.username else ""

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who asked."""
        return bool(self.username)

    @property
    def is_anonymous(self) -> bool:
        """Whether it is not known who asked."""
        return not self.username

    def get_username(self) -> str:
        """Return the name."""
        return self.username

    def get_full_name(self) -> str:
        """Return the name."""
        return self.username

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002 (Django's signature)
        """Return False: who may run the job was decided before, and there are no other rights."""
        return False

    def has_perms(self, perm_list: object, obj: object = None) -> bool:  # noqa: ARG002 (as above)
        """Return False, as ``has_perm()`` does."""
        return False


class JobModel:
    """The record of a job: what its class says, and the name of its JobDefinition."""

    enabled = installed = runnable = True

    def __init__(self, job_class: type[BaseJob], definition: str = "") -> None:
        self.job_class = job_class
        # Empty where a job runs without a cluster.
        self.definition = self.id = self.pk = definition
        self.module_name = job_class.__module__
        self.job_class_name = job_class.__name__

    def __str__(self) -> str:
        return self.job_class.name

    def __getattr__(self, name: str) -> Any:
        """Return what the class says: ``name``, ``grouping``, ``hidden``, ``time_limit``, ..."""
        if name.startswith("_") or name not in _FACTS:
            raise AttributeError(f"davit's job_model has no attribute {name!r}.")
        return getattr(self.job_class, name)


_FACTS = frozenset(
    {
        "class_path", "console_log_default", "description", "description_first_line",
        "dryrun_default", "grouping", "has_sensitive_variables", "hidden", "is_singleton", "name",
        "read_only", "soft_time_limit", "supports_dryrun", "task_queues", "time_limit",
    }
)  # fmt: skip


class JobResult:
    """The record of this run while it lasts; ``id`` is the JobRun's uid."""

    status = STARTED
    date_done = result = traceback = scheduled_job = meta = duration = None

    def __init__(
        self, run_id: str = "", job_model: JobModel | None = None, user: User | None = None
    ) -> None:
        self.id = self.pk = run_id
        self.job_model = job_model
        self.user = user
        self.task_args: list[Any] = []
        # Empty, as Nautobot leaves it for jobs with sensitive variables.
        self.task_kwargs: dict[str, Any] = {}
        self.celery_kwargs: dict[str, Any] = {}
        self.files: list[OutputFile] = []
        self._started_at = time.time()

    def __str__(self) -> str:
        return f"{self.name} created at {self.date_created} ({self.status})"

    @property
    def name(self) -> str:
        """Name of the job."""
        return str(self.job_model) if self.job_model else ""

    @property
    def task_name(self) -> str:
        """Class path of the job."""
        return str(self.job_model.class_path) if self.job_model else ""

    @property
    def date_started(self) -> datetime:
        """When this attempt began, UTC."""
        from datetime import UTC, datetime  # noqa: PLC0415 (few jobs ask)

        return datetime.fromtimestamp(self._started_at, UTC)

    date_created = date_started

    @property
    def worker(self) -> str:
        """Name of the machine: of the pod, in a pod."""
        return os.uname().nodename

    def log(
        self,
        message: object,
        obj: object = None,
        level_choice: str = "info",
        grouping: str = _logs.DEFAULT_GROUPING,
    ) -> None:
        """Log ``message`` at the level named ``level_choice``.

        Raises:
            ValueError: there is no such level.
        """
        number = _logs.LEVELS.get(level_choice)
        if number is None:
            raise ValueError(f"Unknown logging level: {level_choice}")
        module = self.job_model.module_name if self.job_model else None
        extra = {"grouping": grouping, "object": obj}
        logging.getLogger(module).log(number, "%s", message, extra=extra)
