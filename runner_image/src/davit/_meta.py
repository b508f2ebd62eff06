"""What ``class Meta`` says about a job, read as attributes of the job class itself.

Names, defaults and the texts of errors are Nautobot's. A subclass with a Meta of its own that does
not inherit its parent's starts from nothing; a plain attribute of the class beats its Meta.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SEVERAL: Any = (list, tuple)


class FromClass(Generic[T]):
    """An attribute computed from the class; a plain attribute of a subclass takes its place."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: object, owner: type) -> T:
        return self._compute(owner)


def _checked(job_class: Any, attribute: str, default: Any) -> Any:
    value, expected = getattr(job_class.Meta, attribute, default), ATTRIBUTES[attribute]
    if not isinstance(value, expected):
        raise TypeError(f"Meta.{attribute} should be {expected}, not {type(value)}")
    return value


def meta_attribute(attribute: str, default: T) -> FromClass[T]:
    """Return the attribute that reads ``Meta.<attribute>`` and checks its type."""
    return FromClass(lambda job_class: _checked(job_class, attribute, default))


def _name(job_class: Any) -> str:
    """Name shown to users: ``Meta.name``, or the class's own."""
    return str(_checked(job_class, "name", job_class.__name__))


def _description(job_class: Any) -> str:
    """``Meta.description`` without the indentation of the source."""
    from textwrap import dedent  # noqa: PLC0415 (not needed to run a job)

    return dedent(str(_checked(job_class, "description", ""))).strip()


def _description_first_line(job_class: Any) -> str:
    """First line of the description, for lists."""
    lines = str(job_class.description).splitlines()
    return lines[0] if lines else ""


def _grouping(job_class: Any) -> str:
    """Module-level ``name`` of the module that defines the class, or the module's path."""
    value = getattr(sys.modules.get(job_class.__module__), "name", job_class.__module__)
    if not isinstance(value, str):
        raise TypeError(f"{job_class.__module__}.name should be {str}, not {type(value)}")
    return value


def _class_path(job_class: Any) -> str:
    """``<module>.<class>``: how definitions and runs refer to the class."""
    return f"{job_class.__module__}.{job_class.__name__}"


def _file_path(job_class: Any) -> str:
    """Path of the file that defines the class."""
    path = getattr(sys.modules.get(job_class.__module__), "__file__", None)
    if path is None:
        raise TypeError(f"{_class_path(job_class)} was not read from a file.")
    return str(path)


def _supports_dryrun(job_class: Any) -> bool:
    """Whether a DryRunVar is literally called ``dryrun``."""
    from davit._inputs import has_dryrun  # noqa: PLC0415 (it needs this module in turn)

    return has_dryrun(job_class._get_vars())


def _properties_dict(job_class: Any) -> dict[str, Any]:
    """The properties that an admin may override, by name."""
    return {name: getattr(job_class, name) for name in _OVERRIDABLE}


_OVERRIDABLE = (
    "name", "grouping", "description", "approval_required", "console_log_default",
    "dryrun_default", "hidden", "soft_time_limit", "time_limit", "has_sensitive_variables",
    "task_queues", "is_singleton",
)  # fmt: skip


# What Meta may say, and the types that it may say it in.
ATTRIBUTES: dict[str, Any] = {
    "name": str,
    "description": str,
    "approval_required": bool,
    "console_log_default": bool,
    "dryrun_default": bool,
    "field_order": SEVERAL,
    "has_sensitive_variables": bool,
    "hidden": bool,
    "is_singleton": bool,
    "read_only": bool,
    "soft_time_limit": int,
    "task_queues": SEVERAL,
    "template_name": str,
    "time_limit": int,
}


class Facts:
    """What a job class says about itself; everything but Meta can only be read."""

    if TYPE_CHECKING:
        # To a type checker a Meta of an author's own is no wrong kind of ours.
        Meta: Any
    else:

        class Meta:
            """Facts about a job; a subclass with a Meta of its own starts from nothing."""

    name = FromClass(_name)
    description = FromClass(_description)
    description_first_line = FromClass(_description_first_line)
    grouping = FromClass(_grouping)
    class_path = FromClass(_class_path)
    class_path_dotted = FromClass(_class_path)
    registered_name = FromClass(_class_path)
    class_path_js_escaped = FromClass(lambda job_class: _class_path(job_class).replace(".", r"\."))
    singleton_cache_key = FromClass(lambda job_class: f"davit.jobs.running.{job_class.class_path}")
    file_path = FromClass(_file_path)
    supports_dryrun = FromClass(_supports_dryrun)
    properties_dict = FromClass(_properties_dict)
    approval_required = meta_attribute("approval_required", default=False)
    console_log_default = meta_attribute("console_log_default", default=False)
    dryrun_default = meta_attribute("dryrun_default", default=False)
    field_order: FromClass[list[str]] = meta_attribute("field_order", [])
    has_sensitive_variables = meta_attribute("has_sensitive_variables", default=True)
    hidden = meta_attribute("hidden", default=False)
    is_singleton = meta_attribute("is_singleton", default=False)
    read_only = meta_attribute("read_only", default=False)
    soft_time_limit = meta_attribute("soft_time_limit", 0)
    task_queues: FromClass[list[str]] = meta_attribute("task_queues", [])
    template_name = meta_attribute("template_name", "")
    time_limit = meta_attribute("time_limit", 0)
