"""Runs whose pod was ended by others: the cluster, its node, or somebody who deleted it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    a_batch_job,
    a_pod,
    a_run,
    an_outcome,
    ended,
    later,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import decided, verdict, was_running

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.observed import SeenPod, SeenRun
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import NOTHING

POD = a_pod().key.name
TOLD: dict[str, Any] = {"deleting": True, "deleting_until": later(30)}


def seen(pod: SeenPod, **changes: Any) -> SeenRun:
    """Return a run that was seen to run, and its pod now."""
    known = {"run": a_run(status=was_running()), "batch_job": a_batch_job(), "pod": pod}
    return seen_run(**{**known, **changes})


DISRUPTIONS = [
    pytest.param(
        {"disruption": "PreemptionByScheduler", **TOLD},
        Reason.PREEMPTED,
        f'The scheduler deleted pod "{POD}": one of a higher priority took its place on node',
        'spec.runner.priorityClassName of JobDefinition "netops.sync-vlans" or JobRepository',
        id="a pod of a higher priority needs its place",
    ),
    pytest.param(
        {"disruption": "TerminationByKubelet", "reason": "Preempting"},
        Reason.PREEMPTED,
        'Node "node-1" ended pod',
        "spec.retries.infrastructureLimit",
        id="a critical pod needs its place",
    ),
    pytest.param(
        {"disruption": "EvictionByEvictionAPI", **TOLD},
        Reason.EVICTED,
        'drains node "node-1"',
        'spec.retries.infrastructureLimit of JobDefinition "netops.sync-vlans"',
        id="somebody drains its node",
    ),
    pytest.param(
        {"disruption": "TerminationByKubelet", "reason": "Evicted", "message": "low on {memory}"},
        Reason.EVICTED,
        "low on {memory}",
        'spec.runner.resources.requests of JobDefinition "netops.sync-vlans"',
        id="its node has too little of something",
    ),
    pytest.param(
        {"disruption": "TerminationByKubelet", "reason": "Terminated"},
        Reason.EVICTED,
        'Node "node-1" was shut down',
        "spec.retries.infrastructureLimit",
        id="its node is shut down",
    ),
    pytest.param(
        {"disruption": "DeletionByTaintManager", **TOLD},
        Reason.NODE_LOST,
        'node "node-1" does not answer',
        "kubectl describe node",
        id="its node does not answer",
    ),
    pytest.param(
        {"disruption": "DeletionByPodGC"},
        Reason.NODE_LOST,
        'node "node-1" is gone from the cluster',
        "spec.retries.infrastructureLimit",
        id="its node is gone",
    ),
    pytest.param(
        TOLD,
        Reason.POD_DELETED,
        f'Pod "{POD}" was deleted before it had ended.',
        "Create another JobRun",
        id="somebody deleted it",
    ),
]


@pytest.mark.parametrize(("changes", "expected", "words", "remedy"), DISRUPTIONS)
def test_a_runner_that_was_told_to_end_says_who_ended_it(
    changes: dict[str, Any], expected: Reason, words: str, remedy: str
) -> None:
    outcome = an_outcome(OutcomeReason.CANCELLED)
    gracefully = seen(a_pod(ended(1), **changes), outcome=outcome)
    killed = seen(a_pod(ended(137), **changes))
    for each in (gracefully, killed):
        phase, reason, message = verdict(plan_run(each))
        assert (phase, reason) == (Phase.FAILED, expected)
        assert words in message
        assert remedy in message


@pytest.mark.parametrize(("changes", "expected", "words", "remedy"), DISRUPTIONS)
def test_a_pod_that_failed_without_its_container_says_who_ended_it(
    changes: dict[str, Any], expected: Reason, words: str, remedy: str
) -> None:
    """As the collector of garbage leaves them, whose node is gone."""
    plan = plan_run(seen(a_pod(running(), phase="Failed", **changes)))
    assert verdict(plan)[:2] == (Phase.FAILED, expected)
    assert words in verdict(plan)[2]
    assert remedy in verdict(plan)[2]


@pytest.mark.parametrize(
    ("reason", "phase", "expected"),
    [
        (OutcomeReason.SUCCEEDED, Phase.SUCCEEDED, Reason.SUCCEEDED),
        (OutcomeReason.JOB_FAILED, Phase.FAILED, Reason.JOB_FAILED),
        (OutcomeReason.OUT_OF_MEMORY, Phase.FAILED, Reason.OUT_OF_MEMORY),
    ],
)
def test_whatever_else_the_runner_says_stands(
    reason: OutcomeReason, phase: Phase, expected: Reason
) -> None:
    pod = a_pod(ended(), disruption="EvictionByEvictionAPI", **TOLD)
    assert verdict(plan_run(seen(pod, outcome=an_outcome(reason))))[:2] == (phase, expected)


def test_a_batch_job_that_goes_after_its_pod_is_what_was_deleted() -> None:
    pod, outcome = a_pod(ended(1), **TOLD), an_outcome(OutcomeReason.CANCELLED)
    found = seen(pod, outcome=outcome, batch_job=a_batch_job(deleting=True))
    assert verdict(plan_run(found))[1] == Reason.BATCH_JOB_DELETED
    gone = seen(pod, batch_job=a_batch_job(deleting=True, failed="x"))
    assert decided(replace(gone, pod=None))[1] == Reason.BATCH_JOB_DELETED


def test_a_sigterm_of_unknown_origin_is_told_as_such() -> None:
    found = seen(a_pod(ended(1)), outcome=an_outcome(OutcomeReason.CANCELLED))
    phase, reason, message = verdict(plan_run(found))
    assert (phase, reason) == (Phase.FAILED, Reason.CANCELLED)
    assert "SIGTERM" in message
    assert "Look for what sends signals" in message


@pytest.mark.parametrize(
    ("disruption", "silence", "expected"),
    [
        ("DeletionByTaintManager", 4, Reason.NODE_LOST),
        ("DeletionByPodGC", 4, Reason.NODE_LOST),
        ("", 30, Reason.NODE_LOST),
        ("PreemptionByScheduler", 30, Reason.PREEMPTED),
        ("EvictionByEvictionAPI", 30, Reason.EVICTED),
    ],
)
@pytest.mark.parametrize("runner", [running(), waiting()], ids=["ran", "never ran"])
def test_a_node_that_never_says_that_a_pod_ended_is_given_up(
    runner: Any, disruption: str, silence: int, expected: Reason
) -> None:
    """The grace is over after 30 s, and who is not known to be lost may be busy."""
    for batch_job in (a_batch_job(), a_batch_job(failed="x")):
        pod = a_pod(runner, disruption=disruption, **TOLD)
        found = seen(pod, batch_job=batch_job, now=later(29 + silence))
        plan = plan_run(found)
        assert (plan.confirm, plan.again_after) == (False, 1)
        phase, reason, message = decided(replace(found, now=later(30 + silence)))
        assert (phase, reason) == (Phase.FAILED, expected)
        assert 'node "node-1"' in message.replace("Node", "node")


def test_a_pod_that_is_silent_and_known_for_nothing_says_until_when_it_was_to_end() -> None:
    found = seen(a_pod(running(), **TOLD), now=later(60))
    assert "had until 2026-11-22T06:30:30Z to end" in decided(found)[2]


def test_a_run_that_has_ended_waits_for_no_pod() -> None:
    over = seen(a_pod(ended(1), **TOLD), outcome=an_outcome())
    status = plan_run(over).status
    assert plan_run(replace(over, run=a_run(status=status), pod=a_pod(**TOLD))) == NOTHING


def test_a_sidecar_that_outlives_the_job_goes_with_the_batch_job() -> None:
    alone = seen(a_pod(ended()), outcome=an_outcome())
    assert plan_run(alone).delete_batch_job is None
    beside = replace(alone, pod=a_pod(ended(), sidecars_running=True))
    assert verdict(plan_run(beside))[0] is Phase.SUCCEEDED
    assert plan_run(beside).delete_batch_job == a_batch_job()
