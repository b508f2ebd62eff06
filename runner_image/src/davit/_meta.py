"""What ``class Meta`` says about a job, read as attributes of the job class itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._job import BaseJob

T = TypeVar("T")


class FromClass(Generic[T]):
    """An attribute computed from the class; a plain attribute of a subclass takes its place."""

    def __init__(self, compute: Callable[[type[BaseJob]], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: BaseJob | None, owner: type[BaseJob]) -> T:
        return self._compute(owner)


def _checked(
    job_class: type[BaseJob], attribute: str, default: Any, expected: type | tuple[type, ...]
) -> Any:
    value = getattr(job_class.Meta, attribute, default)
    if not isinstance(value, expected):
        raise TypeError(f"Meta.{attribute} should be {expected}, not {type(value)}")
    return value


def meta_attribute(attribute: str, default: T, *expected: type) -> FromClass[T]:
    """Return the attribute that reads ``Meta.<attribute>`` and checks its type."""
    types: Any = expected or type(default)
    if len(expected) == 1:
        types = expected[0]
    return FromClass(lambda job_class: _checked(job_class, attribute, default, types))


def display_name(job_class: type[BaseJob]) -> str:
    """Name shown to users: ``Meta.name``, or the class's own."""
    return str(_checked(job_class, "name", job_class.__name__, str))


def display_description(job_class: type[BaseJob]) -> str:
    """``Meta.description`` without the indentation of the source."""
    from textwrap import dedent  # noqa: PLC0415 (not needed to run a job)

    return dedent(str(_checked(job_class, "description", "", str))).strip()


def first_line(job_class: type[BaseJob]) -> str:
    """First line of the description, for lists."""
    return job_class.description.partition("\n")[0]


def grouping(job_class: type[BaseJob]) -> str:
    """Module-level ``name`` of the module that defines the class, or the module's path."""
    value = getattr(sys.modules.get(job_class.__module__), "name", job_class.__module__)
    if not isinstance(value, str):
        raise TypeError(f"{job_class.__module__}.name should be {str}, not {type(value)}")
    return value


def class_path(job_class: type[BaseJob]) -> str:
    """``<module>.<class>``: how definitions and runs refer to the class."""
    return f"{job_class.__module__}.{job_class.__name__}"
