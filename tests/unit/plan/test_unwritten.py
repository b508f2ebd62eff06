"""A definition that the server refuses is told of, hides no other, and is not tried for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import (
    COMMIT,
    NOW,
    a_definition,
    a_discovery_pod,
    a_repository,
    an_artifact,
    as_stored,
    ended,
    fetched,
    later,
    seen_repository,
    serving,
)

from davit_contract import JobDescription
from davit_operator.api.conditions import Reason
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.plan.attempt import Wish
from davit_operator.plan.observed import Discovered, SeenRepository
from davit_operator.plan.repository import is_current, plan_repository
from davit_operator.plan.repository_status import with_unwritten
from davit_operator.plan.unwritten import Unwritten, problem_of, unwritten_after

REFUSED = "netops.jobs.vlans.SyncVlans"
WISH = Wish(uid="1", generation=1, requested_at="", commit=COMMIT)


def missing(**changes: Any) -> SeenRepository:
    """Return a repository of which one class has no definition."""
    status = serving()
    status["discovery"]["definitions"] = 1
    seen = seen_repository(repository=a_repository(status=status), source=fetched(COMMIT))
    return replace(seen, **changes)


def test_what_is_refused_is_not_discovered_again_before_it_is_due() -> None:
    assert not is_current(missing(), fetched(COMMIT))
    assert is_current(missing(unwritten=frozenset({REFUSED})), fetched(COMMIT))
    due = missing(refresh=True)
    assert not is_current(due, fetched(COMMIT))


def test_what_was_created_and_could_not_be_described_is_not_discovered_at_once_either() -> None:
    definitions = (a_definition(status={"installed": None}),)
    assert not is_current(missing(definitions=definitions), fetched(COMMIT))
    known = missing(definitions=definitions, unwritten=frozenset({REFUSED}))
    assert is_current(known, fetched(COMMIT))


@pytest.mark.parametrize(
    ("described", "handwritten"),
    [(2, ()), (1, (a_definition(spec={"classPath": "a.New"}, status={"installed": None}),))],
    ids=["one that was deleted", "one that was written by hand"],
)
def test_another_definition_that_is_missing_is_discovered_at_once(
    described: int, handwritten: tuple[JobDefinition, ...]
) -> None:
    status = serving()
    status["discovery"]["definitions"] = described
    seen = missing(
        repository=a_repository(status=status),
        definitions=handwritten,
        unwritten=frozenset({REFUSED}),
    )
    assert not is_current(seen, fetched(COMMIT))


def test_the_repository_names_the_definition_the_class_and_the_cause() -> None:
    found = Discovered(
        descriptions=(
            JobDescription(
                class_path=REFUSED,
                name="x",
                grouping="y",
                source_path="jobs/vlans.py",
                source_line=3,
            ),
        )
    )
    pod = a_discovery_pod(ended())
    seen = seen_repository(
        source=fetched(artifact=an_artifact()), discovery_pod=pod, discovered=found
    )
    plan = plan_repository(seen)
    [write] = plan.write_definitions
    problem = problem_of(write, "the policy says no.")
    assert (problem.path, problem.line) == ("jobs/vlans.py", 3)
    assert problem.message.startswith(
        f'JobDefinition "netops.sync-vlans" of {REFUSED} could not be created: the policy says no. '
    )
    status = with_unwritten(seen, plan.status, [problem])
    assert status is not None
    assert status.discovery is not None
    assert status.discovery.problems == [problem]
    told = {each.type: (each.status, each.reason) for each in status.conditions}
    assert told == {
        "Ready": ("True", Reason.ARTIFACT_SERVED),
        "DiscoveryProblems": ("True", Reason.PROBLEMS_FOUND),
    }
    # The same once more is no news.
    stored = JobRepositoryStatus.model_validate(as_stored(status))
    again = replace(seen, repository=seen.repository.model_copy(update={"status": stored}))
    assert with_unwritten(again, plan_repository(again).status, [problem]) is None
    assert with_unwritten(seen, plan.status, []) is plan.status


def test_it_is_tried_again_less_and_less_often_and_within_an_hour() -> None:
    before: Unwritten | None = None
    pauses = []
    for _ in range(8):
        before = unwritten_after(before, WISH, frozenset({REFUSED}), NOW, 1.0)
        pauses.append((before.until - NOW) / timedelta(minutes=1))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    "changes",
    [{"generation": 2}, {"requested_at": "now"}, {"commit": "ab" * 20}, {"uid": "2"}],
    ids=["another spec", "a request", "another commit", "another repository"],
)
def test_what_may_have_mended_it_has_it_tried_again_at_once(changes: dict[str, Any]) -> None:
    known = unwritten_after(None, WISH, frozenset({REFUSED}), NOW, 1.0)
    assert not known.is_due(WISH, later(59))
    assert known.is_due(WISH, later(60))
    other = replace(WISH, **changes)
    assert known.is_due(other, later(1))
    assert unwritten_after(known, other, known.class_paths, NOW, 1.0).failures == 1
