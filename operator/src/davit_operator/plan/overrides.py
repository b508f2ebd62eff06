"""What is in force of a job: what its class says, unless the admin says otherwise."""

from __future__ import annotations

from davit_operator.api.jobdefinition import (
    Effective,
    JobDefinitionSpec,
    JobDefinitionStatus,
    Overrides,
)
from davit_operator.api.variable import Variable

DRYRUN = "dryrun"
_DRYRUN_TYPE = "DryRunVar"


def with_overrides(spec: JobDefinitionSpec, facts: JobDefinitionStatus) -> JobDefinitionStatus:
    """Return ``facts``, what the class says, with what is in force beside it.

    That may be a status of earlier: its overrides are taken back before those of now are applied.
    """
    marked = _marked_by_class(facts)
    effective = _effective(spec.overrides, facts)
    return facts.model_copy(
        update={
            "effective": effective,
            "sensitive_variables": marked,
            "variables": [_in_force(item, marked, effective, spec) for item in facts.variables],
        }
    )


def dryrun_variable(variables: list[Variable]) -> Variable | None:
    """Return the variable that ``dryrunDefault`` speaks of."""
    return next((item for item in variables if item.name == DRYRUN and _is_dryrun(item)), None)


def _effective(overrides: Overrides, facts: JobDefinitionStatus) -> Effective:
    said = {
        name: value
        for name in Effective.model_fields
        if (value := getattr(overrides, name)) is not None
    }
    return Effective(**{name: getattr(facts, name) for name in Effective.model_fields} | said)


def _marked_by_class(facts: JobDefinitionStatus) -> list[str]:
    if facts.sensitive_variables is not None:
        return facts.sensitive_variables
    return [variable.name for variable in facts.variables if variable.sensitive]


def _in_force(
    variable: Variable, marked: list[str], effective: Effective, spec: JobDefinitionSpec
) -> Variable:
    # What the code calls a secret stays one: values in spec.inputs can be read by many.
    widened = spec.overrides.has_sensitive_variables is True
    changes: dict[str, object] = {"sensitive": widened or variable.name in marked}
    if variable.name == DRYRUN and _is_dryrun(variable) and variable.name not in marked:
        changes["default"] = effective.dryrun_default
    return variable.model_copy(update=changes)


def _is_dryrun(variable: Variable) -> bool:
    return variable.type == _DRYRUN_TYPE
