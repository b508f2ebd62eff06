"""What leaves a repository as it is: suspended, not looked at, asked, written already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    COMMIT,
    a_discovery_pod,
    a_repository,
    an_artifact,
    fetched,
    seen_repository,
    serving,
)
from tests.unit.plan.repositories import said, stored, written

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.plan.observed import Fetched, SeenRepository
from davit_operator.plan.repository import RepositoryPlan, plan_repository


@pytest.mark.parametrize(
    ("status", "conditions"),
    [(serving(), {"Ready": "True"}), ({}, {"Ready": "False", "Stalled": "True"})],
    ids=["serves", "serves nothing"],
)
def test_a_suspended_repository_is_left_alone_and_says_what_it_serves(
    status: dict[str, object], conditions: dict[str, str]
) -> None:
    repository = a_repository(spec={"suspend": True}, status=status)
    pod = a_discovery_pod()
    plan = plan_repository(seen_repository(repository=repository, pods=(pod,)))
    assert said(plan) == {kind: (each, Reason.SUSPENDED) for kind, each in conditions.items()}
    assert plan == RepositoryPlan(status=plan.status, delete_pods=(pod,))


def test_a_source_that_was_not_looked_at_is_about_to_be() -> None:
    seen = seen_repository(source=None)
    plan = plan_repository(seen)
    assert said(plan)["Reconciling"] == ("True", Reason.PROGRESSING)
    assert plan_repository(stored(seen, plan)) == RepositoryPlan()


def test_an_operator_that_starts_says_nothing_of_what_it_has_not_looked_at() -> None:
    seen = seen_repository(source=fetched(COMMIT), repository=a_repository(status=serving()))
    started = replace(stored(seen, plan_repository(seen)), source=None)
    assert plan_repository(started) == RepositoryPlan()


@pytest.mark.parametrize(
    ("source", "spec"),
    [(None, {}), (fetched(artifact=an_artifact()), {}), (None, {"suspend": True})],
    ids=["not looked at", "discovering", "suspended"],
)
def test_a_request_is_not_answered_before_what_it_asks_for_was_done(
    source: Fetched | None, spec: dict[str, object]
) -> None:
    repository = a_repository(spec=spec, annotations={"davit.dev/requestedAt": "now"})
    plan = plan_repository(seen_repository(repository=repository, source=source))
    assert written(plan).last_handled_reconcile_at is None


def test_a_request_that_leads_to_nothing_is_answered_too() -> None:
    repository = a_repository(annotations={"davit.dev/requestedAt": "now"})
    cause = Waiting(Reason.FETCH_FAILED, "The server does not answer.")
    for source in (cause, replace(fetched(), refused=cause)):
        plan = plan_repository(seen_repository(repository=repository, source=source))
        assert written(plan).last_handled_reconcile_at == "now"


def test_an_answered_request_is_echoed() -> None:
    repository = a_repository(status=serving(), annotations={"davit.dev/requestedAt": "now"})
    plan = plan_repository(seen_repository(repository=repository, source=fetched(COMMIT)))
    assert written(plan).last_handled_reconcile_at == "now"


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(seen_repository(), id="discovering"),
        pytest.param(seen_repository(source=Waiting(Reason.FETCH_FAILED, "x")), id="failing"),
        pytest.param(seen_repository(source=Stalled(Reason.URL_REFUSED, "x")), id="stalled"),
        pytest.param(
            seen_repository(repository=a_repository(spec={"suspend": True})), id="suspended"
        ),
        pytest.param(
            seen_repository(
                repository=a_repository(status=serving(problems=2)), source=fetched(COMMIT)
            ),
            id="serving",
        ),
    ],
)
def test_a_status_that_stands_already_is_not_written_again(seen: SeenRepository) -> None:
    once = plan_repository(seen)
    assert written(once).observed_generation == seen.repository.metadata.generation
    later = replace(stored(seen, once), now=seen.now.replace(hour=9))
    assert plan_repository(later).status is None
