"""An admin's overrides win over the class, stand beside what it says, and can be taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import DEFAULTS, NOW, a_definition, a_repository, a_run, as_stored

from davit_contract import places
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.definition import plan_definition

FACTS = {
    "name": "Sync VLANs",
    "grouping": "Network",
    "description": "Brings the switches in line.",
    "hidden": False,
    "dryrunDefault": False,
    "hasSensitiveVariables": True,
    "isSingleton": False,
    "softTimeLimitSeconds": 30,
    "timeLimitSeconds": 0,
}
VARIABLES = [
    {"name": "who", "type": "StringVar"},
    {"name": "password", "type": "StringVar", "sensitive": True},
    {"name": "dryrun", "type": "DryRunVar", "default": False},
]


def a_job(**overrides: Any) -> JobDefinition:
    return a_definition(
        spec={"overrides": overrides}, status={**FACTS, "variables": VARIABLES, "supportsDryrun": 1}
    )


def decided(definition: JobDefinition) -> JobDefinition:
    """Return the definition with the status that the operator writes, as it is read again."""
    status = plan_definition(definition, None, NOW)
    assert status is not None
    read = JobDefinitionStatus.model_validate(as_stored(status))
    return definition.model_copy(update={"status": read})


def overridden(definition: JobDefinition, **overrides: Any) -> JobDefinition:
    """Return the definition after an admin wrote other overrides."""
    return a_definition(
        spec={"overrides": overrides}, status=as_stored(definition.status), generation=2
    )


def secrets(definition: JobDefinition) -> list[str]:
    return [variable.name for variable in definition.status.variables if variable.sensitive]


def request(definition: JobDefinition, **inputs: Any) -> Any:
    manifest = batch_job(a_run(inputs=inputs), definition, a_repository(), DEFAULTS)
    annotations = manifest["spec"]["template"]["metadata"]["annotations"]
    return json.loads(annotations[places.REQUEST_ANNOTATION])


def test_without_overrides_what_the_class_says_is_in_force() -> None:
    assert as_stored(decided(a_job()).status.effective) == FACTS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "VLANs"),
        ("grouping", "Lab"),
        ("description", ""),
        ("hidden", True),
        ("dryrunDefault", True),
        ("hasSensitiveVariables", False),
        ("isSingleton", True),
        ("softTimeLimitSeconds", 0),
        ("timeLimitSeconds", 60),
    ],
)
def test_an_override_is_in_force_beside_what_the_class_says(key: str, value: Any) -> None:
    definition = decided(a_job(**{key: value}))
    assert as_stored(definition.status.effective) == {**FACTS, key: value}
    assert FACTS.items() <= as_stored(definition.status).items()
    assert as_stored(decided(overridden(definition)).status.effective) == FACTS


def test_an_override_makes_every_variable_a_secret_and_can_be_taken_back() -> None:
    widened = decided(a_job(hasSensitiveVariables=True))
    assert secrets(widened) == ["who", "password", "dryrun"]
    assert secrets(decided(overridden(widened))) == ["password"]


def test_no_override_makes_public_what_the_code_marks_as_a_secret() -> None:
    assert secrets(decided(a_job(hasSensitiveVariables=False))) == ["password"]


@pytest.mark.parametrize(
    ("override", "given", "expected"),
    [
        pytest.param({}, {}, None, id="the class's own default is the class's to apply"),
        pytest.param({"dryrunDefault": True}, {}, True, id="the admin's default"),
        pytest.param({"dryrunDefault": True}, {"dryrun": False}, False, id="a run's own word"),
    ],
)
def test_the_default_of_the_dryrun_variable_is_what_the_admin_says(
    override: dict[str, Any], given: dict[str, Any], expected: bool | None
) -> None:
    definition = decided(a_job(**override))
    assert definition.status.variables[2].default is bool(override)
    assert request(definition, **given)["inputs"].get("dryrun") is expected


def test_a_job_without_dryrun_variable_gets_none_from_an_override() -> None:
    definition = a_definition(spec={"overrides": {"dryrunDefault": True}})
    assert request(definition)["inputs"] == {}


def test_a_run_is_held_to_the_limits_in_force_though_the_status_is_behind() -> None:
    asked = request(a_job(softTimeLimitSeconds=0, timeLimitSeconds=60))
    assert asked["soft_time_limit_seconds"] == DEFAULTS.soft_time_limit_seconds
    assert asked["time_limit_seconds"] == 60
