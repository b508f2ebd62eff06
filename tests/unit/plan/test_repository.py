"""What to do about a repository: publish, discover, serve; what is served stays until then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    COMMIT,
    DEFAULTS,
    NEXT_COMMIT,
    NOW,
    a_definition,
    a_discovery_pod,
    a_repository,
    an_artifact,
    as_stored,
    ended,
    fetched,
    running,
    seen_repository,
    serving,
    waiting,
)

from davit_contract import JobDescription
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository, JobRepositoryStatus, Problem
from davit_operator.plan.discovery import is_served
from davit_operator.plan.discovery_end import BrokenCode
from davit_operator.plan.observed import Discovered, Fetched, SeenRepository
from davit_operator.plan.repository import RepositoryPlan, is_current, needs_code, plan_repository

FOUND = Discovered(
    descriptions=(JobDescription(class_path="netops.jobs.vlans.SyncVlans", name="x", grouping="y"),)
)


def written(plan: RepositoryPlan) -> JobRepositoryStatus:
    assert plan.status is not None
    return plan.status


def said(plan: RepositoryPlan) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition that the plan writes."""
    return {item.type: (item.status, item.reason) for item in written(plan).conditions}


def message(plan: RepositoryPlan) -> str:
    return written(plan).conditions[0].message


def stored(seen: SeenRepository, plan: RepositoryPlan) -> SeenRepository:
    """Return what is seen after the plan's status was written."""
    repository = seen.repository
    if plan.status is not None:
        status = JobRepositoryStatus.model_validate(as_stored(plan.status))
        repository = repository.model_copy(update={"status": status})
    return replace(seen, repository=repository)


def test_a_new_commit_is_published_and_discovered() -> None:
    plan = plan_repository(seen_repository())
    assert len(plan.create_parts) == 1
    assert plan.create_discovery_pod is not None
    assert said(plan) == {
        "Ready": ("Unknown", Reason.PROGRESSING),
        "Reconciling": ("True", Reason.PROGRESSING),
    }
    assert NEXT_COMMIT in message(plan)
    assert plan.write_definitions == ()


def test_what_is_served_stays_while_a_new_commit_is_discovered() -> None:
    plan = plan_repository(seen_repository(repository=a_repository(status=serving())))
    artifact = written(plan).artifact
    assert artifact is not None
    assert artifact.commit == COMMIT


@pytest.mark.parametrize("busy", [{"discovery_here": True}, {"discoveries": 4}])
def test_a_discovery_waits_for_those_under_way(busy: dict[str, object]) -> None:
    plan = plan_repository(seen_repository(**busy))
    assert plan.waits_for_discovery
    assert plan.create_discovery_pod is None
    assert len(plan.create_parts) == 1, "it is published meanwhile, and kept in memory no longer"


def test_a_discovery_waits_until_the_one_of_an_older_commit_is_gone() -> None:
    plan = plan_repository(seen_repository(pods=(a_discovery_pod(),)))
    assert plan.waits_for_discovery
    assert plan.delete_pods == (a_discovery_pod(),)


def test_a_discovery_under_way_is_not_begun_again() -> None:
    plan = plan_repository(seen_repository(discovery_pod=a_discovery_pod(), discovery_here=True))
    assert plan == RepositoryPlan(status=plan.status, publishes=True)


def test_pods_that_discover_something_else_are_deleted_at_once() -> None:
    pod, old = a_discovery_pod(), a_discovery_pod(uid="old")
    plan = plan_repository(seen_repository(pods=(old, pod), discovery_pod=pod))
    assert plan.delete_pods == (old,)


def test_code_is_brought_once() -> None:
    seen = seen_repository(source=fetched())
    assert needs_code(seen, fetched())
    assert not needs_code(seen, fetched(artifact=an_artifact()))
    assert not needs_code(seen, replace(fetched(), refused=Stalled(Reason.ARTIFACT_REFUSED, "x")))


def test_what_keeps_a_discovery_pod_from_starting_is_shown() -> None:
    pod = a_discovery_pod(waiting("ImagePullBackOff", "manifest unknown"))
    text = message(plan_repository(seen_repository(discovery_pod=pod)))
    assert "manifest unknown" in text
    assert "spec.runner.image" in text


def test_what_was_discovered_is_served_from_then_on() -> None:
    pod = a_discovery_pod(ended())
    seen = seen_repository(pods=(pod,), discovery_pod=pod, discovered=FOUND)
    plan = plan_repository(seen)
    status = written(plan)
    assert status.artifact is not None
    assert status.artifact.commit == NEXT_COMMIT
    assert status.artifact.parts == [part.name for part in an_artifact().parts]
    assert said(plan) == {"Ready": ("True", Reason.ARTIFACT_SERVED)}
    assert plan.delete_pods == (pod,)
    assert plan.serves
    assert [write.create is not None for write in plan.write_definitions] == [True]
    assert is_served(stored(seen, plan).repository, NEXT_COMMIT, seen.defaults)


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
    "source", [None, Waiting(Reason.FETCH_FAILED, "x")], ids=["not looked at", "failing"]
)
def test_a_discovery_that_cannot_start_gives_way_though_its_source_is_unknown(
    source: Waiting | None,
) -> None:
    stuck = a_discovery_pod(waiting(), created_at=NOW.replace(hour=1))
    runs = a_discovery_pod(running(), created_at=NOW.replace(hour=1))
    plan = plan_repository(seen_repository(source=source, pods=(stuck, runs)))
    assert plan.delete_pods == (stuck,)


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


def test_another_reference_to_what_is_served_is_told_and_discovers_nothing() -> None:
    source = replace(fetched(COMMIT), revision=f"v1@sha1:{COMMIT}")
    plan = plan_repository(
        seen_repository(repository=a_repository(status=serving()), source=source)
    )
    artifact = written(plan).artifact
    assert artifact is not None
    assert artifact.revision == f"v1@sha1:{COMMIT}"
    assert plan.create_discovery_pod is None


def test_parts_that_are_gone_are_published_again_without_a_discovery() -> None:
    artifact = an_artifact()
    status = serving()
    status["artifact"]["digest"] = artifact.digest
    seen = seen_repository(
        repository=a_repository(status=status), source=fetched(COMMIT), parts_missing=True
    )
    assert needs_code(seen, fetched(COMMIT))
    plan = plan_repository(replace(seen, source=fetched(COMMIT, artifact=artifact)))
    assert len(plan.create_parts) == 1
    assert plan.create_discovery_pod is None
    assert said(plan)["Ready"] == ("True", Reason.ARTIFACT_SERVED)


def test_a_new_definition_has_what_is_served_discovered_again_while_it_is_ready() -> None:
    definition = a_definition(status={"installed": None})
    seen = seen_repository(
        repository=a_repository(status=serving()),
        source=fetched(COMMIT, artifact=an_artifact()),
        definitions=(definition,),
    )
    plan = plan_repository(seen)
    assert plan.create_discovery_pod is not None
    assert said(plan) == {"Ready": ("True", Reason.ARTIFACT_SERVED)}


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


@pytest.mark.parametrize(
    ("repository", "commit", "expected"),
    [
        pytest.param(a_repository(status=serving()), COMMIT, True, id="served"),
        pytest.param(a_repository(status=serving()), NEXT_COMMIT, False, id="another commit"),
        pytest.param(a_repository(), COMMIT, False, id="nothing served"),
        pytest.param(
            a_repository(spec={"layout": "JobsRoot"}, status=serving()),
            COMMIT,
            False,
            id="another layout",
        ),
    ],
)
def test_a_commit_is_served_as_the_spec_of_now_wants_it(
    repository: JobRepository, commit: str, expected: bool
) -> None:
    assert is_served(repository, commit, DEFAULTS) is expected


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [
        pytest.param((), False, id="it was deleted"),
        pytest.param((a_definition(status={"installed": False}),), False, id="it lost its class"),
        pytest.param((a_definition(),), True, id="it is there"),
        pytest.param((a_definition(), a_definition(name="other")), True, id="two of one class"),
    ],
)
def test_a_class_without_definition_is_discovered_again(
    definitions: tuple[JobDefinition, ...], *, expected: bool
) -> None:
    status = serving()
    status["discovery"]["definitions"] = 1
    seen = seen_repository(repository=a_repository(status=status), definitions=definitions)
    assert is_current(seen, fetched(COMMIT)) is expected
