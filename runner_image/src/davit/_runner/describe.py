"""What discovery says about each job class: everything that is needed without its code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from davit._job import BaseJob, Job
from davit._meta import ATTRIBUTES
from davit._registry import kind_of
from davit._runner.describe_notes import MAX_GROUPING, MAX_NAME, job_notes
from davit._runner.describe_variables import described_variables
from davit._source import class_line
from davit_contract import JobDescription

if TYPE_CHECKING:
    from davit._runner.load import CodeRoot


def source_of(job_class: type[BaseJob], root: CodeRoot) -> tuple[str, int]:
    """Return the path below the root, and the line, of the class."""
    module = sys.modules.get(job_class.__module__)
    path = getattr(module, "__file__", None) or ""
    return root.relative(path), class_line(path, job_class.__qualname__)


def job_description(job_class: type[BaseJob], root: CodeRoot) -> JobDescription:
    """Return the description of ``job_class``.

    Raises:
        TypeError: an attribute of its Meta, or of the class, has the wrong type.
        ValueError: a function of the author's that describes a variable raises.
    """
    _check_types(job_class)
    path, line = source_of(job_class, root)
    return JobDescription(
        class_path=job_class.class_path,
        name=job_class.name[:MAX_NAME],
        grouping=job_class.grouping[:MAX_GROUPING],
        description=job_class.description,
        kind=kind_of(job_class),
        source_path=path,
        source_line=line,
        hidden=job_class.hidden,
        read_only=job_class.read_only,
        is_singleton=job_class.is_singleton,
        supports_dryrun=job_class.supports_dryrun,
        dryrun_default=job_class.dryrun_default,
        console_log_default=job_class.console_log_default,
        has_sensitive_variables=job_class.has_sensitive_variables,
        soft_time_limit_seconds=int(job_class.soft_time_limit),
        time_limit_seconds=int(job_class.time_limit),
        task_queues=[str(queue) for queue in job_class.task_queues],
        template_name=job_class.template_name,
        field_order=[str(name) for name in job_class.field_order],
        notes=job_notes(job_class),
        variables=described_variables(job_class),
    )


def _check_types(job_class: type[BaseJob]) -> None:
    """Refuse plain attributes, which beat Meta, of other types than Meta's may have."""
    for attribute, expected in {**ATTRIBUTES, "grouping": str}.items():
        value = getattr(job_class, attribute)
        if not isinstance(value, expected):
            raise TypeError(f"{attribute} should be {expected}, not {type(value)}")


def unregistered_classes(
    registered: dict[str, type[BaseJob]], modules: set[str]
) -> list[type[BaseJob]]:
    """Return the classes in ``modules`` that look like jobs and are not registered.

    A class that others build on, or with abstract methods, is a base and not meant to be run.
    """
    known = set(registered.values())
    pending = [BaseJob, Job]
    found = []
    while pending:
        for child in pending.pop().__subclasses__():
            pending.append(child)
            is_base = child.__subclasses__() or getattr(child, "__abstractmethods__", None)
            if child.__module__ in modules and child not in known and not is_base:
                found.append(child)
    return sorted(dict.fromkeys(found), key=lambda job_class: job_class.class_path)
