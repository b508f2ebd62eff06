"""Two definitions of one class: the older stands, the other says so, and nobody argues."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    NOW,
    a_definition,
    an_artifact,
    as_stored,
    fetched,
    later,
    seen_repository,
)

from davit_contract import JobDescription
from davit_operator.api.conditions import Condition, Reason
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.plan.definition import elder_of, plan_definition
from davit_operator.plan.definitions import plan_definitions, plan_orphans
from davit_operator.plan.observed import Discovered

OLD = "2026-11-01T00:00:00Z"
NEW = "2026-11-20T00:00:00Z"


def a_rival(name: str, since: str = NEW, **changes: Any) -> JobDefinition:
    return a_definition(name=name, uid=name, creationTimestamp=since, **changes)


def ready(status: JobDefinitionStatus | None) -> Condition:
    assert status is not None
    return status.conditions[0]


def stored(definition: JobDefinition, status: JobDefinitionStatus | None) -> JobDefinition:
    assert status is not None
    read = JobDefinitionStatus.model_validate(as_stored(status))
    return definition.model_copy(update={"status": read})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(a_rival("b", OLD), a_rival("a", NEW), id="the older"),
        pytest.param(a_rival("a"), a_rival("b"), id="of one second the first by name"),
        pytest.param(
            a_rival("b", OLD, status={"installed": False}),
            a_rival("a", NEW),
            id="whether or not it is installed",
        ),
        pytest.param(
            a_rival("b", OLD, spec={"enabled": False}), a_rival("a"), id="whether or not enabled"
        ),
    ],
)
def test_of_two_definitions_of_one_class_one_stands_whoever_is_asked_first(
    one: JobDefinition, other: JobDefinition
) -> None:
    for both in ((one, other), (other, one)):
        assert elder_of(one, both) is None
        assert elder_of(other, both) is one


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            a_rival("other", OLD, spec={"classPath": "netops.jobs.Other"}), id="another class"
        ),
        pytest.param(
            a_rival("other", OLD, spec={"repositoryRef": {"name": "lab"}}), id="another repository"
        ),
        pytest.param(a_rival("other", OLD, namespace="lab"), id="another namespace"),
        pytest.param(a_rival("mine", NEW), id="itself, seen twice"),
    ],
)
def test_a_definition_of_something_else_is_no_rival(other: JobDefinition) -> None:
    assert elder_of(a_rival("mine"), (other,)) is None


@pytest.mark.parametrize("installed", [True, False, None])
def test_a_duplicate_names_the_older_one_and_says_what_to_do(installed: bool | None) -> None:
    duplicate = a_rival("mine", status={"installed": installed})
    condition = ready(plan_definition(duplicate, a_rival("theirs", OLD), NOW))
    assert (condition.status, condition.reason) == ("False", Reason.DUPLICATE)
    assert 'JobDefinition "theirs" is older' in condition.message
    assert "Delete this one" in condition.message


def test_a_duplicate_takes_the_place_of_the_older_one_once_that_is_gone() -> None:
    mine = a_rival("mine")
    duplicate = stored(mine, plan_definition(mine, a_rival("theirs", OLD), NOW))
    condition = ready(plan_definition(duplicate, None, later(60)))
    assert (condition.status, condition.reason) == ("True", Reason.ENABLED)
    assert condition.last_transition_time == "2026-11-22T06:31:00Z"


def test_a_duplicate_that_no_discovery_spoke_of_waits_for_one_once_it_is_alone() -> None:
    mine = a_rival("mine", status={"installed": None})
    duplicate = stored(mine, plan_definition(mine, a_rival("theirs", OLD), NOW))
    alone = plan_definition(duplicate, None, later(60))
    assert alone is not None
    assert alone.installed is None
    assert ready(alone).reason == Reason.NOT_DISCOVERED


def test_discovery_and_the_definitions_own_reconcile_say_the_same() -> None:
    both = (a_rival("theirs", OLD), a_rival("mine"))
    found = Discovered(
        descriptions=(JobDescription(class_path=both[0].spec.class_path, name="x", grouping="y"),)
    )
    seen = seen_repository(definitions=both)
    writes = plan_definitions(seen, fetched(), an_artifact(), found)
    assert [(write.create, write.status.installed) for write in writes] == [(None, True)] * 2
    assert [ready(write.status).reason for write in writes] == [Reason.ENABLED, Reason.DUPLICATE]
    written = [stored(write.definition, write.status) for write in writes]
    for definition in written:
        assert plan_definition(definition, elder_of(definition, written), later(60)) is None
    again = seen_repository(definitions=tuple(written), now=later(60))
    assert plan_definitions(again, fetched(), an_artifact(), found) == ()


def test_of_a_repository_that_is_gone_both_are_uninstalled() -> None:
    writes = plan_orphans((a_rival("theirs", OLD), a_rival("mine")), NOW)
    assert [write.status.installed for write in writes] == [False, False]
    assert [ready(write.status).reason for write in writes] == [
        Reason.NOT_INSTALLED,
        Reason.DUPLICATE,
    ]
