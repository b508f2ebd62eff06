"""Runs that wait or are refused: one test for each row of the decision list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import (
    a_batch_job,
    a_definition,
    a_pod,
    a_repository,
    a_run,
    later,
    running,
    seen_run,
    serving,
)
from tests.unit.plan.runs import decided, verdict, written

from davit_operator.api.conditions import Reason
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import Phase
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run import plan_refused, plan_run

WHO = {"name": "who", "type": "StringVar", "required": True}


def test_a_run_without_definition_waits_and_says_where_to_look() -> None:
    plan = plan_run(seen_run(definition=None, repository=None, now=later(60)))
    phase, reason, message = verdict(plan)
    assert (phase, reason) == (Phase.PENDING, Reason.DEFINITION_NOT_FOUND)
    assert 'JobDefinition "netops.sync-vlans" was not found in namespace "netops"' in message
    assert "spec.definitionRef.name" in message
    assert plan.again_after == 240


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"definition": a_definition(status={"installed": None})}, id="class"),
        pytest.param({"repository": None}, id="repository"),
    ],
)
def test_a_run_whose_definition_was_not_discovered_waits_and_says_where_to_look(
    changes: dict[str, Any],
) -> None:
    plan = plan_run(seen_run(now=later(60), **changes))
    phase, reason, message = verdict(plan)
    assert (phase, reason) == (Phase.PENDING, Reason.NOT_DISCOVERED)
    assert 'JobRepository "netops" is Ready' in message
    assert plan.again_after == 240


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"definition": None}, Reason.DEFINITION_NOT_FOUND, id="definition"),
        pytest.param({"repository": None}, Reason.NOT_DISCOVERED, id="repository"),
        pytest.param(
            {"definition": a_definition(status={"installed": None})},
            Reason.NOT_DISCOVERED,
            id="class",
        ),
    ],
)
def test_what_is_missing_at_the_deadline_rejects_the_run(
    changes: dict[str, Any], expected: Reason
) -> None:
    phase, reason, _ = decided(seen_run(now=later(300), **changes))
    assert (phase, reason) == (Phase.REJECTED, expected)


def test_the_wait_for_discovery_is_as_long_as_the_definition_says() -> None:
    definition = a_definition(spec={"startDeadlineSeconds": 20}, status={"installed": None})
    assert plan_run(seen_run(definition=definition, now=later(5))).again_after == 15
    assert plan_run(seen_run(definition=definition, now=later(20))).confirm


REFUSALS = [
    pytest.param(
        a_definition(status={"installed": False}),
        {},
        Reason.NOT_INSTALLED,
        ("netops.jobs.vlans.SyncVlans", 'JobRepository "netops"', "Restore the class"),
        id="the class is gone",
    ),
    pytest.param(
        a_definition(spec={"enabled": False}),
        {},
        Reason.DISABLED,
        ('JobDefinition "netops.sync-vlans"', "spec.enabled", "create another JobRun"),
        id="the definition is not enabled",
    ),
    pytest.param(
        a_definition(
            spec={"overrides": {"hasSensitiveVariables": True}}, status={"variables": [WHO]}
        ),
        {"who": "Ada"},
        Reason.INVALID_INPUTS,
        ('Variable "who": It is sensitive',),
        id="an override of this moment makes an input a secret",
    ),
    pytest.param(
        a_definition(status={"variables": [WHO]}),
        {},
        Reason.INVALID_INPUTS,
        ('Variable "who": This field is required.', "spec.inputs"),
        id="a required input is missing",
    ),
    pytest.param(
        a_definition(),
        {"whom": 1},
        Reason.INVALID_INPUTS,
        ('Variable "whom" is unknown', "spec.inputs"),
        id="an input is unknown",
    ),
    pytest.param(
        a_definition(status={"variables": [WHO]}),
        {"who": "x" * 70_000},
        Reason.INVALID_INPUTS,
        ("spec.inputs is 70,010 bytes", "65,536", "by reference"),
        id="the inputs are too large",
    ),
]


@pytest.mark.parametrize(("definition", "inputs", "expected", "words"), REFUSALS)
def test_a_run_is_rejected_at_once_but_only_after_asking_the_api(
    definition: Any, inputs: dict[str, Any], expected: Reason, words: tuple[str, ...]
) -> None:
    seen = seen_run(run=a_run(inputs=inputs), definition=definition)
    phase, reason, message = decided(seen)
    assert (phase, reason) == (Phase.REJECTED, expected)
    assert [word for word in words if word not in message] == []


ELDER = a_definition(name="elder", uid="elder", creationTimestamp="2026-11-01T00:00:00Z")


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(a_definition(), id="discovered"),
        pytest.param(a_definition(status={"installed": None}), id="not discovered yet"),
        pytest.param(a_definition(spec={"enabled": False}), id="disabled"),
    ],
)
def test_a_run_of_a_duplicate_is_rejected_at_once_and_the_older_definition_named(
    duplicate: JobDefinition,
) -> None:
    phase, reason, message = decided(seen_run(definition=duplicate, elder=ELDER))
    assert (phase, reason) == (Phase.REJECTED, Reason.DUPLICATE)
    assert 'the older JobDefinition "elder" names the same class' in message
    assert 'spec.definitionRef.name "elder"' in message


def test_a_run_whose_definition_has_just_taken_the_deleted_ones_place_starts() -> None:
    seen = seen_run(elder=ELDER)
    assert plan_run(seen).confirm
    assert plan_run(replace(seen, elder=None, confirmed=True)).create_batch_job


def test_a_definition_that_was_enabled_in_time_is_not_refused_for_an_old_cache() -> None:
    seen = seen_run(definition=a_definition(spec={"enabled": False}))
    assert plan_run(seen).confirm
    assert plan_run(replace(seen, definition=a_definition(), confirmed=True)).create_batch_job


def test_a_batch_job_that_the_api_server_refuses_rejects_the_run() -> None:
    phase, reason, message = verdict(plan_refused(seen_run(), 'exceeded quota "small".'))
    assert (phase, reason) == (Phase.REJECTED, Reason.ADMISSION_DENIED)
    assert 'exceeded quota "small".' in message
    assert "spec.runner" in message


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(seen_run(batch_job=a_batch_job(), pod=a_pod(running())), id="Running"),
        pytest.param(seen_run(batch_job=a_batch_job(), now=later(3)), id="Starting"),
        pytest.param(seen_run(definition=None, now=later(3)), id="Pending"),
    ],
)
def test_a_status_that_stands_already_is_not_written_again(seen: SeenRun) -> None:
    once = plan_run(seen)
    again = replace(seen, run=a_run(status=written(once)), now=seen.now.replace(second=9))
    assert plan_run(again).status is None


def test_a_run_that_was_bound_to_a_commit_stays_bound_when_the_definition_moves_on() -> None:
    definition = a_definition(status={"commit": "1a2b" * 10}, generation=7)
    seen = seen_run(definition=definition, batch_job=a_batch_job(), pod=a_pod(running()))
    bound = written(plan_run(seen)).definition
    assert bound is not None
    assert (bound.commit, bound.generation) == ("9f3c" * 10, 1)


def test_a_run_starts_though_its_repository_serves_nothing_newer() -> None:
    status = {**serving(), "conditions": []}
    assert plan_run(seen_run(repository=a_repository(status=status))).create_batch_job
