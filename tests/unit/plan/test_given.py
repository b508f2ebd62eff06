"""What a run is given: what its definition fixes, what it names, and what is refused of both."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_definition, a_repository, a_run, seen_run, serving
from tests.unit.plan.runs import decided

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRun, JobRunSpec, Phase
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run import plan_run

VARIABLES: list[dict[str, Any]] = [
    {"name": "who", "type": "StringVar", "default": "World"},
    {"name": "count", "type": "IntegerVar", "required": False},
    {"name": "password", "type": "StringVar", "sensitive": True, "required": False},
    {"name": "names", "type": "FileVar", "required": False},
]
NEEDED: list[dict[str, Any]] = [
    {"name": "password", "type": "StringVar", "sensitive": True},
    {"name": "names", "type": "FileVar"},
]
NAME = "netops.sync-vlans"


def secret(variable: str = "password", name: str = "login", key: str = "pw") -> dict[str, Any]:
    return {"variable": variable, "secretKeyRef": {"name": name, "key": key}}


def config_map(variable: str = "names", name: str = "lists", key: str = "all") -> dict[str, Any]:
    return {"variable": variable, "configMapKeyRef": {"name": name, "key": key}}


def run_of(**spec: Any) -> JobRun:
    told = {"definitionRef": {"name": NAME}, **spec}
    return a_run().model_copy(update={"spec": JobRunSpec.model_validate(told)})


def seen(run: dict[str, Any], definition: dict[str, Any], variables: Any = None) -> SeenRun:
    return seen_run(
        run=run_of(**run),
        definition=a_definition(spec=definition, status={"variables": variables or VARIABLES}),
        repository=a_repository(status=serving()),
    )


@pytest.mark.parametrize(
    ("run", "definition", "sentence"),
    [
        (
            {"inputs": {"who": "Ada"}},
            {"inputs": {"who": "Bob"}},
            f'Variable "who" is fixed by spec.inputs of JobDefinition "{NAME}": leave it out of '
            "spec.inputs.",
        ),
        (
            {"inputsFrom": [secret()]},
            {"inputsFrom": [secret(name="other")]},
            f'Variable "password" is fixed by spec.inputsFrom of JobDefinition "{NAME}": leave it '
            "out of spec.inputsFrom.",
        ),
        (
            {"inputsFrom": [secret("who")]},
            {"inputs": {"who": "Bob"}},
            f'Variable "who" is fixed by spec.inputs of JobDefinition "{NAME}": leave it out of '
            "spec.inputsFrom.",
        ),
        (
            {"inputs": {"who": "Ada"}, "inputsFrom": [secret("who")]},
            {},
            'Variable "who" stands in both spec.inputs and spec.inputsFrom: give it once.',
        ),
        (
            {"inputsFrom": [secret("whom")]},
            {},
            'spec.inputsFrom: Variable "whom" is unknown. The job\'s variables: who, count, '
            "password, names.",
        ),
        (
            {"inputsFrom": [config_map("password")]},
            {},
            'spec.inputsFrom: Variable "password": It is sensitive, so its value must come from a '
            "Secret: name it by secretKeyRef.",
        ),
        (
            {"inputs": {"password": "x"}},
            {},
            'Variable "password": It is sensitive, so its value may not stand in spec.inputs: name '
            "a key of a Secret in spec.inputsFrom.",
        ),
        (
            {"inputs": {"names": "x"}},
            {},
            "A file cannot stand in spec.inputs: name a key of a Secret or ConfigMap in "
            "spec.inputsFrom",
        ),
    ],
    ids=[
        "a value that is fixed",
        "a key where a key is fixed",
        "a key where a value is fixed",
        "a value and a key",
        "an unknown variable",
        "a secret from a ConfigMap",
        "a secret as it is",
        "a file as it is",
    ],
)
def test_what_a_run_may_not_set_is_refused_with_variable_and_field(
    run: dict[str, Any], definition: dict[str, Any], sentence: str
) -> None:
    phase, reason, message = decided(seen(run, definition))
    assert (phase, reason) == (Phase.REJECTED, Reason.INVALID_INPUTS)
    assert sentence in message
    assert message.endswith(" Create another JobRun with spec.inputs or spec.inputsFrom mended.")


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ({"inputs": {"whom": "Ada"}}, 'Variable "whom" is unknown.'),
        ({"inputsFrom": [secret("whom")]}, 'spec.inputsFrom: Variable "whom" is unknown.'),
        ({"inputs": {"count": "many"}}, 'Variable "count": Enter a whole number.'),
        ({"inputs": {"password": "x"}}, 'Variable "password": It is sensitive'),
        (
            {"inputs": {"who": "x"}, "overrides": {"hasSensitiveVariables": True}},
            'Variable "who": It is sensitive',
        ),
        (
            {"inputs": {"who": "x"}, "inputsFrom": [secret("who")]},
            'Variable "who" stands in both spec.inputs and spec.inputsFrom',
        ),
    ],
    ids=[
        "an unknown variable",
        "a key for an unknown variable",
        "a value that does not fit",
        "a secret as it is",
        "a secret by override",
        "a value and a key",
    ],
)
def test_what_a_definition_fixes_wrongly_is_told_to_its_admin(
    definition: dict[str, Any], sentence: str
) -> None:
    phase, reason, message = decided(seen({}, definition))
    assert (phase, reason) == (Phase.REJECTED, Reason.INVALID_INPUTS)
    assert f'In JobDefinition "{NAME}": {sentence}' in message
    assert message.endswith(f' Have an admin mend spec of JobDefinition "{NAME}".')


def test_a_required_value_that_nobody_gives_is_missed() -> None:
    message = decided(seen({}, {}, NEEDED))[2]
    assert 'Variable "password": This field is required.' in message
    assert 'Variable "names": This field is required.' in message


@pytest.mark.parametrize(
    ("run", "definition"),
    [
        ({"inputsFrom": [secret(), config_map()]}, {}),
        ({}, {"inputsFrom": [secret(), config_map()]}),
        ({"inputsFrom": [config_map()]}, {"inputsFrom": [secret()]}),
    ],
    ids=["by the run", "by the definition", "by each one"],
)
def test_required_values_may_come_by_reference(
    run: dict[str, Any], definition: dict[str, Any]
) -> None:
    assert plan_run(seen(run, definition, NEEDED)).create_batch_job is not None


def test_a_value_that_no_json_is_may_come_by_reference_into_any_variable() -> None:
    """What the file holds only the pod can know, and judge."""
    run = {"inputsFrom": [secret("count"), secret("who")]}
    assert plan_run(seen(run, {})).create_batch_job is not None
