"""A run's inputs against the variables of its class, for every entry point the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._variables import ScriptVariable, ValueRefused
from davit.exceptions import InvalidInputs

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = "Job data contained an unknown property"


def cleaned_inputs(
    variables: Mapping[str, ScriptVariable], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the keyword arguments of ``run()``: defaults applied, every value coerced.

    Raises:
        InvalidInputs: with every message about every variable, not just the first.
    """
    errors = {name: [_unknown(variables)] for name in inputs if name not in variables}
    values = {}
    for name, variable in variables.items():
        try:
            values[name] = variable.clean(inputs.get(name, variable.default))
        except ValueRefused as refused:
            errors[name] = refused.messages
    if errors:
        raise InvalidInputs(errors)
    return values


def _unknown(variables: Mapping[str, ScriptVariable]) -> str:
    known = ", ".join(variables) or "none"
    return f"{UNKNOWN}. This job's variables: {known}."
