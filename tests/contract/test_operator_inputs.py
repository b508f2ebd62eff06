"""The operator refuses exactly what the runner refuses: the runner's own list of cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from tests.contract.input_cases import CASES, NOT_GIVEN, InputCase

import davit
from davit._inputs import cleaned_inputs
from davit.exceptions import InvalidInputs
from davit_operator.api.jobdefinition import Variable
from davit_operator.plan.inputs import input_problems

TEXTS = st.text(max_size=6) | st.sampled_from(
    ["", " ", "5", " 5 ", "5.0", "5.", "1_000", "٣", "+7", "- 1", "1e3", ".0", "0x1", "9" * 5_000]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=2,
)
LIMITS = st.none() | st.integers(min_value=0, max_value=9)


def variable_of(case: InputCase) -> Variable:
    regex = case.variable.get("regex")
    return Variable.model_validate(
        {"name": "value", "regex_portable": regex is not None, **case.variable}
    )


def refused_by_runner(variable: davit.ScriptVariable, value: object) -> list[str]:
    try:
        cleaned_inputs({"value": variable}, {"value": value})
    except InvalidInputs as refused:
        return refused.errors["value"]
    return []


def refused_by_operator(variable: Variable, value: JsonValue) -> list[str]:
    said = input_problems({"value": value}, [variable])
    return [sentence.removeprefix('Variable "value": ') for sentence in said]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.variable['type']}: {case.sentence}"
)
def test_the_operator_gives_the_verdict_of_the_table(case: InputCase) -> None:
    inputs = {} if case.given is NOT_GIVEN else {"value": case.given}
    expected = [f'Variable "value": {message}' for message in case.messages]
    assert list(input_problems(inputs, [variable_of(case)])) == expected


@given(value=VALUES, required=st.booleans(), least=LIMITS, most=LIMITS)
def test_both_give_one_verdict_on_any_number(
    value: JsonValue, required: bool, least: int | None, most: int | None
) -> None:
    author = davit.IntegerVar(min_value=least, max_value=most, required=required)
    described = Variable(name="value", type="IntegerVar", required=required, min=least, max=most)
    assert refused_by_operator(described, value) == refused_by_runner(author, value)


@given(value=VALUES, required=st.booleans(), least=LIMITS, most=LIMITS)
def test_both_give_one_verdict_on_any_text(
    value: JsonValue, required: bool, least: int | None, most: int | None
) -> None:
    author = davit.StringVar(min_length=least, max_length=most, required=required)
    described = Variable(
        name="value", type="StringVar", required=required, min_length=least, max_length=most
    )
    assert refused_by_operator(described, value) == refused_by_runner(author, value)


@given(value=VALUES)
def test_both_take_anything_for_a_truth_value(value: JsonValue) -> None:
    described = Variable(name="value", type="BooleanVar", required=False)
    assert refused_by_operator(described, value) == []
    assert refused_by_runner(davit.BooleanVar(), value) == []


def test_an_unknown_input_is_refused_and_the_known_ones_are_named() -> None:
    [problem] = input_problems({"whom": "Ada"}, [Variable(name="who", type="BooleanVar")])
    assert problem == 'Variable "whom" is unknown. The job\'s variables: who.'


def test_a_variable_of_a_kind_that_the_operator_does_not_know_is_left_to_the_runner() -> None:
    assert refused_by_operator(Variable(name="value", type="IPAddressVar"), "no address") == []
