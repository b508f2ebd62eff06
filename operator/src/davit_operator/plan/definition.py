"""What a definition's status says beside the facts: overrides, conditions, which of two stands.

Discovery and admin both move it, so both call ``settled``: two writers, one answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from davit_operator.api.conditions import (
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.plan.overrides import with_overrides
from davit_operator.plan.times import format_time


def plan_definition(
    definition: JobDefinition, elder: JobDefinition | None, now: datetime
) -> JobDefinitionStatus | None:
    """Return the status to write after a change of the spec; None where it stands already.

    ``elder`` is the definition that stands for the class in this one's place, if any. Before
    discovery has spoken there is nothing else to say.
    """
    before = definition.status
    if before.installed is None and elder is None:
        status = before.model_copy(update={"conditions": []})
    else:
        status = settled(definition, before, elder, now)
    return None if status == before else status


def elder_of(
    definition: JobDefinition, definitions: Iterable[JobDefinition]
) -> JobDefinition | None:
    """Return which of ``definitions`` stands for the class in this one's place; None: it does.

    Of all that name one class of one repository the oldest stands; of one second the first by name.
    """
    same = (each for each in definitions if _is_rival(each, definition))
    oldest = min((definition, *same), key=_age)
    return None if oldest is definition else oldest


def settled(
    definition: JobDefinition,
    facts: JobDefinitionStatus,
    elder: JobDefinition | None,
    now: datetime,
) -> JobDefinitionStatus:
    """Return ``facts``, what discovery knows, as the status of ``definition``."""
    generation = definition.metadata.generation
    conditions = conditions_after(
        definition.status.conditions,
        [_ready(definition, facts, elder)],
        generation=generation,
        now=format_time(now),
    )
    return with_overrides(definition.spec, facts).model_copy(
        update={"observed_generation": generation, "conditions": conditions}
    )


def _is_rival(one: JobDefinition, other: JobDefinition) -> bool:
    return (
        one.metadata.name != other.metadata.name
        and one.metadata.namespace == other.metadata.namespace
        and one.spec.repository_ref == other.spec.repository_ref
        and one.spec.class_path == other.spec.class_path
    )


def _age(definition: JobDefinition) -> tuple[str, str]:
    return definition.metadata.creation_timestamp, definition.metadata.name


def _ready(
    definition: JobDefinition, facts: JobDefinitionStatus, elder: JobDefinition | None
) -> Verdict:
    """Return Ready: a disabled definition is healthy, so that GitOps need not wait for it."""
    if elder is not None:
        return _verdict("False", Reason.DUPLICATE, _duplicate(definition, elder))
    if not facts.installed:
        return _verdict(
            "False",
            Reason.NOT_INSTALLED,
            f"{definition.spec.class_path} is not in the commit that JobRepository "
            f'"{definition.spec.repository_ref.name}" serves.',
        )
    if definition.spec.enabled:
        return _verdict("True", Reason.ENABLED, "JobRuns of this definition are started.")
    return _verdict(
        "True",
        Reason.DISABLED,
        "Set spec.enabled to true, and JobRuns of this definition are started.",
    )


def _duplicate(definition: JobDefinition, elder: JobDefinition) -> str:
    return (
        f'JobDefinition "{elder.metadata.name}" is older and names the same class, '
        f"{definition.spec.class_path} of JobRepository "
        f'"{definition.spec.repository_ref.name}", so this one cannot be run. Delete this one; or '
        "delete the older one, and this one takes its place."
    )


def _verdict(status: str, reason: Reason, message: str) -> Verdict:
    return Verdict.model_validate(
        {"type": ConditionType.READY, "status": status, "reason": reason, "message": message}
    )
