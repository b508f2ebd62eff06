"""What the API server makes of inputs by reference and of a runner's environment."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.kube import RefusedError
from tests.integration.place import CLASS_PATH, Place

SECRET = {"secretKeyRef": {"name": "device-login", "key": "password"}}
CONFIG_MAP = {"configMapKeyRef": {"name": "sites", "key": "sites.csv"}}
ONE_OF_TWO = "set exactly one of secretKeyRef and configMapKeyRef"


def named(variable: str, **reference: Any) -> dict[str, Any]:
    return {"variable": variable, **(reference or SECRET)}


def run_spec(**more: Any) -> dict[str, Any]:
    return {"definitionRef": {"name": "not-there"}, **more}


def definition_spec(**more: Any) -> dict[str, Any]:
    return {"repositoryRef": {"name": "r"}, "classPath": CLASS_PATH, **more}


def refusal(place: Place, kind: str, spec: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as refused:
        place.create(kind, "refused", spec=spec)
    return refused.value.message


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([{"variable": "password"}], ONE_OF_TWO),
        ([{"variable": "password", **SECRET, **CONFIG_MAP}], ONE_OF_TWO),
        ([named("password"), named("password")], "Duplicate value"),
        ([named(f"v{number}") for number in range(21)], "must have at most 20 items"),
        ([named("a b")], "inputsFrom[0].variable"),
        (
            [named("p", secretKeyRef={"name": "Login", "key": "k"})],
            "inputsFrom[0].secretKeyRef.name",
        ),
        ([named("p", secretKeyRef={"name": "a", "key": "../k"})], "inputsFrom[0].secretKeyRef.key"),
        ([named("p", secretKeyRef={"name": "a"})], "inputsFrom[0].secretKeyRef.key"),
        ([named("p", secretKeyRef={"name": "a", "key": "k", "namespace": "b"})], "namespace"),
    ],
    ids=[
        "neither",
        "both",
        "one variable twice",
        "too many",
        "no name of a variable",
        "no name of a Secret",
        "a path as key",
        "no key",
        "another namespace",
    ],
)
@pytest.mark.parametrize(
    ("kind", "spec"), [("JobRun", run_spec), ("JobDefinition", definition_spec)]
)
def test_a_reference_that_cannot_work_is_refused_with_the_field(
    place: Place, kind: str, spec: Any, sources: list[Any], message: str
) -> None:
    assert message in refusal(place, kind, spec(inputsFrom=sources))


def test_twenty_references_to_both_kinds_are_accepted(place: Place) -> None:
    sources = [named("file", **CONFIG_MAP), *(named(f"v{number}") for number in range(19))]
    made = place.create("JobRun", "many", spec=run_spec(inputsFrom=sources))
    assert made["spec"]["inputsFrom"] == sources


@pytest.mark.parametrize(
    "change", [{"inputsFrom": [named("token")]}, {"inputsFrom": None}], ids=["changed", "removed"]
)
def test_what_a_run_is_given_cannot_change(place: Place, change: dict[str, Any]) -> None:
    place.create("JobRun", "fixed", spec=run_spec(inputsFrom=[named("password")]))
    with pytest.raises(RefusedError, match="inputsFrom is immutable"):
        place.patch("JobRun", "fixed", {"spec": change})


def test_a_run_that_was_given_nothing_takes_no_reference_later(place: Place) -> None:
    place.create("JobRun", "fixed", spec=run_spec())
    with pytest.raises(RefusedError, match="inputsFrom is immutable"):
        place.patch("JobRun", "fixed", {"spec": {"inputsFrom": [named("password")]}})


def test_an_admin_changes_what_a_definition_fixes(place: Place) -> None:
    spec = definition_spec(inputs={"site": "ber"}, inputsFrom=[named("password")])
    place.create("JobDefinition", "fixes", spec=spec)
    change = {"inputs": {"site": None, "deep": {"a": [1]}}, "inputsFrom": [named("token")]}
    changed = place.patch("JobDefinition", "fixes", {"spec": change})
    assert changed["spec"]["inputs"] == {"deep": {"a": [1]}}
    assert changed["spec"]["inputsFrom"] == [named("token")]


@pytest.mark.parametrize(
    ("runner", "message"),
    [
        ({"env": [{"name": "A"}]}, "set exactly one of value and valueFrom"),
        (
            {"env": [{"name": "A", "value": "", "valueFrom": CONFIG_MAP}]},
            "set exactly one of value and valueFrom",
        ),
        ({"env": [{"name": "A", "valueFrom": SECRET}]}, "secretKeyRef"),
        ({"env": [{"name": "A=B", "value": "x"}]}, "spec.runner.env[0].name"),
        ({"env": [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]}, "Duplicate value"),
        ({"envFrom": [{"configMapRef": {"name": "a"}}]}, "configMapRef"),
        ({"envFrom": [{"prefix": "A"}]}, "spec.runner.envFrom[0].secretRef"),
    ],
    ids=[
        "no value",
        "two values",
        "a Secret in the open",
        "no name",
        "one name twice",
        "a whole ConfigMap",
        "no Secret",
    ],
)
def test_an_environment_that_cannot_work_is_refused_with_the_field(
    place: Place, runner: dict[str, Any], message: str
) -> None:
    assert message in refusal(place, "JobDefinition", definition_spec(runner=runner))


def test_an_environment_as_core_v1_spells_it_is_accepted(place: Place) -> None:
    runner = {
        "env": [
            {"name": "HTTPS_PROXY", "value": ""},
            {"name": "SITE", "valueFrom": {"configMapKeyRef": {"name": "site", "key": "name"}}},
        ],
        "envFrom": [{"prefix": "LOGIN_", "secretRef": {"name": "device-login"}}],
    }
    made = place.create("JobDefinition", "chosen", spec=definition_spec(runner=runner))
    assert made["spec"]["runner"] == runner


@pytest.mark.parametrize("key", ["requestedBy", "cancelRequestedBy"])
def test_who_asked_cannot_change(place: Place, key: str) -> None:
    place.create("JobRun", "asked", spec=run_spec(**{key: "system:admin"}))
    with pytest.raises(RefusedError, match=f"{key} is immutable"):
        place.patch("JobRun", "asked", {"spec": {key: "bob"}})
