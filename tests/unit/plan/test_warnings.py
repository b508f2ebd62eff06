"""What is worth an Event: what went wrong or waits for somebody, once, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import (
    COMMIT,
    NOW,
    a_definition,
    a_repository,
    a_run,
    an_outcome,
    as_stored,
    fetched,
    seen_repository,
    seen_run,
    serving,
)

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.api.jobdefinition import JobDefinitionStatus
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.api.jobrun import JobRunStatus, Phase
from davit_operator.plan.definition import settled
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import LogReading
from davit_operator.plan.repository import plan_repository
from davit_operator.plan.run_status import (
    cancelled_status,
    failed_status,
    rejected_status,
    succeeded_status,
    waiting_status,
)
from davit_operator.plan.warning_event import MAX_NOTE, cut, warning_event
from davit_operator.plan.warnings import (
    Action,
    Trouble,
    definition_trouble,
    repository_trouble,
    run_trouble,
)

NEW = JobRunStatus()


def waits(reason: Reason, phase: Phase = Phase.STARTING, message: str = "It waits.") -> Any:
    return waiting_status(seen_run(), phase, reason, message)


def fails(reason: Reason) -> Diagnosis:
    return Diagnosis(reason=reason, message="It broke.", remedy="Mend it.")


def told(trouble: Trouble | None) -> tuple[str, str] | None:
    return (trouble.reason, trouble.action.value) if trouble else None


# --- runs

SUCCEEDED = succeeded_status(seen_run(), an_outcome(), LogReading())
FAILED = failed_status(seen_run(), fails(Reason.JOB_FAILED))
REJECTED = rejected_status(seen_run(), Reason.DISABLED, "It is not enabled.")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(FAILED, ("JobFailed", "Run"), id="failed"),
        pytest.param(REJECTED, ("Disabled", "Run"), id="rejected"),
        *(
            pytest.param(waits(reason), (reason.value, "Start"), id=reason)
            for reason in (
                Reason.UNSCHEDULABLE,
                Reason.IMAGE_PULL_FAILED,
                Reason.CONTAINER_CONFIG_INVALID,
                Reason.SECRET_NOT_FOUND,
                Reason.CONFIG_MAP_NOT_FOUND,
                Reason.MOUNT_FAILED,
                Reason.QUOTA_EXCEEDED,
                Reason.ADMISSION_DENIED,
                Reason.NODE_LOST,
            )
        ),
        pytest.param(waits(Reason.RETRY_PENDING), ("RetryPending", "Retry"), id="tried again"),
    ],
)
def test_a_run_that_goes_wrong_or_waits_for_somebody_is_told_of(
    after: JobRunStatus, expected: tuple[str, str]
) -> None:
    assert told(run_trouble(NEW, after)) == expected


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(waits(Reason.DEFINITION_NOT_FOUND, Phase.PENDING), id="applied early"),
        pytest.param(waits(Reason.NOT_DISCOVERED, Phase.PENDING), id="not discovered yet"),
        pytest.param(waits(Reason.QUEUED, Phase.QUEUED), id="queued"),
        pytest.param(waits(Reason.SUSPENDED, Phase.PENDING), id="suspended"),
        pytest.param(waits(Reason.STARTING), id="starting"),
        pytest.param(waits(Reason.RUNNING, Phase.RUNNING), id="running"),
        pytest.param(waits(Reason.CANCELLING, Phase.RUNNING), id="cancelling"),
        pytest.param(SUCCEEDED, id="succeeded"),
        pytest.param(cancelled_status(seen_run(), fails(Reason.CANCELLED)), id="cancelled"),
        pytest.param(cancelled_status(seen_run(), fails(Reason.REPLACED)), id="replaced"),
    ],
)
def test_a_run_that_goes_as_it_should_is_not_told_of(after: JobRunStatus) -> None:
    assert run_trouble(NEW, after) is None


@pytest.mark.parametrize("status", [FAILED, REJECTED, waits(Reason.UNSCHEDULABLE)])
def test_what_was_told_of_a_run_is_not_told_again(status: JobRunStatus) -> None:
    said = status.conditions[0].model_copy(update={"message": "In other words."})
    again = status.model_copy(update={"conditions": [said, *status.conditions[1:]]})
    assert run_trouble(NEW, status)
    assert run_trouble(status, again) is None


def test_a_run_that_waits_in_vain_is_told_of_when_it_waits_and_when_it_ends() -> None:
    waiting = waits(Reason.IMAGE_PULL_FAILED, message="It broke. Mend it.")
    ended = failed_status(seen_run(run=a_run(status=waiting)), fails(Reason.IMAGE_PULL_FAILED))
    told_first, told_last = run_trouble(NEW, waiting), run_trouble(waiting, ended)
    assert told_first
    assert told_first.message == "It broke. Mend it."
    assert told_last
    assert told_last.message == "Failed: It broke. Mend it."


# --- repositories


def becomes(before: dict[str, Any], **seen: Any) -> tuple[JobRepositoryStatus, JobRepositoryStatus]:
    spec = seen.pop("spec", {})
    # The spec was changed, so that there is a status to write even where nothing else is new.
    repository = a_repository(spec=spec, status=before, generation=2)
    after = plan_repository(seen_repository(repository=repository, **seen)).status
    assert after is not None
    return repository.status, after


def found(problems: int, before: dict[str, Any]) -> tuple[JobRepositoryStatus, JobRepositoryStatus]:
    looked = serving(problems=problems)
    return becomes({**looked, "conditions": before.get("conditions", [])}, source=fetched(COMMIT))


@pytest.mark.parametrize(
    "cause",
    [
        Waiting(Reason.FETCH_FAILED, "No answer."),
        Waiting(Reason.AUTHENTICATION_FAILED, "Wrong password."),
        Waiting(Reason.SECRET_NOT_FOUND, "No Secret."),
        Waiting(Reason.DISCOVERY_FAILED, "No pod."),
        Stalled(Reason.URL_REFUSED, "Not this one."),
        Stalled(Reason.ARTIFACT_REFUSED, "Not this commit."),
    ],
    ids=lambda cause: cause.reason,
)
def test_a_repository_that_cannot_be_served_is_told_of_once(cause: Waiting | Stalled) -> None:
    before, after = becomes({}, source=cause)
    assert told(repository_trouble(before, after)) == (cause.reason.value, "Serve")
    again = type(cause)(cause.reason, "In other words.")
    before, after = becomes(as_stored(after), source=again)
    assert repository_trouble(before, after) is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"source": None}, id="not looked at"),
        pytest.param({}, id="a new commit"),
        pytest.param({"spec": {"suspend": True}}, id="suspended, and serves nothing"),
    ],
)
def test_a_repository_on_its_way_is_not_told_of(changes: dict[str, Any]) -> None:
    assert repository_trouble(*becomes({}, **changes)) is None


def test_problems_are_told_of_when_they_come_and_when_they_change() -> None:
    before, one = found(1, {})
    assert told(repository_trouble(before, one)) == ("ProblemsFound", "Discover")
    before, same = found(1, as_stored(one))
    assert repository_trouble(before, same) is None
    before, two = found(2, as_stored(one))
    assert told(repository_trouble(before, two)) == ("ProblemsFound", "Discover")
    before, none = found(0, as_stored(two))
    assert repository_trouble(before, none) is None


# --- definitions


def stands(
    before: JobDefinitionStatus, *, elder: bool = False, **facts: Any
) -> JobDefinitionStatus:
    definition = a_definition(spec={"enabled": facts.pop("enabled", True)}, status=facts)
    seen = definition.model_copy(
        update={"status": definition.status.model_copy(update={"conditions": before.conditions})}
    )
    older = a_definition(name="older") if elder else None
    return settled(seen, seen.status, older, NOW)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"installed": False}, "NotInstalled"), ({"elder": True}, "Duplicate")],
    ids=["not installed", "a duplicate"],
)
def test_a_definition_that_cannot_be_run_is_told_of_once(
    facts: dict[str, Any], reason: str
) -> None:
    new = JobDefinitionStatus()
    first = stands(new, **facts)
    assert told(definition_trouble(new, first)) == (reason, "Offer")
    assert definition_trouble(first, stands(first, **facts)) is None


@pytest.mark.parametrize(
    "facts",
    [{}, {"enabled": False}, {"installed": None}],
    ids=["enabled", "disabled", "not discovered yet"],
)
def test_a_definition_that_is_as_it_should_be_is_not_told_of(facts: dict[str, Any]) -> None:
    new = JobDefinitionStatus()
    assert definition_trouble(new, stands(new, **facts)) is None


# --- the Event

ABOUT = {
    "apiVersion": "davit.dev/v1alpha1",
    "kind": "JobRun",
    "metadata": {"name": "ada", "namespace": "netops", "uid": "11-22", "resourceVersion": "7"},
    "spec": {},
}
TROUBLE = Trouble(reason="Disabled", message="Rejected: Not enabled.", action=Action.RUN)


def event(trouble: Trouble = TROUBLE, later: int = 0, **metadata: str) -> Any:
    about = {**ABOUT, "metadata": {**ABOUT["metadata"], **metadata}}  # type: ignore[dict-item]
    return warning_event(about, trouble, NOW + timedelta(seconds=later), "pod-1")


def test_an_event_names_object_and_operator() -> None:
    made = event()
    assert made["involvedObject"] == {
        "apiVersion": "davit.dev/v1alpha1",
        "kind": "JobRun",
        "name": "ada",
        "namespace": "netops",
        "uid": "11-22",
        "resourceVersion": "7",
    }
    assert (made["reportingComponent"], made["reportingInstance"]) == ("davit-operator", "pod-1")
    assert (made["type"], made["reason"], made["action"]) == ("Warning", "Disabled", "Run")
    assert made["message"] == "Rejected: Not enabled."


def test_what_is_said_twice_of_one_object_has_one_name() -> None:
    name = event()["metadata"]["name"]
    assert event(later=90, resourceVersion="8")["metadata"]["name"] == name
    other = Trouble(reason="Disabled", message="Another thing.", action=Action.RUN)
    assert event(other)["metadata"]["name"] != name
    assert event(uid="33-44")["metadata"]["name"] != name


@pytest.mark.parametrize("name", ["a" * 253, "a" * 235 + ".b" * 9], ids=["long", "dotted"])
def test_the_name_of_an_event_is_one_that_the_api_takes(name: str) -> None:
    made = event(name=name)["metadata"]["name"]
    assert len(made) <= 253
    assert all(part.strip("-") == part != "" for part in made.split("."))


@pytest.mark.parametrize(
    "message", ["x" * 1_025, "ä" * 600, "€" * 500, "a" + "𝄞" * 300], ids=lambda text: text[-1]
)
def test_a_long_message_is_cut_between_characters_and_says_so(message: str) -> None:
    said = cut(message)
    assert MAX_NOTE - 4 < len(said.encode()) <= MAX_NOTE
    assert said.endswith("(cut: the object's condition says all)")
    assert message.startswith(said.partition(" ...")[0])


def test_a_message_that_fits_stays_as_it_is() -> None:
    assert cut("ä" * 512) == "ä" * 512
