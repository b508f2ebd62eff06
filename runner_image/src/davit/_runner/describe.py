"""What discovery says about each job class: everything that is needed without its code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from davit._job import BaseJob, Job
from davit._runner.describe_variables import described_variables
from davit._runner.problems import relative
from davit._source import class_line
from davit_contract import JobDescription

if TYPE_CHECKING:
    from davit._runner.load import CodeRoot


def source_of(job_class: type[BaseJob], root: CodeRoot) -> tuple[str, int]:
    """Return the path below the root, and the line, of the class."""
    module = sys.modules.get(job_class.__module__)
    path = getattr(module, "__file__", None) or ""
    return relative(path, root.path), class_line(path, job_class.__qualname__)


def job_description(job_class: type[BaseJob], root: CodeRoot) -> JobDescription:
    """Return the description of ``job_class``.

    Raises:
        TypeError: an attribute of its Meta has the wrong type.
    """
    path, line = source_of(job_class, root)
    return JobDescription(
        class_path=job_class.class_path,
        name=job_class.name,
        grouping=job_class.grouping,
        description=job_class.description,
        source_path=path,
        source_line=line,
        hidden=job_class.hidden,
        read_only=job_class.read_only,
        is_singleton=job_class.is_singleton,
        dryrun_default=job_class.dryrun_default,
        has_sensitive_variables=job_class.has_sensitive_variables,
        soft_time_limit_seconds=job_class.soft_time_limit,
        time_limit_seconds=job_class.time_limit,
        variables=described_variables(job_class),
    )


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
