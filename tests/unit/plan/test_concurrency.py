"""Which run has a slot of its definition, which waits, and which gives way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    a_batch_job,
    a_definition,
    a_pod,
    a_run,
    later,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import decided, verdict, was_running

from davit_operator.api.conditions import Reason
from davit_operator.api.execution import ConcurrencyPolicy
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import JobRun, JobRunStatus, Phase
from davit_operator.plan.concurrency import rule_of
from davit_operator.plan.observed import Holder, SeenRun, SeenSlots
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import RunPlan
from davit_operator.plan.times import format_time

FIRST = Holder(name="first", created=format_time(later(-60)))
LEFT = Holder(name="first-1-abcde", kind="pod")


def limited(policy: str | None, limit: int = 1, **facts: Any) -> JobDefinition:
    rule = {"limit": limit, **({"policy": policy} if policy else {})}
    return a_definition(spec={"concurrency": rule}, status=facts)


def wanting(policy: str | None, slots: SeenSlots, limit: int = 1, **changes: Any) -> SeenRun:
    return seen_run(definition=limited(policy, limit), slots=slots, **changes)


@pytest.mark.parametrize(
    ("policy", "singleton", "expected"),
    [
        (None, False, "Allow"),
        (None, True, "Forbid"),
        ("Allow", True, "Allow"),
        ("Queue", True, "Queue"),
        ("Replace", False, "Replace"),
    ],
)
def test_a_singleton_forbids_unless_the_admin_says_otherwise(
    policy: str | None, singleton: bool, expected: str
) -> None:
    assert rule_of(limited(policy, isSingleton=singleton)).policy == ConcurrencyPolicy(expected)


def test_an_admin_may_make_a_job_a_singleton() -> None:
    definition = a_definition(spec={"overrides": {"isSingleton": True}})
    assert rule_of(definition).policy is ConcurrencyPolicy.FORBID


@pytest.mark.parametrize(
    ("slots", "limit"),
    [
        (SeenSlots(), 1),
        (SeenSlots(holders=(FIRST,)), 2),
        (SeenSlots(before=1), 2),
        (SeenSlots(before=1, given=True), 1),
    ],
    ids=["nobody", "one of two", "one that is before it, of two", "given before others came"],
)
@pytest.mark.parametrize("policy", ["Forbid", "Queue", "Replace"])
def test_a_run_starts_where_there_is_a_slot(policy: str, slots: SeenSlots, limit: int) -> None:
    assert plan_run(wanting(policy, slots, limit)).create_batch_job is not None


@pytest.mark.parametrize("policy", ["Queue", "Replace"])
@pytest.mark.parametrize(
    "slots",
    [SeenSlots(holders=(FIRST,)), SeenSlots(holders=(LEFT,)), SeenSlots(before=1)],
    ids=["a run", "what is left of one", "an older one that waits"],
)
def test_a_run_without_a_slot_waits(policy: str, slots: SeenSlots) -> None:
    plan = plan_run(wanting(policy, slots))
    phase, reason, message = verdict(plan)
    assert (phase, reason) == (Phase.QUEUED, Reason.QUEUED)
    assert message.startswith("It waits behind ")
    assert plan.waits_for_slot
    assert plan.create_batch_job is None


def test_a_run_that_waits_says_so_once() -> None:
    queued = a_run(status=JobRunStatus(phase=Phase.QUEUED))
    other = Holder(name="other", created=format_time(later(-30)))
    plan = plan_run(wanting("Queue", SeenSlots(holders=(other,)), run=queued))
    assert plan == RunPlan(waits_for_slot=True)


def test_forbid_rejects_while_another_run_is_live() -> None:
    phase, reason, message = decided(wanting("Forbid", SeenSlots(holders=(FIRST,))))
    assert (phase, reason) == (Phase.REJECTED, Reason.ALREADY_RUNNING)
    assert 'JobRun "first"' in message
    assert 'spec.concurrency.policy of JobDefinition "netops.sync-vlans"' in message


def test_of_a_singleton_it_is_nautobots_sentence() -> None:
    definition = limited(None, isSingleton=True)
    seen = seen_run(definition=definition, slots=SeenSlots(holders=(FIRST,)))
    assert "Job 'Sync VLANs' is a singleton and already running." in decided(seen)[2]


def test_forbid_waits_for_what_is_only_left_of_a_run() -> None:
    assert verdict(plan_run(wanting("Forbid", SeenSlots(holders=(LEFT,)))))[0] is Phase.QUEUED


def newer(name: str = "newer", **inputs: Any) -> JobRun:
    return a_run(name=name, inputs=inputs, creationTimestamp=format_time(later(5)))


def live(slots: SeenSlots, policy: str = "Replace", limit: int = 1, **changes: Any) -> SeenRun:
    run = a_run(status=was_running())
    pod = a_pod(running())
    seen = wanting(policy, slots, limit, run=run, batch_job=a_batch_job(), pod=pod)
    return replace(seen, **changes)


def test_a_live_run_gives_way_to_a_newer_one() -> None:
    plan = plan_run(live(SeenSlots(claimants=(newer(),))))
    assert plan.cancel_pod is not None
    assert plan.cancel_for == "newer"
    assert verdict(plan)[1] == Reason.CANCELLING


def test_a_run_whose_pod_does_not_run_yet_gives_way_at_once() -> None:
    seen = live(SeenSlots(claimants=(newer(),)), run=a_run(), pod=a_pod(waiting()))
    plan = plan_run(seen)
    assert verdict(plan)[:2] == (Phase.CANCELLED, Reason.REPLACED)
    assert plan.delete_batch_job is not None


@pytest.mark.parametrize(
    ("slots", "policy", "limit"),
    [
        (SeenSlots(claimants=(newer(whom="Ada"),)), "Replace", 1),
        (SeenSlots(claimants=(newer(),)), "Queue", 1),
        (SeenSlots(claimants=(newer(),)), "Replace", 2),
        (SeenSlots(holders=(FIRST,), claimants=(newer(),)), "Replace", 2),
        (SeenSlots(), "Replace", 1),
    ],
    ids=["one that cannot start", "a queue", "room for both", "an older one goes", "nobody"],
)
def test_a_live_run_stays_otherwise(slots: SeenSlots, policy: str, limit: int) -> None:
    assert plan_run(live(slots, policy, limit)) == RunPlan()
