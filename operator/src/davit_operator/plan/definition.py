"""The conditions of a definition: discovery and admin both move them, so both call this."""

from __future__ import annotations

from datetime import datetime

from davit_operator.api.conditions import (
    Condition,
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.plan.times import format_time


def plan_definition(definition: JobDefinition, now: datetime) -> JobDefinitionStatus | None:
    """Return the status to write after a change of the spec; None where it stands already.

    Before discovery has spoken there is nothing to say.
    """
    if definition.status.installed is None:
        return None
    status = definition.status.model_copy(
        update={
            "observed_generation": definition.metadata.generation,
            "conditions": definition_conditions(
                definition, installed=definition.status.installed, now=now
            ),
        }
    )
    return None if status == definition.status else status


def definition_conditions(
    definition: JobDefinition, *, installed: bool, now: datetime
) -> list[Condition]:
    """Return Ready: a disabled definition is healthy, so that GitOps need not wait for it."""
    return conditions_after(
        definition.status.conditions,
        [_ready(definition, installed=installed)],
        generation=definition.metadata.generation,
        now=format_time(now),
    )


def _ready(definition: JobDefinition, *, installed: bool) -> Verdict:
    if not installed:
        return Verdict(
            type=ConditionType.READY,
            status="False",
            reason=Reason.NOT_INSTALLED,
            message=f"{definition.spec.class_path} is not in the commit that JobRepository "
            f'"{definition.spec.repository_ref.name}" serves.',
        )
    enabled = definition.spec.enabled
    return Verdict(
        type=ConditionType.READY,
        status="True",
        reason=Reason.ENABLED if enabled else Reason.DISABLED,
        message="JobRuns of this definition are started."
        if enabled
        else "Set spec.enabled to true, and JobRuns of this definition are started.",
    )
