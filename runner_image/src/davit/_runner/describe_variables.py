"""What discovery says about the variables of a job class: enough to check a value without code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from davit._runner.execute import result_json
from davit._runner.portable import is_portable
from davit_contract import VariableDescription

if TYPE_CHECKING:
    from davit._job import BaseJob
    from davit._variables import ScriptVariable


def described_variables(job_class: type[BaseJob]) -> list[VariableDescription]:
    """Return the descriptions of the variables of ``job_class``, in the order that users see."""
    all_sensitive = getattr(job_class.Meta, "has_sensitive_variables", None) is True
    return [
        _variable(name, item, sensitive=all_sensitive or item.sensitive)
        for name, item in ordered_variables(job_class).items()
    ]


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
