"""Why a pod does not start, as Events tell it, and when they are asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import a_batch_job, a_pod, a_repository, later, running, waiting
from tests.unit.plan.runs import decided, verdict
from tests.unit.plan.test_given import config_map, secret, seen

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.artifact import artifact_name
from davit_operator.plan.causes import looks_due, repository_with_gap, seen_events
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run import plan_run

DEFINITION = 'spec.inputsFrom of JobDefinition "netops.sync-vlans"'
RUN = "spec.inputsFrom of the JobRun"
SETUP = 'MountVolume.SetUp failed for volume "inputs" :'


def event(reason: str, message: str = "", *, second: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"creationTimestamp": "2026-11-22T06:30:00Z"},
        "type": "Warning" if reason.startswith("Failed") else "Normal",
        "reason": reason,
        "message": message,
        "lastTimestamp": f"2026-11-22T06:30:{second:02}Z",
        **more,
    }


def waits(*events: dict[str, Any], seconds: float = 3, **changes: Any) -> SeenRun:
    """Return a run whose pod's container is being created, at last."""
    found = seen({"inputsFrom": [config_map()]}, {"inputsFrom": [secret()]})
    told = {"batch_job": a_batch_job(), "pod": a_pod(waiting()), "now": later(seconds), **changes}
    return replace(found, events=seen_events(events), **told)


@pytest.mark.parametrize(
    ("message", "expected", "sentence", "remedy"),
    [
        (
            f'{SETUP} secret "login" not found',
            Reason.SECRET_NOT_FOUND,
            'There is no Secret "login" in namespace "netops".',
            f"Create what is missing, or mend {DEFINITION}.",
        ),
        (
            f'{SETUP} configmap "lists" not found',
            Reason.CONFIG_MAP_NOT_FOUND,
            'There is no ConfigMap "lists" in namespace "netops".',
            f"Create what is missing, or mend {RUN}.",
        ),
        (
            f"{SETUP} references non-existent secret key: pw",
            Reason.SECRET_NOT_FOUND,
            'Secret "login" has no key "pw".',
            f"Create what is missing, or mend {DEFINITION}.",
        ),
        (
            f"{SETUP} references non-existent config key: all",
            Reason.CONFIG_MAP_NOT_FOUND,
            'ConfigMap "lists" has no key "all".',
            f"Create what is missing, or mend {RUN}.",
        ),
        (
            f'{SETUP} [secret "login" not found, configmap "lists" not found]',
            Reason.SECRET_NOT_FOUND,
            'There is no Secret "login" in namespace "netops". There is no ConfigMap "lists"',
            f"mend {DEFINITION} and {RUN}.",
        ),
        (
            'MountVolume.SetUp failed for volume "environment-0" : secret "api" not found',
            Reason.SECRET_NOT_FOUND,
            'There is no Secret "api"',
            'spec.runner of JobDefinition "netops.sync-vlans" or JobRepository "netops"',
        ),
        (
            "MountVolume.SetUp failed for volume \"x\" : timed out",
            Reason.MOUNT_FAILED,
            "timed out",
            "the node",
        ),
    ],
    ids=["a Secret", "a ConfigMap", "a key", "a ConfigMap's key", "two", "envFrom", "another"],
)  # fmt: skip
def test_what_is_missing_is_said_with_kind_name_key_and_the_field_that_names_it(
    message: str, expected: Reason, sentence: str, remedy: str
) -> None:
    found = waits(event("Scheduled"), event("FailedMount", message))
    phase, reason, said = verdict(plan_run(found))
    assert (phase, reason) == (Phase.STARTING, expected)
    assert sentence in said
    assert said.endswith(remedy) or remedy in said
    late = replace(found, now=later(300))
    assert decided(late)[:2] == (Phase.FAILED, expected)
    assert sentence in decided(late)[2]


FORBIDDEN = 'pods "x" is forbidden:'


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"{FORBIDDEN} exceeded quota: small, requested: pods=1", Reason.QUOTA_EXCEEDED),
        (
            f'{FORBIDDEN} error looking up service account a/b: serviceaccount "b" not found',
            Reason.ADMISSION_DENIED,
        ),
        (f"{FORBIDDEN} no PriorityClass with name high was found", Reason.ADMISSION_DENIED),
        (
            'Internal error occurred: failed calling webhook "x": Post "https://x": '
            "context deadline exceeded",
            Reason.ADMISSION_DENIED,
        ),
    ],
    ids=["quota", "no ServiceAccount yet", "no PriorityClass yet", "a webhook is out of order"],
)
def test_a_pod_that_may_yet_be_made_is_waited_for(message: str, expected: Reason) -> None:
    found = waits(event("FailedCreate", f"Error creating: {message}"), pod=None)
    phase, reason, said = verdict(plan_run(found))
    assert (phase, reason) == (Phase.STARTING, expected)
    assert message in said
    assert decided(replace(found, now=later(300)))[:2] == (Phase.FAILED, expected)


@pytest.mark.parametrize(
    "message",
    [
        f'{FORBIDDEN} violates PodSecurity "restricted:latest": seccompProfile',
        'admission webhook "x.example.com" denied the request: no such team',
        f"{FORBIDDEN} ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        f"{FORBIDDEN} maximum memory usage per Container is 100Mi, but limit is 1Gi",
        f"{FORBIDDEN} failed quota: small: must specify limits.memory for: runner",
        'Pod "x" is invalid: spec.containers[0].resources.requests: Invalid value: "1"',
    ],
    ids=["Pod Security", "a webhook", "a policy", "a LimitRange", "a quota", "validation"],
)
def test_a_pod_that_will_always_be_refused_ends_the_run_at_once(message: str) -> None:
    found = waits(event("FailedCreate", f"Error creating: {message}"), pod=None)
    phase, reason, said = decided(found)
    assert (phase, reason) == (Phase.FAILED, Reason.ADMISSION_DENIED)
    assert message in said
    assert 'mend spec.runner of JobDefinition "netops.sync-vlans"' in said.replace("Mend", "mend")
    assert plan_run(replace(found, confirmed=True)).delete_batch_job == a_batch_job()


def test_code_that_is_gone_is_told_from_a_configmap_of_the_user() -> None:
    part = f"{artifact_name(a_batch_job().definition.digest)}-0"
    found = waits(event("FailedMount", f'{SETUP} configmap "{part}" not found'))
    phase, reason, said = verdict(plan_run(found))
    assert (phase, reason) == (Phase.STARTING, Reason.ARTIFACT_MISSING)
    assert f'ConfigMap "{part}" was deleted' in said
    assert 'see whether JobRepository "netops" is Ready' in said
    assert repository_with_gap(found) == ("netops", "netops")
    moved_on = replace(found, repository=a_repository())
    assert "create another JobRun" in verdict(plan_run(moved_on))[2]
    assert repository_with_gap(moved_on) is None
    assert (
        repository_with_gap(waits(event("FailedMount", f'{SETUP} configmap "x" not found'))) is None
    )


@pytest.mark.parametrize(
    "events",
    [
        [event("FailedMount", 'secret "login" not found'), event("Pulling", second=2)],
        [event("Pulling", second=2), event("FailedMount", 'secret "login" not found')],
        [event("Scheduled")],
        [],
    ],
    ids=["mended since", "mended since, in another order", "nothing wrong", "none"],
)
def test_a_cause_that_is_over_is_none(events: list[dict[str, Any]]) -> None:
    assert verdict(plan_run(waits(*events)))[1] == Reason.STARTING


def test_of_one_second_the_warning_counts_and_a_series_is_as_new_as_its_last() -> None:
    mount = event("FailedMount", 'secret "login" not found', lastTimestamp=None)
    series = {"lastObservedTime": "2026-11-22T06:30:02.123456Z"}
    for told in (
        [event("FailedMount", 'secret "login" not found'), event("Scheduled")],
        [{**mount, "series": series}, event("Pulling", second=2)],
        [{**mount, "eventTime": "2026-11-22T06:30:02.5Z"}, event("Scheduled")],
    ):
        assert verdict(plan_run(waits(*told)))[1] == Reason.SECRET_NOT_FOUND


@pytest.mark.parametrize(
    ("seconds", "looks"),
    [(2.9, 0), (3, 1), (14, 1), (15, 2), (60, 3), (299, 3), (300, 4), (900, 4)],
)
def test_events_are_asked_four_times_at_most(seconds: float, looks: int) -> None:
    assert looks_due(waits(seconds=seconds)) == looks


@pytest.mark.parametrize(
    ("seconds", "again"), [(2, 1), (3, 12), (15, 45), (60, 240), (299, 1)]
)  # fmt: skip
def test_the_run_is_looked_at_again_when_events_are_to_be_asked(
    seconds: float, again: float
) -> None:
    assert plan_run(waits(seconds=seconds)).again_after == again


def test_a_short_deadline_is_the_last_look() -> None:
    batch_job = a_batch_job(start_deadline_seconds=10)
    assert looks_due(waits(seconds=9, batch_job=batch_job)) == 1
    assert looks_due(waits(seconds=10, batch_job=batch_job)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"pod": a_pod(running())},
        {"pod": a_pod(waiting("ErrImagePull"))},
        {"pod": a_pod(unschedulable="no node")},
        {"batch_job": None, "pod": None},
        {"batch_job": a_batch_job(failed="x")},
    ],
    ids=["it runs", "its image is missing", "no node takes it", "no batch Job", "it failed"],
)
def test_nobody_asks_events_where_a_status_explains_it(changes: dict[str, Any]) -> None:
    assert looks_due(waits(seconds=60, **changes)) == 0
