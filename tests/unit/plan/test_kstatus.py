"""Each state of the kinds as kstatus reads it: nobody waits for what will not come by itself."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    COMMIT,
    NOW,
    a_definition,
    a_discovery_pod,
    a_repository,
    as_stored,
    ended,
    fetched,
    seen_repository,
    serving,
)
from tests.kstatus import kstatus

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.plan.definition import plan_definition
from davit_operator.plan.discovery_end import BrokenCode
from davit_operator.plan.observed import SeenRepository
from davit_operator.plan.repository import plan_repository

SERVING = a_repository(status=serving())
SUSPENDED = {"suspend": True}


def fails(error: type[Stalled | Waiting], reason: Reason) -> SeenRepository:
    return seen_repository(source=error(reason, "It does not."))


def found(problems: int) -> SeenRepository:
    repository = a_repository(status=serving(problems=problems))
    return seen_repository(repository=repository, source=fetched(COMMIT))


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        pytest.param(seen_repository(source=None), "InProgress", id="not looked at"),
        pytest.param(seen_repository(), "InProgress", id="discovered"),
        pytest.param(seen_repository(discovery_here=True), "InProgress", id="waits its turn"),
        pytest.param(found(0), "Current", id="served"),
        pytest.param(found(1), "Current", id="served, with problems"),
        pytest.param(seen_repository(repository=SERVING), "InProgress", id="a new commit"),
        pytest.param(fails(Waiting, Reason.FETCH_FAILED), "InProgress", id="no answer"),
        pytest.param(fails(Waiting, Reason.SECRET_NOT_FOUND), "InProgress", id="no Secret"),
        pytest.param(fails(Waiting, Reason.DISCOVERY_FAILED), "InProgress", id="no pod"),
        pytest.param(fails(Stalled, Reason.URL_REFUSED), "Failed", id="a URL that is refused"),
        pytest.param(fails(Stalled, Reason.ARTIFACT_CONFLICT), "Failed", id="a foreign ConfigMap"),
        pytest.param(
            seen_repository(
                discovery_pod=a_discovery_pod(ended()), discovered=BrokenCode("No job loads.", ())
            ),
            "Failed",
            id="broken code",
        ),
        pytest.param(
            seen_repository(repository=a_repository(spec=SUSPENDED)),
            "Failed",
            id="suspended, and serves nothing",
        ),
        pytest.param(
            seen_repository(repository=a_repository(spec=SUSPENDED, status=serving())),
            "Current",
            id="suspended, and serves",
        ),
    ],
)
def test_a_repository_is_done_failed_or_in_progress(seen: SeenRepository, verdict: str) -> None:
    status = plan_repository(seen).status
    assert status is not None
    metadata = {"generation": seen.repository.metadata.generation}
    assert kstatus({"metadata": metadata, "status": as_stored(status)}) == verdict


@pytest.mark.parametrize(
    ("definition", "elder", "verdict"),
    [
        pytest.param(a_definition(), None, "Current", id="enabled"),
        pytest.param(a_definition(spec={"enabled": False}), None, "Current", id="disabled"),
        pytest.param(
            a_definition(status={"installed": None}), None, "InProgress", id="not discovered yet"
        ),
        pytest.param(a_definition(status={"installed": False}), None, "Failed", id="class is gone"),
        pytest.param(a_definition(), a_definition(name="elder"), "Failed", id="a duplicate"),
        pytest.param(
            a_definition(status={"installed": None}),
            a_definition(name="elder"),
            "Failed",
            id="a duplicate that no discovery spoke of",
        ),
    ],
)
def test_a_definition_is_done_failed_or_in_progress(
    definition: JobDefinition, elder: JobDefinition | None, verdict: str
) -> None:
    status = plan_definition(definition, elder, NOW)
    assert status is not None
    assert kstatus({"metadata": {"generation": 1}, "status": as_stored(status)}) == verdict


@pytest.mark.parametrize(
    ("thing", "verdict"),
    [
        ({"metadata": {"generation": 1}}, "Current"),
        ({"metadata": {"generation": 1}, "status": {"observedGeneration": -1}}, "InProgress"),
        ({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}}, "InProgress"),
        ({"metadata": {"generation": 1, "deletionTimestamp": "now"}}, "Terminating"),
    ],
    ids=["without any status", "with the CRD's default", "a newer spec", "being deleted"],
)
def test_an_object_that_the_operator_did_not_see_is_not_done(
    thing: dict[str, Any], verdict: str
) -> None:
    assert kstatus(thing) == verdict
