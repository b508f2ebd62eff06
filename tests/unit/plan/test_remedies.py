"""Every reason for which a run ends badly says what to do, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    RUN_UID,
    a_batch_job,
    a_definition,
    a_pod,
    a_run,
    an_outcome,
    ended,
    later,
    running,
    seen_run,
    waiting,
)
from tests.unit.plan.runs import verdict, was_running

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRun, Phase
from davit_operator.plan.artifact import artifact_name
from davit_operator.plan.causes import seen_events
from davit_operator.plan.observed import Holder, SeenContainer, SeenPod, SeenRun, SeenSlots
from davit_operator.plan.run import plan_run

# Of repositories and definitions, and of runs that live or did well.
_OF_OTHERS = {
    *(Reason.ARTIFACT_SERVED, Reason.PROGRESSING, Reason.PROBLEMS_FOUND, Reason.SUSPENDED),
    *(Reason.INVALID_SPEC, Reason.URL_REFUSED, Reason.FETCH_FAILED, Reason.AUTHENTICATION_FAILED),
    *(Reason.REFERENCE_NOT_FOUND, Reason.ARTIFACT_REFUSED, Reason.ARTIFACT_CONFLICT),
    *(Reason.DISCOVERY_FAILED, Reason.ENABLED, Reason.QUEUED, Reason.STARTING, Reason.RUNNING),
    *(Reason.CANCELLING, Reason.RETRY_PENDING, Reason.SUCCEEDED),
}
_PART = f"{artifact_name(a_batch_job().definition.digest)}-0"


def said(outcome: OutcomeReason, **changes: Any) -> SeenRun:
    """Return a run whose runner said why it ended."""
    pod = a_pod(ended(1), **changes)
    return seen_run(batch_job=a_batch_job(), pod=pod, outcome=an_outcome(outcome))


def silent(runner: SeenContainer, **changes: Any) -> SeenRun:
    """Return a run whose runner said nothing."""
    return seen_run(batch_job=a_batch_job(), pod=a_pod(runner, **changes))


def late(pod: SeenPod | None, event: str = "", message: str = "") -> SeenRun:
    """Return a run at its start deadline, and what an Event says of it."""
    raw = {"metadata": {}, "type": "Warning", "reason": event, "message": message}
    events = seen_events([raw] if event else [])
    return seen_run(batch_job=a_batch_job(), pod=pod, now=later(300), events=events)


def unmounted(message: str) -> SeenRun:
    return late(a_pod(waiting()), "FailedMount", message)


def defined(**changes: Any) -> SeenRun:
    return seen_run(definition=a_definition(**changes))


def asked(**spec: Any) -> JobRun:
    """Return a run with something in its spec."""
    run = a_run()
    return JobRun.model_validate(
        {
            "metadata": run.metadata.model_dump(by_alias=True),
            "spec": {**run.spec.model_dump(by_alias=True, exclude_none=True), **spec},
        }
    )


FORBIDS = a_definition(spec={"concurrency": {"policy": "Forbid", "limit": 1}})
ELDER = a_definition(name="elder", uid="elder")
ENDS: dict[Reason, SeenRun] = {
    Reason.JOB_FAILED: said(OutcomeReason.JOB_FAILED),
    Reason.JOB_CRASHED: said(OutcomeReason.JOB_CRASHED),
    Reason.OUT_OF_MEMORY: silent(ended(137, reason="OOMKilled")),
    Reason.IMPORT_FAILED: said(OutcomeReason.IMPORT_FAILED),
    Reason.INVALID_INPUTS: said(OutcomeReason.INVALID_INPUTS),
    Reason.SOFT_TIME_LIMIT_EXCEEDED: said(OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED),
    Reason.TIME_LIMIT_EXCEEDED: said(OutcomeReason.CANCELLED, reason="DeadlineExceeded"),
    Reason.ARTIFACT_CORRUPT: said(OutcomeReason.ARTIFACT_CORRUPT),
    Reason.RUNNER_TOO_OLD: said(OutcomeReason.INVALID_REQUEST),
    Reason.CANCELLED: seen_run(run=asked(cancel=True)),
    Reason.REPLACED: said(OutcomeReason.CANCELLED, replaced_by="newer"),
    Reason.EVICTED: said(OutcomeReason.CANCELLED, disruption="EvictionByEvictionAPI"),
    Reason.PREEMPTED: said(OutcomeReason.CANCELLED, disruption="PreemptionByScheduler"),
    Reason.NODE_LOST: silent(ended(137, reason="ContainerStatusUnknown")),
    Reason.POD_DELETED: said(OutcomeReason.CANCELLED, deleting=True),
    Reason.BATCH_JOB_DELETED: seen_run(run=a_run(status=was_running())),
    Reason.OUTCOME_LOST: silent(ended(1)),
    Reason.CONTAINER_CONFIG_INVALID: silent(ended(128, reason="StartError", message="no python3")),
    Reason.START_DEADLINE_EXCEEDED: late(None),
    Reason.UNSCHEDULABLE: late(a_pod(unschedulable="0/3 nodes are available.")),
    Reason.IMAGE_PULL_FAILED: late(a_pod(waiting("ErrImagePull"))),
    Reason.SECRET_NOT_FOUND: unmounted('secret "login" not found'),
    Reason.CONFIG_MAP_NOT_FOUND: unmounted('configmap "lists" not found'),
    Reason.ARTIFACT_MISSING: unmounted(f'configmap "{_PART}" not found'),
    Reason.MOUNT_FAILED: unmounted("timed out"),
    Reason.QUOTA_EXCEEDED: late(None, "FailedCreate", "exceeded quota: small"),
    Reason.ADMISSION_DENIED: late(None, "FailedCreate", "violates PodSecurity"),
    Reason.DEFINITION_NOT_FOUND: seen_run(definition=None, repository=None, now=later(300)),
    Reason.NOT_DISCOVERED: seen_run(repository=None, now=later(300)),
    Reason.NOT_INSTALLED: defined(status={"installed": False}),
    Reason.DISABLED: defined(spec={"enabled": False}),
    Reason.DUPLICATE: seen_run(elder=ELDER),
    Reason.OVERRIDE_NOT_ALLOWED: seen_run(run=asked(overrides={"logLevel": "DEBUG"})),
    Reason.ALREADY_RUNNING: seen_run(
        definition=FORBIDS, slots=SeenSlots(holders=(Holder(name="older"),))
    ),
}
# What a remedy asks for, and of whom.
_VERBS = (
    *("Create", "create", "Read", "look at", "Look", "Mend", "mend", "Make", "Raise", "Give"),
    *("Set", "Change", "Delete", "Wait", "See", "see whether", "Check", "Ask", "Restore", "set "),
)


def test_every_reason_for_which_a_run_ends_badly_is_tried_here() -> None:
    assert set(ENDS) == set(Reason) - _OF_OTHERS


@pytest.mark.parametrize("reason", sorted(ENDS))
def test_a_run_that_ends_badly_says_what_to_do_and_about_which_object(reason: Reason) -> None:
    status = plan_run(replace(ENDS[reason], confirmed=True)).status
    assert status is not None
    assert status.error is not None
    assert status.error.reason == reason
    phase, found, message = verdict(plan_run(replace(ENDS[reason], confirmed=True)))
    assert found == reason
    assert phase in {Phase.FAILED, Phase.CANCELLED, Phase.REJECTED}
    remedy = status.error.remedy if phase is not Phase.REJECTED else message
    assert remedy
    assert any(verb in remedy for verb in _VERBS)
    assert message.endswith(remedy)


@pytest.mark.parametrize("reason", sorted(ENDS))
def test_a_remedy_names_the_object_whose_field_it_means(reason: Reason) -> None:
    """`spec.runner of the JobDefinition` would leave it to the reader to find out which."""
    _, _, message = verdict(plan_run(replace(ENDS[reason], confirmed=True)))
    for vague in ("of the JobDefinition", "of the JobRepository", "of its JobDefinition"):
        assert vague not in message


@pytest.mark.parametrize(
    ("runner", "expected", "words"),
    [
        (
            ended(128, reason="ContainerCannotRun", message="exec: no such file"),
            Reason.CONTAINER_CONFIG_INVALID,
            "exec: no such file",
        ),
        (ended(255, reason="Unknown"), Reason.NODE_LOST, 'node "node-1" is restarted'),
        (
            ended(0, message=f'{{"version":1,"subject":"not {RUN_UID}"}}'),
            Reason.OUTCOME_LOST,
            "/dev/termination-log",
        ),
        (ended(1, message="Killed {by} hand"), Reason.OUTCOME_LOST, "Killed {by} hand"),
    ],
    ids=["not started", "forgotten", "forged", "silent"],
)
def test_what_the_kubelet_says_of_a_runner_without_outcome_is_its_cause(
    runner: SeenContainer, expected: Reason, words: str
) -> None:
    phase, reason, message = verdict(plan_run(silent(runner)))
    assert (phase, reason) == (Phase.FAILED, expected)
    assert words in message


def test_a_node_that_refuses_a_pod_is_named() -> None:
    pod = a_pod(phase="Failed", reason="OutOfcpu", message="Pod was rejected: Not enough CPU.")
    phase, reason, message = verdict(plan_run(seen_run(batch_job=a_batch_job(), pod=pod)))
    assert (phase, reason) == (Phase.FAILED, Reason.UNSCHEDULABLE)
    assert 'node "node-1" refused the pod: Pod was rejected' in message


def test_a_container_that_runs_is_kept_from_nothing() -> None:
    pod = a_pod(running())
    assert verdict(plan_run(seen_run(batch_job=a_batch_job(), pod=pod)))[1] == Reason.RUNNING
