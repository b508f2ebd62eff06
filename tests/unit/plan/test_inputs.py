"""Inputs and descriptions come from strangers: checking them takes little time, and never fails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from davit_operator.api.variable import Variable
from davit_operator.plan.inputs import input_problems


def problems(regex: str, value: str, *, portable: bool = True) -> tuple[str, ...]:
    variable = Variable(name="who", type="StringVar", regex=regex, regex_portable=portable)
    return input_problems({"who": value}, [variable])


@pytest.mark.parametrize(
    "regex",
    ["^[a-z]+$", "[0-9]{2,3}", "^(red|green)$", "^a?b*c$", r"^1\.2$", "^[^]x]$", "^[]x]$", "[*+?]"],
)
def test_a_simple_pattern_is_tried(regex: str) -> None:
    assert problems(regex, "NO!") == (f'Variable "who": Invalid value. Must match regex: {regex}',)


@pytest.mark.parametrize(
    ("regex", "value"),
    [
        pytest.param("^(a+)+$", "a" * 60 + "!", id="a repeat in a repeat"),
        pytest.param("^(a|a)*$", "a" * 60 + "!", id="alternatives in a repeat"),
        pytest.param("^(?:a|a){30}$", "a" * 29 + "!", id="alternatives in a counted repeat"),
        pytest.param("^" + "a*" * 12 + "$", "a" * 60 + "!", id="many repeats in a row"),
        pytest.param("a*b", "a" * 60_000, id="long text"),
        pytest.param("^" + "a?" * 40 + "a{40}$", "a" * 40 + "!", id="many options"),
        pytest.param("x" * 100_000, "y", id="a long pattern"),
    ],
)
def test_a_pattern_that_may_take_long_is_left_to_the_pod(regex: str, value: str) -> None:
    began = datetime.now(UTC)
    assert problems(regex, value) == ()
    assert (datetime.now(UTC) - began).total_seconds() < 1


def test_a_pattern_that_re2_reads_otherwise_is_left_to_the_pod() -> None:
    assert problems(r"^\w+$", "!", portable=False) == ()


def test_a_pattern_that_is_none_is_left_to_the_pod() -> None:
    assert problems("(", "x") == ()
    assert problems("a{2,1}", "x") == ()


def test_a_secret_is_not_taken_from_the_run_and_not_repeated() -> None:
    password = Variable(name="password", type="StringVar", sensitive=True)
    (problem,) = input_problems({"password": "hunter2"}, [password])
    assert problem.startswith('Variable "password": It is sensitive')
    assert "hunter2" not in problem


def test_thousands_of_mistakes_are_not_told_one_by_one() -> None:
    told = input_problems({f"no-{number}": "" for number in range(2_000)}, [])
    assert len(told) == 21
    assert told[-1] == "And 1,980 more."


def test_a_long_value_is_not_repeated_in_full() -> None:
    address = Variable(name="address", type="IPAddressVar")
    (problem,) = input_problems({"address": "9" * 60_000}, [address])
    assert len(problem) == 1_000


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param("JSONVar", "[" * 30_000, id="deep JSON"),
        pytest.param("JSONVar", "9" * 60_000, id="a long number"),
        pytest.param("IPAddressVar", ":" * 60_000, id="a long address"),
        pytest.param("IPNetworkVar", "1/" + "1" * 60_000, id="a long prefix"),
        pytest.param("MultiChoiceVar", ["x" * 9] * 5_000, id="many choices"),
        pytest.param("MultiObjectVar", [0] * 30_000, id="many objects"),
    ],
)
def test_a_hostile_value_is_judged_at_once(kind: str, value: JsonValue) -> None:
    began = datetime.now(UTC)
    input_problems({"value": value}, [Variable(name="value", type=kind, choices=[])])
    assert (datetime.now(UTC) - began).total_seconds() < 1


def test_a_type_that_this_operator_does_not_know_is_left_to_the_runner() -> None:
    assert input_problems({"value": 5}, [Variable(name="value", type="ScriptVariable")]) == ()
