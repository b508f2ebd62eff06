"""Which parts of artifacts are deleted: those that nobody has named for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.builders import (
    DIGEST,
    NAMESPACE,
    NOW,
    a_batch_job,
    a_definition,
    a_pod,
    a_repository,
    a_run,
    later,
    serving,
)

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobrun import JobRunStatus
from davit_operator.plan.artifact import artifact_name, part_name
from davit_operator.plan.batch_job import bound_definition
from davit_operator.plan.garbage import (
    Known,
    SeenPart,
    artifacts_named,
    repositories_with_gaps,
    seen_part,
    unnamed_since,
)

NOTHING = Known(repositories=(), definitions=(), runs=(), batch_jobs=(), pods=())
ARTIFACT = (NAMESPACE, artifact_name(DIGEST))


def a_part(number: int = 0, namespace: str = NAMESPACE) -> SeenPart:
    return seen_part(
        {
            "metadata": {
                "namespace": namespace,
                "name": part_name(DIGEST, number),
                "uid": f"part-{namespace}-{number}",
                "resourceVersion": "7",
            }
        }
    )


def test_a_part_belongs_to_its_artifact_whatever_its_number() -> None:
    assert a_part(0).artifact == a_part(15).artifact == ARTIFACT


def test_what_is_served_is_named() -> None:
    repository = a_repository(status=serving(), spec={"suspend": True})
    assert artifacts_named(replace(NOTHING, repositories=(repository,))) == {ARTIFACT}


def test_what_a_run_would_start_with_is_named() -> None:
    assert artifacts_named(replace(NOTHING, definitions=(a_definition(),))) == {ARTIFACT}


def test_what_no_run_can_start_with_is_not_named() -> None:
    gone = a_definition(status={"installed": False})
    assert artifacts_named(replace(NOTHING, definitions=(gone,))) == frozenset()


def test_what_an_unfinished_run_is_bound_to_is_named() -> None:
    run = a_run(status=JobRunStatus(definition=bound_definition(a_definition())))
    assert artifacts_named(replace(NOTHING, runs=(run, a_run()))) == {ARTIFACT}


def test_what_a_batch_job_is_bound_to_is_named() -> None:
    assert artifacts_named(replace(NOTHING, batch_jobs=(a_batch_job(),))) == {ARTIFACT}


def test_what_a_pod_mounts_is_named() -> None:
    pod = a_pod(config_maps=frozenset({part_name(DIGEST, 0), part_name(DIGEST, 1)}))
    assert artifacts_named(replace(NOTHING, pods=(pod, a_pod()))) == {ARTIFACT}


def test_what_nobody_names_is_remembered_from_the_first_time_on() -> None:
    parts = (a_part(0), a_part(1), a_part(0, "other"))
    before = {parts[0].uid: NOW, "gone": NOW}
    found: dict[str, datetime] = unnamed_since(parts, {ARTIFACT}, before, later(60))
    assert found == {parts[2].uid: later(60)}
    found = unnamed_since(parts, (), before, later(60))
    assert found == {
        parts[0].uid: NOW,
        parts[1].uid: later(60),
        parts[2].uid: later(60),
    }


def test_a_repository_that_serves_what_is_gone_is_found() -> None:
    repository = a_repository(status=serving())
    key = repository.metadata.key
    there = {ObjectKey(NAMESPACE, part_name(DIGEST, 0))}
    assert repositories_with_gaps((repository, a_repository()), there) == ()
    elsewhere = {ObjectKey("other", part_name(DIGEST, 0))}
    assert repositories_with_gaps((repository,), elsewhere) == (key,)
