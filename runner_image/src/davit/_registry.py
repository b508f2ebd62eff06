"""The registry of job classes: what is not registered cannot be seen or run."""

from __future__ import annotations

import sys

from davit._job import BaseJob, Job
from davit._names import RESERVED_NAMES
from davit.exceptions import RegistrationError

_REGISTRY: dict[str, type[BaseJob]] = {}
_RECEIVERS = ("JobHookReceiver", "JobButtonReceiver")
_RECEIVERS_HOME = "davit._receivers"


def register_jobs(*jobs: type[BaseJob]) -> None:
    """Make job classes known; call it at the end of the module that defines them.

    The first class of a class path wins.

    Raises:
        RegistrationError: not a Job class, both kinds of receiver at once, or a variable's name is
            one that Job itself uses.
    """
    for job_class in jobs:
        _check_base(job_class)
        _check_kind(job_class)
        _check_names(job_class)
        _REGISTRY.setdefault(job_class.class_path, job_class)


def get_jobs(*, reload: bool = False) -> dict[str, type[BaseJob]]:  # noqa: ARG001 (Nautobot's signature)
    """Return the registered classes by class path; a run's code is always fresh."""
    return _REGISTRY


def get_job(class_path: str, reload: bool = False) -> type[BaseJob] | None:  # noqa: ARG001 (Nautobot's signature)
    """Return the registered class of ``class_path``, or None."""
    return _REGISTRY.get(class_path)


def is_job(obj: object) -> bool:
    """Return whether ``obj`` is a subclass of Job that is none of davit's own bases."""
    return isinstance(obj, type) and issubclass(obj, Job) and not _is_own_base(obj)


def kind_of(job_class: type[BaseJob]) -> str:
    """Return ``Job``, ``JobHookReceiver`` or ``JobButtonReceiver``."""
    return next(iter(_receivers_of(job_class)), "Job")


def _receivers_of(job_class: type) -> list[str]:
    """Return the kinds of receiver that the class is; their module may not even be imported."""
    names = [base.__name__ for base in job_class.__mro__ if base.__module__ == _RECEIVERS_HOME]
    return [name for name in names if name in _RECEIVERS]


def _is_own_base(job_class: type) -> bool:
    return job_class in (BaseJob, Job) or (
        job_class.__module__ == _RECEIVERS_HOME and job_class.__name__ in _RECEIVERS
    )


def _check_base(job_class: object) -> None:
    if not isinstance(job_class, type):
        raise RegistrationError(
            f"register_jobs() takes classes, got {job_class!r}. Write the class, not an instance."
        )
    name = f"{job_class.__module__}.{job_class.__qualname__}"
    if not issubclass(job_class, BaseJob):
        bases = ", ".join(f"{base.__module__}.{base.__qualname__}" for base in job_class.__bases__)
        raise RegistrationError(
            f"{name} is no job class: it inherits from {bases}. Inherit from davit.Job.",
            *_place(job_class),
        )
    if _is_own_base(job_class):
        raise RegistrationError(
            f"{name} is the base of jobs and no job. Register the classes that inherit from it."
        )


def _check_kind(job_class: type[BaseJob]) -> None:
    kinds = _receivers_of(job_class)
    if len(kinds) > 1:
        raise RegistrationError(
            f"{job_class.class_path} is both a {' and a '.join(kinds)}, which start in different "
            "ways. Make two classes of it.",
            *_place(job_class),
        )


def _check_names(job_class: type[BaseJob]) -> None:
    # By BaseJob's own function: even that name may be a variable's.
    variables = BaseJob.__dict__["_get_vars"].__func__(job_class)
    name = next((name for name in variables if name in RESERVED_NAMES), None)
    if name is None:
        return
    owner = next(base for base in job_class.__mro__ if name in vars(base))
    raise RegistrationError(
        f'The variable "{name}" of {job_class.class_path} has a name that Job itself uses. '
        "Rename the variable.",
        *_place(owner, name),
    )


def _place(job_class: type, variable: str = "") -> tuple[str, int]:
    """Return the file and line of the class, or of a variable in it."""
    from davit._source import class_line, variable_line  # noqa: PLC0415 (only to explain a mistake)

    path = getattr(sys.modules.get(job_class.__module__), "__file__", None) or ""
    name = job_class.__qualname__
    return path, variable_line(path, name, variable) if variable else class_line(path, name)
