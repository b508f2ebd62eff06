"""What discovery notes of a class: what it asks for, and davit accepts without acting on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._inputs import DRYRUN
from davit._meta import ATTRIBUTES
from davit._runner.describe_variables import variable_notes
from davit._variables import DryRunVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from davit._job import BaseJob

# As Nautobot cuts them.
MAX_NAME = 100
MAX_GROUPING = 255
# Attribute: what takes its place.
_WITHOUT_EFFECT = {
    "approval_required": "who may run a job is said by Kubernetes' RBAC on JobRuns",
    "console_log_default": "what a job prints is always in its log",
    "task_queues": "there are no queues; spec.runner of the definition says where its pods run",
    "template_name": "there is no form that it could change",
}


def job_notes(job_class: type[BaseJob]) -> list[str]:
    """Return the notes, in sentences."""
    return [
        *_cut_names(job_class),
        *_attributes(job_class),
        *_unknown_attributes(job_class),
        *_about_variables(job_class),
        *variable_notes(job_class._get_vars()),
    ]


def _cut_names(job_class: type[BaseJob]) -> Iterator[str]:
    limits = (("name", job_class.name, MAX_NAME), ("grouping", job_class.grouping, MAX_GROUPING))
    for attribute, value, limit in limits:
        if len(value) > limit:
            yield f"The {attribute} has {len(value)} characters and is cut to {limit}."


def _attributes(job_class: type[BaseJob]) -> Iterator[str]:
    for attribute, reason in _WITHOUT_EFFECT.items():
        if getattr(job_class, attribute):
            yield f"{attribute} has no effect here: {reason}."
    if getattr(job_class, "htmx_template_name", None):
        yield f"htmx_template_name has no effect here: {_WITHOUT_EFFECT['template_name']}."


def _unknown_attributes(job_class: type[BaseJob]) -> Iterator[str]:
    names = {name: None for kind in job_class.Meta.__mro__[:-1] for name in vars(kind)}
    for name in names:
        if not name.startswith("_") and name not in ATTRIBUTES:
            yield f"Meta.{name} has no effect: it is none of Meta's attributes."


def _about_variables(job_class: type[BaseJob]) -> Iterator[str]:
    variables = job_class._get_vars()
    for name in job_class.field_order:
        if name not in variables:
            yield f'field_order names "{name}", which is no variable.'
    for name, variable in variables.items():
        if isinstance(variable, DryRunVar) and name != DRYRUN:
            yield f'The DryRunVar "{name}" does not make dry runs: only one named dryrun does.'
    if job_class.dryrun_default and not job_class.supports_dryrun:
        yield "dryrun_default has no effect: no DryRunVar is named dryrun."
