"""Reconcile one JobDefinition: its conditions follow what the admin writes."""

from __future__ import annotations

from davit_operator.api.base import ObjectKey
from davit_operator.effects.resources import DEFINITIONS
from davit_operator.handlers.clock import now
from davit_operator.handlers.shell import Shell, status_body
from davit_operator.plan.definition import plan_definition
from davit_operator.plan.warnings import definition_trouble


async def reconcile_definition(shell: Shell, key: ObjectKey) -> None:
    """Write the definition's conditions, if they changed."""
    definition = shell.caches.definitions.cache.get(key)
    if definition is None:
        return
    elder = shell.caches.elder_of(definition)
    status = plan_definition(definition, elder, now())
    if status is not None:
        body = status_body("JobDefinition", definition.metadata, status)
        written = await shell.kube.replace_status(DEFINITIONS, body)
        shell.caches.definitions.keep(written)
        shell.warnings.tell(written, definition_trouble(definition.status, status))
