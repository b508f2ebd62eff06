"""Whether a definition has a slot for a run, and whose slot a run takes.

Busy is derived from live runs and from pods that are left of ended ones, so that no lock can go
stale, and no two pods of a singleton overlap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from davit_operator.api.conditions import Reason
from davit_operator.api.execution import ConcurrencyPolicy
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import Phase
from davit_operator.plan.observed import Holder, SeenRun, SeenSlots
from davit_operator.plan.overrides import with_overrides
from davit_operator.plan.run_gate import refusal
from davit_operator.plan.run_plan import RunPlan, reject, write_status


class Rule(NamedTuple):
    """The policy in force, and how many slots there are."""

    policy: ConcurrencyPolicy
    limit: int


def rule_of(definition: JobDefinition) -> Rule:
    """Return the rule of a definition; where it says none a singleton forbids (Nautobot's rule)."""
    said = definition.spec.concurrency
    policy = said.policy
    if policy is None:
        single = with_overrides(definition.spec, definition.status).effective.is_singleton
        policy = ConcurrencyPolicy.FORBID if single else ConcurrencyPolicy.ALLOW
    return Rule(policy, said.limit)


def no_slot(seen: SeenRun) -> RunPlan | None:
    """Return what becomes of a run that may start, but has no slot."""
    if seen.definition is None or seen.slots is None:
        return None
    rule, slots = rule_of(seen.definition), seen.slots
    if slots.given or len(slots.holders) + slots.before < rule.limit:
        return None
    live = [holder for holder in slots.holders if holder.is_live]
    if rule.policy is ConcurrencyPolicy.FORBID and len(live) >= rule.limit:
        message = _forbidden(seen.definition, live[0])
        return reject(seen, Reason.ALREADY_RUNNING, message)
    if seen.run.status.phase is Phase.QUEUED:
        # Said once, however long the queue is.
        return RunPlan(waits_for_slot=True)
    plan = write_status(seen, Phase.QUEUED, Reason.QUEUED, _queued(slots, rule))
    return RunPlan(status=plan.status, waits_for_slot=True)


def replacing(seen: SeenRun) -> str:
    """Return the run that takes the place of this one, which was started; empty: none does."""
    if seen.definition is None or seen.slots is None:
        return ""
    rule, slots = rule_of(seen.definition), seen.slots
    if rule.policy is not ConcurrencyPolicy.REPLACE:
        return ""
    claimants = [run for run in slots.claimants if refusal(replace(seen, run=run)) is None]
    taken = len(slots.holders) + 1
    wanted = min(len(claimants), rule.limit) - (rule.limit - taken)
    older = sum(_age(holder) < _own_age(seen) for holder in slots.holders)
    return claimants[-1].metadata.name if older < wanted else ""


def _age(holder: Holder) -> tuple[str, str]:
    return holder.created, holder.name


def _own_age(seen: SeenRun) -> tuple[str, str]:
    return seen.run.metadata.creation_timestamp, seen.run.metadata.name


def _forbidden(definition: JobDefinition, holder: Holder) -> str:
    known = with_overrides(definition.spec, definition.status).effective
    name, other = definition.metadata.name, f'JobRun "{holder.name}"'
    if known.is_singleton and definition.spec.concurrency.limit == 1:
        # Nautobot's sentence.
        why = f"Job '{known.name or name}' is a singleton and already running. {other} runs it."
    else:
        why = f'{other} of JobDefinition "{name}" is live, and its spec.concurrency forbids more.'
    return (
        f"{why} Create another JobRun when that has ended, or have an admin set "
        f'spec.concurrency.policy of JobDefinition "{name}" to Queue.'
    )


def _queued(slots: SeenSlots, rule: Rule) -> str:
    behind = slots.holders[0] if slots.holders else None
    if behind is None:
        return f"It waits behind {slots.before} older runs of its definition."
    said = f'It waits behind {behind.kind} "{behind.name}"'
    if rule.policy is ConcurrencyPolicy.REPLACE:
        return f"{said}, which is told to end."
    return f"{said}: its definition has {rule.limit} of spec.concurrency.limit at once."
