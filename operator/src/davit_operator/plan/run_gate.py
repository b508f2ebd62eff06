"""Why a run may not start, though its definition is known: ordered checks, the first that holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from davit_operator.api.conditions import Reason
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.plan.given import given_problems
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.overrides import with_overrides


class Refusal(NamedTuple):
    """What a Rejected run says."""

    reason: Reason
    message: str


def refusal(seen: SeenRun) -> Refusal | None:
    """Return why the run is refused; None where nothing keeps it from its start."""
    if seen.definition is None:
        return None
    for check in _CHECKS:
        found = check(seen, seen.definition)
        if found is not None:
            return found
    return None


def _duplicate(seen: SeenRun, definition: JobDefinition) -> Refusal | None:
    if seen.elder is None:
        return None
    name, older = definition.metadata.name, seen.elder.metadata.name
    return Refusal(
        Reason.DUPLICATE,
        f'JobDefinition "{name}" cannot be run: the older JobDefinition "{older}" names the same '
        f'class. Create another JobRun with spec.definitionRef.name "{older}", or have an admin '
        "delete one of the two.",
    )


def _not_installed(_: SeenRun, definition: JobDefinition) -> Refusal | None:
    if definition.status.installed:
        return None
    return Refusal(
        Reason.NOT_INSTALLED,
        f"{definition.spec.class_path} is not in the commit that JobRepository "
        f'"{definition.spec.repository_ref.name}" serves. Restore the class in the repository, or '
        "run another JobDefinition.",
    )


def _disabled(_: SeenRun, definition: JobDefinition) -> Refusal | None:
    if definition.spec.enabled:
        return None
    return Refusal(
        Reason.DISABLED,
        f'JobDefinition "{definition.metadata.name}" is not enabled. Ask an admin to set its '
        "spec.enabled to true, then create another JobRun.",
    )


def _override_not_allowed(seen: SeenRun, definition: JobDefinition) -> Refusal | None:
    given = seen.run.spec.overrides.given - set(definition.spec.allowed_overrides)
    if not given:
        return None
    names = ", ".join(sorted(given))
    return Refusal(
        Reason.OVERRIDE_NOT_ALLOWED,
        f"spec.overrides sets {names}. Create another JobRun without, or have an admin name it in "
        f'spec.allowedOverrides of JobDefinition "{definition.metadata.name}".',
    )


def _inputs_wrong(seen: SeenRun, definition: JobDefinition) -> Refusal | None:
    # Not what the status says: an admin may have changed an override just now.
    variables = with_overrides(definition.spec, definition.status).variables
    problems = given_problems(seen.run.spec, definition, variables)
    remedies = []
    if problems.of_run:
        remedies.append("Create another JobRun with spec.inputs or spec.inputsFrom mended.")
    if problems.of_definition:
        name = definition.metadata.name
        remedies.append(f'Have an admin mend spec of JobDefinition "{name}".')
    if not remedies:
        return None
    sentences = (*problems.of_run, *problems.of_definition, *remedies)
    return Refusal(Reason.INVALID_INPUTS, " ".join(sentences))


_CHECKS: tuple[Callable[[SeenRun, JobDefinition], Refusal | None], ...] = (
    _duplicate,
    _not_installed,
    _disabled,
    _override_not_allowed,
    _inputs_wrong,
)
