"""What discovery says about each job class: everything that is needed without its code."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from davit._job import BaseJob, Job
from davit._runner.execute import result_json
from davit._runner.portable import is_portable
from davit._runner.problems import relative
from davit._source import class_line
from davit_contract import JobDescription, VariableDescription

if TYPE_CHECKING:
    from davit._runner.load import CodeRoot
    from davit._variables import ScriptVariable


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
    all_sensitive = getattr(job_class.Meta, "has_sensitive_variables", None) is True
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
        variables=[
            _variable(name, item, sensitive=all_sensitive or item.sensitive)
            for name, item in ordered_variables(job_class).items()
        ],
    )


def ordered_variables(job_class: type[BaseJob]) -> dict[str, ScriptVariable]:
    """Return the variables in the order that users see: ``field_order`` first, then the rest."""
    variables = job_class._get_vars()
    first = [name for name in job_class.field_order if name in variables]
    return {name: variables[name] for name in dict.fromkeys([*first, *variables])}


def _variable(name: str, item: ScriptVariable, *, sensitive: bool) -> VariableDescription:
    regex = getattr(item, "regex", None)
    return VariableDescription(
        name=name,
        type=type(item).__name__,
        label=str(item.label),
        description=str(item.description),
        # A secret default is not told to anyone, only that a value may be left out.
        required=item.required and not (sensitive and item.default is not None),
        default=None if sensitive else _json_value(item.default),
        sensitive=sensitive,
        min_length=getattr(item, "min_length", None),
        max_length=getattr(item, "max_length", None),
        regex=regex,
        regex_portable=regex is not None and is_portable(regex),
        min=getattr(item, "min_value", None),
        max=getattr(item, "max_value", None),
    )


def _json_value(value: Any) -> Any:
    try:
        return json.loads(result_json(value))
    except (TypeError, ValueError):
        return str(value)


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
