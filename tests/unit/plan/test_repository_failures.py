"""What a repository says of a source that fails, stalls, or holds broken code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    COMMIT,
    NEXT_COMMIT,
    NOW,
    a_discovery_pod,
    a_repository,
    ended,
    fetched,
    running,
    seen_repository,
    serving,
    waiting,
)
from tests.unit.plan.repositories import FOUND, message, said, stored, written

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.api.jobrepository import Problem
from davit_operator.plan.discovery_end import BrokenCode
from davit_operator.plan.repository import plan_repository


def test_what_keeps_a_discovery_pod_from_starting_is_shown() -> None:
    pod = a_discovery_pod(waiting("ImagePullBackOff", "manifest unknown"))
    text = message(plan_repository(seen_repository(discovery_pod=pod)))
    assert "manifest unknown" in text
    assert "spec.runner.image" in text


def test_broken_modules_are_told_beside_a_repository_that_is_ready() -> None:
    problem = Problem(path="jobs/broken.py", line=3, message="No module named 'foo'")
    found = replace(FOUND, problems=(problem,))
    plan = plan_repository(seen_repository(discovered=found))
    assert said(plan) == {
        "Ready": ("True", Reason.ARTIFACT_SERVED),
        "DiscoveryProblems": ("True", Reason.PROBLEMS_FOUND),
    }
    assert "jobs/broken.py:3: No module named 'foo'" in written(plan).conditions[1].message


def test_a_failed_fetch_is_retried_while_the_last_good_commit_is_served() -> None:
    cause = Waiting(Reason.FETCH_FAILED, "The server does not answer.")
    plan = plan_repository(seen_repository(repository=a_repository(status=serving()), source=cause))
    assert said(plan) == {
        "Ready": ("False", Reason.FETCH_FAILED),
        "Reconciling": ("True", Reason.FETCH_FAILED),
        "FetchFailed": ("True", Reason.FETCH_FAILED),
    }
    assert written(plan).artifact is not None
    assert message(plan) == "The server does not answer."


def test_an_impossible_spec_stalls() -> None:
    plan = plan_repository(seen_repository(source=Stalled(Reason.URL_REFUSED, "Use https.")))
    assert said(plan) == {
        "Ready": ("False", Reason.URL_REFUSED),
        "Stalled": ("True", Reason.URL_REFUSED),
    }


def test_a_discovery_that_failed_leaves_what_is_served_and_deletes_its_pod() -> None:
    pod = a_discovery_pod(ended(1))
    plan = plan_repository(
        seen_repository(
            repository=a_repository(status=serving()),
            pods=(pod,),
            discovery_pod=pod,
            discovered=Stalled(Reason.DISCOVERY_FAILED, "no jobs"),
        )
    )
    assert said(plan)["Stalled"] == ("True", Reason.DISCOVERY_FAILED)
    assert plan.delete_pods == (pod,)
    assert plan.write_definitions == ()
    assert plan.refuse is not None


def test_the_status_says_which_commit_is_served_and_which_one_is_broken() -> None:
    problem = Problem(path="jobs/__init__.py", line=1, message="SyntaxError: no")
    broken = BrokenCode("It is not served.", (problem,))
    seen = seen_repository(repository=a_repository(status=serving()), discovered=broken)
    plan = plan_repository(seen)
    discovery = written(plan).discovery
    assert discovery is not None
    assert (discovery.commit, discovery.definitions) == (COMMIT, 0)
    assert discovery.failed is not None
    assert discovery.failed.revision == f"main@sha1:{NEXT_COMMIT}"
    assert discovery.failed.problems == [problem]
    # From now on the refusal is only remembered, without its problems.
    remembered = replace(fetched(), refused=Stalled(broken.reason, broken.message))
    again = replace(stored(seen, plan), source=remembered, discovered=None)
    assert plan_repository(again).status is None


def test_what_was_broken_is_forgotten_once_the_source_holds_what_is_served() -> None:
    status = serving()
    status["discovery"]["failed"] = {"revision": "main@sha1:0", "message": "It is broken."}
    plan = plan_repository(
        seen_repository(repository=a_repository(status=status), source=fetched(COMMIT))
    )
    discovery = written(plan).discovery
    assert discovery is not None
    assert discovery.failed is None


def test_a_commit_is_not_called_broken_that_could_not_be_fetched() -> None:
    cause = Waiting(Reason.FETCH_FAILED, "The server does not answer.")
    source = replace(fetched(), refused=cause)
    plan = plan_repository(
        seen_repository(repository=a_repository(status=serving()), source=source)
    )
    discovery = written(plan).discovery
    assert discovery is not None
    assert discovery.failed is None
    assert said(plan)["FetchFailed"] == ("True", Reason.FETCH_FAILED)


@pytest.mark.parametrize(
    "source", [None, Waiting(Reason.FETCH_FAILED, "x")], ids=["not looked at", "failing"]
)
def test_a_discovery_that_cannot_start_gives_way_though_its_source_is_unknown(
    source: Waiting | None,
) -> None:
    stuck = a_discovery_pod(waiting(), created_at=NOW.replace(hour=1))
    runs = a_discovery_pod(running(), created_at=NOW.replace(hour=1))
    plan = plan_repository(seen_repository(source=source, pods=(stuck, runs)))
    assert plan.delete_pods == (stuck,)
