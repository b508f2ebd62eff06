"""The registry of job classes: what is not registered cannot be seen or run."""

from __future__ import annotations

import sys

from davit._job import BaseJob, Job
from davit._names import RESERVED_NAMES
from davit.exceptions import RegistrationError

_REGISTRY: dict[str, type[BaseJob]] = {}


def register_jobs(*jobs: type[BaseJob]) -> None:
    """Make job classes known; call it at the end of the module that defines them.

    The first class of a class path wins.

    Raises:
        RegistrationError: not a Job class, or a variable's name is one that Job itself uses.
    """
    for job_class in jobs:
        _check_base(job_class)
        _check_names(job_class)
        _REGISTRY.setdefault(job_class.class_path, job_class)


def get_jobs(*, reload: bool = False) -> dict[str, type[BaseJob]]:  # noqa: ARG001 (Nautobot's signature)
    """Return the registered classes by class path; a run's code is always fresh."""
    return _REGISTRY


def get_job(class_path: str, reload: bool = False) -> type[BaseJob] | None:  # noqa: ARG001 (Nautobot's signature)
    """Return the registered class of ``class_path``, or None."""
    return _REGISTRY.get(class_path)


def _check_base(job_class: object) -> None:
    if not isinstance(job_class, type):
        raise RegistrationError(
            f"register_jobs() takes classes, got {job_class!r}. Write the class, not an instance."
        )
    if not issubclass(job_class, BaseJob) or job_class in (BaseJob, Job):
        bases = ", ".join(f"{base.__module__}.{base.__qualname__}" for base in job_class.__bases__)
        raise RegistrationError(
            f"{job_class.__module__}.{job_class.__qualname__} is no job class: it inherits from "
            f"{bases}. Inherit from davit.Job."
        )


def _check_names(job_class: type[BaseJob]) -> None:
    clashes = [name for name in job_class._get_vars() if name in RESERVED_NAMES]
    if not clashes:
        return
    from davit._source import variable_line  # noqa: PLC0415 (only needed to explain a mistake)

    name = clashes[0]
    owner = next(base for base in job_class.__mro__ if name in vars(base))
    path = getattr(sys.modules.get(owner.__module__), "__file__", None) or ""
    raise RegistrationError(
        f'The variable "{name}" of {job_class.class_path} has a name that Job itself uses. '
        "Rename the variable.",
        path=path,
        line=variable_line(path, owner.__qualname__, name),
    )
