"""What to do about a repository: publish, discover, serve; what is served stays until then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    COMMIT,
    DEFAULTS,
    NEXT_COMMIT,
    a_definition,
    a_discovery_pod,
    a_repository,
    an_artifact,
    ended,
    fetched,
    seen_repository,
    serving,
)
from tests.unit.plan.repositories import FOUND, message, said, stored, written

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.plan.discovery import is_served
from davit_operator.plan.repository import RepositoryPlan, is_current, needs_code, plan_repository


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
