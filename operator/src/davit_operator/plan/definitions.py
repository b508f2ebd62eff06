"""From what discovery said to the definitions: facts in status; an existing spec is the admin's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from davit_contract import JobDescription, VariableDescription
from davit_operator.api.base import LocalObjectReference, Metadata
from davit_operator.api.execution import MAX_SECONDS
from davit_operator.api.jobdefinition import (
    MAX_NOTES,
    MAX_QUEUES,
    MAX_VARIABLES,
    JobDefinition,
    JobDefinitionSpec,
    JobDefinitionStatus,
    SourceLocation,
)
from davit_operator.api.kinds import API_VERSION, JOB_DEFINITION
from davit_operator.api.names import MANAGED_BY, MANAGED_BY_LABEL, definition_name
from davit_operator.api.variable import MAX_CHOICES, Variable
from davit_operator.plan.artifact import AnyArtifact
from davit_operator.plan.definition import elder_of, settled
from davit_operator.plan.observed import Discovered, Fetched, SeenRepository
from davit_operator.plan.plain import MAX_COUNT
from davit_operator.plan.pods import Manifest

_LIMITS = ("min", "max", "min_length", "max_length", "min_prefix_length", "max_prefix_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionWrite:
    """A definition to create, where ``create`` is given, and the status that it gets."""

    definition: JobDefinition
    create: Manifest | None = None
    status: JobDefinitionStatus


def plan_definitions(
    seen: SeenRepository, fetched: Fetched, artifact: AnyArtifact, found: Discovered
) -> tuple[DefinitionWrite, ...]:
    """Return the writes that make the definitions say what ``found`` says."""
    known: dict[str, list[JobDefinition]] = {}
    for definition in seen.definitions:
        known.setdefault(definition.spec.class_path, []).append(definition)
    # Sorted, so that names do not depend on the order in which a pod speaks.
    described = {item.class_path: item for item in sorted(found.descriptions, key=_class_path)}
    writes = [*_installed(seen, known, described), *_uninstalled(seen, known, described)]
    dated = (_of_commit(write, fetched, artifact) for write in writes)
    return tuple(write for write in dated if write.create or _differs(write))


def plan_orphans(
    definitions: tuple[JobDefinition, ...], now: datetime
) -> tuple[DefinitionWrite, ...]:
    """Return the writes for definitions whose repository is gone: they stay, uninstalled."""
    return tuple(
        _without_class(definition, definitions, now)
        for definition in definitions
        if definition.status.installed
    )


def _installed(
    seen: SeenRepository,
    known: dict[str, list[JobDefinition]],
    described: dict[str, JobDescription],
) -> Iterator[DefinitionWrite]:
    taken = set(seen.names_taken)
    for class_path, description in described.items():
        definitions = known.get(class_path)
        if not definitions:
            created = _new_definition(seen, class_path, taken)
            taken.add(created.metadata.name)
            yield DefinitionWrite(
                definition=created,
                create=_manifest(created),
                status=settled(created, _facts(description), None, seen.now),
            )
        for definition in definitions or ():
            elder = elder_of(definition, definitions or ())
            status = settled(definition, _facts(description), elder, seen.now)
            yield DefinitionWrite(definition=definition, status=status)


def _uninstalled(
    seen: SeenRepository,
    known: dict[str, list[JobDefinition]],
    described: dict[str, JobDescription],
) -> Iterator[DefinitionWrite]:
    for class_path, definitions in known.items():
        if class_path in described:
            continue
        for definition in definitions:
            yield _without_class(definition, definitions, seen.now)


def _without_class(
    definition: JobDefinition, definitions: Iterable[JobDefinition], now: datetime
) -> DefinitionWrite:
    """Return the write that says that the class is gone, and keeps what was known of it."""
    facts = definition.status.model_copy(update={"installed": False})
    status = settled(definition, facts, elder_of(definition, definitions), now)
    return DefinitionWrite(definition=definition, status=status)


def _of_commit(write: DefinitionWrite, fetched: Fetched, artifact: AnyArtifact) -> DefinitionWrite:
    if not write.status.installed:
        return write
    bound = {
        "commit": fetched.commit,
        "digest": artifact.digest,
        "parts": len(artifact.parts),
        "image": fetched.image,
    }
    return DefinitionWrite(
        definition=write.definition,
        create=write.create,
        status=write.status.model_copy(update=bound),
    )


def _differs(write: DefinitionWrite) -> bool:
    return write.status != write.definition.status


def _new_definition(seen: SeenRepository, class_path: str, taken: set[str]) -> JobDefinition:
    repository = seen.repository.metadata
    name = definition_name(repository.name, class_path, taken)
    return JobDefinition(
        metadata=Metadata(name=name, namespace=repository.namespace, generation=1),
        spec=JobDefinitionSpec(
            repository_ref=LocalObjectReference(name=repository.name), class_path=class_path
        ),
    )


def _manifest(definition: JobDefinition) -> Manifest:
    """Return what is created: disabled, and with nothing that an admin might want to own."""
    return {
        "apiVersion": API_VERSION,
        "kind": JOB_DEFINITION.name,
        "metadata": {
            "name": definition.metadata.name,
            "namespace": definition.metadata.namespace,
            "labels": {MANAGED_BY_LABEL: MANAGED_BY},
        },
        "spec": {
            "repositoryRef": {"name": definition.spec.repository_ref.name},
            "classPath": definition.spec.class_path,
            "enabled": False,
        },
    }


def _class_path(description: JobDescription) -> str:
    return description.class_path


def _facts(description: JobDescription) -> JobDefinitionStatus:
    return JobDefinitionStatus(
        installed=True,
        source=SourceLocation(
            path=description.source_path, line=_at_most(MAX_COUNT, description.source_line)
        ),
        name=description.name,
        grouping=description.grouping,
        description=description.description,
        kind=description.kind,
        hidden=description.hidden,
        read_only=description.read_only,
        is_singleton=description.is_singleton,
        supports_dryrun=description.supports_dryrun,
        dryrun_default=description.dryrun_default,
        console_log_default=description.console_log_default,
        has_sensitive_variables=description.has_sensitive_variables,
        soft_time_limit_seconds=_at_most(MAX_SECONDS, description.soft_time_limit_seconds),
        time_limit_seconds=_at_most(MAX_SECONDS, description.time_limit_seconds),
        task_queues=description.task_queues[:MAX_QUEUES],
        template_name=description.template_name,
        field_order=description.field_order[:MAX_VARIABLES],
        notes=description.notes[:MAX_NOTES],
        variables=[_variable(item) for item in description.variables[:MAX_VARIABLES]],
    )


def _variable(item: VariableDescription) -> Variable:
    """Return the variable without what the API server cannot hold: the runner has that too."""
    held = {name: value for name in _LIMITS if _is_held(value := getattr(item, name))}
    fields = {**asdict(item), **dict.fromkeys(_LIMITS), **held}
    if len(item.choices or ()) > MAX_CHOICES:
        fields["choices"] = None
    return Variable(**fields)


def _is_held(limit: int | None) -> bool:
    return limit is not None and abs(limit) <= MAX_COUNT


def _at_most(most: int, number: int) -> int:
    return min(max(number, 0), most)
