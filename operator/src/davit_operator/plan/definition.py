"""What a definition's status says beside the facts: overrides, conditions, which of two stands.

Discovery and admin both move it, so both call ``settled``: two writers, one answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from davit_operator.api.base import UNOBSERVED
from davit_operator.api.conditions import (
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.api.names import MANAGED_BY, MANAGED_BY_LABEL
from davit_operator.plan.overrides import with_overrides
from davit_operator.plan.times import format_time


def plan_definition(
    definition: JobDefinition, elder: JobDefinition | None, now: datetime
) -> JobDefinitionStatus | None:
    """Return the status to write after a change of the spec; None where it stands already.

    ``elder`` is the definition that stands for the class in this one's place, if any. Of one that
    discovery has just made, it is about to speak itself.
    """
    before = definition.status
    is_new = before.observed_generation == UNOBSERVED and before.installed is None
    if is_new and definition.metadata.labels.get(MANAGED_BY_LABEL) == MANAGED_BY:
        return None
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
        _verdicts(definition, facts, elder),
        generation=generation,
        now=format_time(now),
    )
    known = facts if facts.installed is None else with_overrides(definition.spec, facts)
    return known.model_copy(update={"observed_generation": generation, "conditions": conditions})


def _is_rival(one: JobDefinition, other: JobDefinition) -> bool:
    return (
        one.metadata.name != other.metadata.name
        and one.metadata.namespace == other.metadata.namespace
        and one.spec.repository_ref == other.spec.repository_ref
        and one.spec.class_path == other.spec.class_path
    )


def _age(definition: JobDefinition) -> tuple[str, str]:
    return definition.metadata.creation_timestamp, definition.metadata.name


def _verdicts(
    definition: JobDefinition, facts: JobDefinitionStatus, elder: JobDefinition | None
) -> list[Verdict]:
    """Return how it stands: a disabled definition is healthy, so that GitOps need not wait for it.

    What only comes right once somebody acts is Stalled, so that nobody waits for it in vain.
    """
    spec = definition.spec
    if elder is not None:
        return _stalled(Reason.DUPLICATE, _duplicate(definition, elder))
    if facts.installed is None:
        return _awaited(
            f"{spec.class_path} was not discovered yet. It is once JobRepository "
            f'"{spec.repository_ref.name}" of this namespace is Ready.'
        )
    if not facts.installed:
        return _stalled(
            Reason.NOT_INSTALLED,
            f"{spec.class_path} is not in the commit that JobRepository "
            f'"{spec.repository_ref.name}" serves. Restore the class or the repository, mend '
            "spec.classPath in another JobDefinition, or delete this one.",
        )
    if spec.enabled:
        return [_ready("True", Reason.ENABLED, "JobRuns of this definition are started.")]
    hint = "Set spec.enabled to true, and JobRuns of this definition are started."
    return [_ready("True", Reason.DISABLED, hint)]


def _duplicate(definition: JobDefinition, elder: JobDefinition) -> str:
    return (
        f'JobDefinition "{elder.metadata.name}" is older and names the same class, '
        f"{definition.spec.class_path} of JobRepository "
        f'"{definition.spec.repository_ref.name}", so this one cannot be run. Delete this one; or '
        "delete the older one, and this one takes its place."
    )


def _stalled(reason: Reason, message: str) -> list[Verdict]:
    return [_ready("False", reason, message), _holds(ConditionType.STALLED, reason, message)]


def _awaited(message: str) -> list[Verdict]:
    reason = Reason.NOT_DISCOVERED
    return [
        _ready("Unknown", reason, message),
        _holds(ConditionType.RECONCILING, reason, message),
    ]


def _ready(status: Literal["True", "False", "Unknown"], reason: Reason, message: str) -> Verdict:
    return Verdict(type=ConditionType.READY, status=status, reason=reason, message=message)


def _holds(kind: ConditionType, reason: Reason, message: str) -> Verdict:
    return Verdict(type=kind, status="True", reason=reason, message=message)
