"""What a discovery depends on; one that cannot start gives way to others, and says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import DEFAULTS, a_discovery_pod, a_repository, running, waiting

from davit_operator.api.conditions import Reason
from davit_operator.plan.discovery import discovery_inputs, not_started, start_deadline

SECOND = timedelta(seconds=1)
GIT = {"url": "https://git.example.com/netops/jobs.git"}
APP = {"layout": "App", "source": {"image": {"modules": ["my_app.jobs"]}}}


def test_a_discovery_pod_may_wait_for_its_start_until_the_deadline() -> None:
    pod = a_discovery_pod(waiting())
    assert not_started(pod, start_deadline(pod, DEFAULTS) - SECOND, DEFAULTS) is None


def test_a_discovery_pod_that_runs_is_not_given_up() -> None:
    pod = a_discovery_pod(running())
    assert not_started(pod, start_deadline(pod, DEFAULTS) + SECOND, DEFAULTS) is None


def test_a_discovery_that_does_not_start_is_given_up_with_its_cause() -> None:
    pod = a_discovery_pod(waiting("ImagePullBackOff", 'no image "x"'))
    cause = not_started(pod, start_deadline(pod, DEFAULTS), DEFAULTS)
    assert cause is not None
    assert cause.reason is Reason.DISCOVERY_FAILED
    assert 'no image "x"' in cause.message
    assert "spec.runner.image" in cause.message


def test_a_discovery_that_does_not_start_without_a_known_cause_says_where_to_look() -> None:
    pod = a_discovery_pod(waiting())
    cause = not_started(pod, start_deadline(pod, DEFAULTS), DEFAULTS)
    assert cause is not None
    assert "within 120 s" in cause.message
    assert "events" in cause.message


@pytest.mark.parametrize(
    "spec",
    [
        {"interval": "5m"},
        {"timeout": "5m"},
        {"suspend": True},
        {"slug": "netops"},
        {"source": {"git": {**GIT, "ref": {"tag": "v1"}}}},
        {"source": {"git": {"url": "https://mirror.example.com/jobs.git"}}},
        {"source": {"git": {**GIT, "secretRef": {"name": "git"}}}},
        {"runner": {"resources": {"limits": {"memory": "1Gi"}}, "podLabels": {"a": "b"}}},
        {"runner": {"image": DEFAULTS.runner.image}},
    ],
    ids=str,
)
def test_a_spec_that_means_the_same_to_a_discovery_discovers_nothing(spec: dict[str, Any]) -> None:
    assert discovery_inputs(a_repository(spec=spec), DEFAULTS) == discovery_inputs(
        a_repository(), DEFAULTS
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"layout": "JobsRoot"},
        {"slug": "other"},
        {"source": {"git": {**GIT, "path": "sub"}}},
        {"source": {"git": {**GIT, "ignore": "*.md"}}},
        {"runner": {"image": "registry.example/other:1"}},
        APP,
        {**APP, "source": {"image": {"modules": ["other"]}}},
    ],
    ids=["layout", "slug", "path", "ignore", "image", "App", "modules"],
)
def test_a_spec_that_changes_what_is_found_discovers_again(spec: dict[str, Any]) -> None:
    inputs = discovery_inputs(a_repository(spec=spec), DEFAULTS)
    assert inputs != discovery_inputs(a_repository(), DEFAULTS)
    assert spec == APP or inputs != discovery_inputs(a_repository(spec=APP), DEFAULTS)
