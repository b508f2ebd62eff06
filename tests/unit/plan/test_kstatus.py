"""Each state of the kinds as kstatus and Argo CD read it: nobody waits for what will not come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.argocd import health, scripts
from tests.builders import (
    COMMIT,
    NOW,
    a_definition,
    a_discovery_pod,
    a_repository,
    an_outcome,
    as_stored,
    ended,
    fetched,
    seen_repository,
    seen_run,
    serving,
)
from tests.kstatus import kstatus

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import Phase
from davit_operator.api.kinds import KINDS
from davit_operator.plan.definition import plan_definition
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.discovery_end import BrokenCode
from davit_operator.plan.observed import LogReading, SeenRepository
from davit_operator.plan.repository import plan_repository
from davit_operator.plan.run_holds import suspended
from davit_operator.plan.run_status import (
    cancelled_status,
    failed_status,
    rejected_status,
    succeeded_status,
    waiting_status,
)

SERVING = a_repository(status=serving())
SUSPENDED = {"suspend": True}


def fails(error: type[Stalled | Waiting], reason: Reason) -> SeenRepository:
    return seen_repository(source=error(reason, "It does not."))


def found(problems: int) -> SeenRepository:
    repository = a_repository(status=serving(problems=problems))
    return seen_repository(repository=repository, source=fetched(COMMIT))


@pytest.mark.parametrize(
    ("seen", "verdict", "argo"),
    [
        pytest.param(seen_repository(source=None), "InProgress", "Progressing", id="not looked at"),
        pytest.param(seen_repository(), "InProgress", "Progressing", id="discovered"),
        pytest.param(
            seen_repository(discovery_here=True), "InProgress", "Progressing", id="waits its turn"
        ),
        pytest.param(found(0), "Current", "Healthy", id="served"),
        pytest.param(found(1), "Current", "Healthy", id="served, with problems"),
        pytest.param(
            seen_repository(repository=SERVING), "InProgress", "Progressing", id="a new commit"
        ),
        pytest.param(fails(Waiting, Reason.FETCH_FAILED), "InProgress", "Degraded", id="no answer"),
        pytest.param(
            fails(Waiting, Reason.SECRET_NOT_FOUND), "InProgress", "Degraded", id="no Secret"
        ),
        pytest.param(
            fails(Waiting, Reason.DISCOVERY_FAILED), "InProgress", "Degraded", id="no pod"
        ),
        pytest.param(
            fails(Stalled, Reason.URL_REFUSED), "Failed", "Degraded", id="a URL that is refused"
        ),
        pytest.param(
            fails(Stalled, Reason.ARTIFACT_CONFLICT), "Failed", "Degraded", id="a foreign ConfigMap"
        ),
        pytest.param(
            seen_repository(
                discovery_pod=a_discovery_pod(ended()), discovered=BrokenCode("No job loads.", ())
            ),
            "Failed",
            "Degraded",
            id="broken code",
        ),
        pytest.param(
            seen_repository(repository=a_repository(spec=SUSPENDED)),
            "Failed",
            "Suspended",
            id="suspended, and serves nothing",
        ),
        pytest.param(
            seen_repository(repository=a_repository(spec=SUSPENDED, status=serving())),
            "Current",
            "Suspended",
            id="suspended, and serves",
        ),
    ],
)
def test_a_repository_is_done_failed_or_in_progress(
    seen: SeenRepository, verdict: str, argo: str
) -> None:
    status = plan_repository(seen).status
    assert status is not None
    thing = seen.repository.model_dump(by_alias=True, mode="json") | {"status": as_stored(status)}
    assert (kstatus(thing), health("JobRepository", thing).status) == (verdict, argo)


@pytest.mark.parametrize(
    ("definition", "elder", "verdict", "argo"),
    [
        pytest.param(a_definition(), None, "Current", "Healthy", id="enabled"),
        pytest.param(
            a_definition(spec={"enabled": False}), None, "Current", "Healthy", id="disabled"
        ),
        pytest.param(
            a_definition(status={"installed": None}),
            None,
            "InProgress",
            "Progressing",
            id="not discovered yet",
        ),
        pytest.param(
            a_definition(status={"installed": False}),
            None,
            "Failed",
            "Degraded",
            id="class is gone",
        ),
        pytest.param(
            a_definition(), a_definition(name="elder"), "Failed", "Degraded", id="a duplicate"
        ),
        pytest.param(
            a_definition(status={"installed": None}),
            a_definition(name="elder"),
            "Failed",
            "Degraded",
            id="a duplicate that no discovery spoke of",
        ),
    ],
)
def test_a_definition_is_done_failed_or_in_progress(
    definition: JobDefinition, elder: JobDefinition | None, verdict: str, argo: str
) -> None:
    status = plan_definition(definition, elder, NOW)
    assert status is not None
    thing = definition.model_dump(by_alias=True, mode="json") | {"status": as_stored(status)}
    assert (kstatus(thing), health("JobDefinition", thing).status) == (verdict, argo)
    assert status.conditions[0].message in health("JobDefinition", thing).message


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
    if verdict == "InProgress":
        for kind in ("JobRepository", "JobDefinition"):
            assert health(kind, {**thing, "spec": {}}).status == "Progressing"


def run(phase: Phase, reason: Reason) -> dict[str, Any]:
    """Return a run that is in a phase, or that came to its end in it."""
    seen = seen_run()
    diagnosis = Diagnosis(reason=reason, message="No.", remedy="Mend it.")
    if reason is Reason.SUSPENDED:
        spec = seen.run.spec.model_copy(update={"suspend": True})
        planned = suspended(replace(seen, run=seen.run.model_copy(update={"spec": spec})))
        assert planned is not None
        assert planned.status is not None
        status = planned.status
    elif phase is Phase.SUCCEEDED:
        status = succeeded_status(seen, an_outcome(), LogReading())
    elif phase is Phase.REJECTED:
        status = rejected_status(seen, reason, "No.")
    elif phase is Phase.FAILED:
        status = failed_status(seen, diagnosis)
    elif phase is Phase.CANCELLED:
        status = cancelled_status(seen, diagnosis)
    else:
        status = waiting_status(seen, phase, reason, "Soon.")
    return seen.run.model_dump(by_alias=True, mode="json") | {"status": as_stored(status)}


@pytest.mark.parametrize(
    ("phase", "reason", "verdict", "argo"),
    [
        (Phase.PENDING, Reason.DEFINITION_NOT_FOUND, "InProgress", "Progressing"),
        (Phase.PENDING, Reason.SUSPENDED, "InProgress", "Suspended"),
        (Phase.PENDING, Reason.RETRY_PENDING, "InProgress", "Progressing"),
        (Phase.QUEUED, Reason.QUEUED, "InProgress", "Progressing"),
        (Phase.STARTING, Reason.STARTING, "InProgress", "Progressing"),
        (Phase.RUNNING, Reason.RUNNING, "InProgress", "Progressing"),
        (Phase.SUCCEEDED, Reason.SUCCEEDED, "Current", "Healthy"),
        (Phase.FAILED, Reason.JOB_FAILED, "Failed", "Degraded"),
        (Phase.CANCELLED, Reason.CANCELLED, "Failed", "Degraded"),
        (Phase.REJECTED, Reason.DISABLED, "Failed", "Degraded"),
    ],
)
def test_a_run_is_done_failed_or_in_progress(
    phase: Phase, reason: Reason, verdict: str, argo: str
) -> None:
    thing = run(phase, reason)
    assert (kstatus(thing), health("JobRun", thing).status) == (verdict, argo)
    assert str(reason) in health("JobRun", thing).message


def test_argo_cd_is_told_of_every_kind_that_has_a_status() -> None:
    assert set(scripts()) == {kind.name for kind in KINDS if kind.status}
    assert health("JobRun", {"metadata": {"generation": 1}, "spec": {}}).status == "Progressing"
