"""A discovery that cannot start gives way to others, and says why."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import DEFAULTS, a_discovery_pod, running, waiting

from davit_operator.api.conditions import Reason
from davit_operator.plan.discovery import not_started, start_deadline

SECOND = timedelta(seconds=1)


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
