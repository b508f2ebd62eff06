"""The operator refuses exactly what the runner refuses: the runner's own list of cases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter
from tests.contract.input_cases import CASES, NOT_GIVEN, InputCase
from tests.contract.input_cases.objects import Device

import davit
from davit._inputs import cleaned_inputs
from davit._runner.describe_variables import described_variables
from davit.exceptions import InvalidInputs
from davit_contract import VariableDescription, encode
from davit_operator.api.variable import Variable
from davit_operator.plan.inputs import input_problems

NUMBERS = ("5", " 5 ", "5.0", "5.", "1_000", "٣", "+7", "- 1", "1e3", ".0", "0x1", "9" * 5_000)
WORDS = (
    "",
    " ",
    "null",
    "red",
    "Red",
    "a\x00b",
    "[]",
    "[1",
    "{}",
    '""',
    '"\\u0000"',
    "NaN",
    "true",
)
ADDRESSES = ("192.0.2.1", "::1", "1.2.3", "/", "a/b", "1/2/3", "::1%1", "٣.0.0.1")
NETWORKS = ("192.0.2.0/24", "192.0.2.1/24", "::/0", "::1%1/64", "10.0.0.0/255.0.0.0")
MASKS = ("10.0.0.0/0.255.255.255", "10.0.0.0/255.0.255.0", "10.0.0.0/ 8", "10.0.0.0/٨")
TEXTS = st.text(max_size=6) | st.sampled_from([*NUMBERS, *WORDS, *ADDRESSES, *NETWORKS, *MASKS])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=2,
)
LIMITS = st.none() | st.integers(min_value=0, max_value=9)
BITS = st.none() | st.integers(min_value=0, max_value=40)
REQUIRED = st.booleans()
READER = TypeAdapter(VariableDescription)


def described(variable: davit.ScriptVariable) -> Variable:
    """Return what the operator knows of the author's variable, by way of the wire."""
    job_class = type("Described", (davit.Job,), {"value": variable})
    (description,) = described_variables(job_class)
    read = READER.validate_json(encode(description))
    return Variable.model_validate(json.loads(encode(read)))


def refused_by_runner(variable: davit.ScriptVariable, inputs: dict[str, Any]) -> list[str]:
    try:
        cleaned_inputs({"value": variable}, inputs)
    except InvalidInputs as refused:
        return refused.errors["value"]
    return []


def refused_by_operator(variable: davit.ScriptVariable, inputs: dict[str, Any]) -> list[str]:
    said = input_problems(inputs, [described(variable)])
    return [sentence.removeprefix('Variable "value": ') for sentence in said]


def assert_one_verdict(variable: davit.ScriptVariable, value: JsonValue) -> None:
    inputs = {"value": value}
    assert refused_by_operator(variable, inputs) == refused_by_runner(variable, inputs)


@pytest.mark.parametrize("case", [case for case in CASES if not case.only_python], ids=str)
def test_the_operator_gives_the_verdict_of_the_table(case: InputCase) -> None:
    inputs = {} if case.given is NOT_GIVEN else {"value": case.given}
    variable = getattr(davit, case.type)(**case.options)
    expected = [] if case.only_the_pod else case.messages
    assert refused_by_operator(variable, inputs) == expected


@given(value=VALUES, required=REQUIRED, least=LIMITS, most=LIMITS)
def test_both_give_one_verdict_on_any_number(
    value: JsonValue, required: bool, least: int | None, most: int | None
) -> None:
    assert_one_verdict(davit.IntegerVar(least, most, required=required), value)


@given(value=VALUES, required=REQUIRED, least=LIMITS, most=LIMITS)
def test_both_give_one_verdict_on_any_text(
    value: JsonValue, required: bool, least: int | None, most: int | None
) -> None:
    assert_one_verdict(davit.StringVar(least, most, required=required), value)
    assert_one_verdict(davit.TextVar(required=required), value)


@given(value=VALUES, required=REQUIRED)
def test_both_give_one_verdict_on_any_choice(value: JsonValue, required: bool) -> None:
    choices = [("red", "Red"), ("Cold", [(1, "One"), ("", "-")])]
    assert_one_verdict(davit.ChoiceVar(choices, required=required), value)
    assert_one_verdict(davit.MultiChoiceVar(choices, required=required), value)


@given(value=VALUES, required=REQUIRED)
def test_both_give_one_verdict_on_any_document_and_file(value: JsonValue, required: bool) -> None:
    assert_one_verdict(davit.JSONVar(required=required), value)
    assert_one_verdict(davit.FileVar(required=required), value)


@given(value=VALUES, required=REQUIRED, least=BITS, most=BITS)
def test_both_give_one_verdict_on_any_address(
    value: JsonValue, required: bool, least: int | None, most: int | None
) -> None:
    assert_one_verdict(davit.IPAddressVar(required=required), value)
    assert_one_verdict(davit.IPAddressWithMaskVar(required=required), value)
    assert_one_verdict(davit.IPNetworkVar(least, most, required=required), value)


@given(value=VALUES, required=REQUIRED, null_option=st.sampled_from([None, "None"]))
def test_the_operator_refuses_no_object_that_the_pod_might_find(
    value: JsonValue, required: bool, null_option: str | None
) -> None:
    for variable in (
        davit.ObjectVar(Device, null_option=null_option, required=required),
        davit.MultiObjectVar(Device, null_option=null_option, required=required),
    ):
        said = refused_by_operator(variable, {"value": value})
        assert said in ([], refused_by_runner(variable, {"value": value}))


@given(value=VALUES)
def test_both_take_anything_for_a_truth_value(value: JsonValue) -> None:
    for variable in (davit.BooleanVar(), davit.DryRunVar()):
        assert refused_by_operator(variable, {"value": value}) == []
        assert refused_by_runner(variable, {"value": value}) == []


def test_an_unknown_input_is_refused_and_the_known_ones_are_named() -> None:
    [problem] = input_problems({"whom": "Ada"}, [Variable(name="who", type="BooleanVar")])
    assert problem == 'Variable "whom" is unknown. The job\'s variables: who.'


def test_a_variable_of_a_kind_that_the_operator_does_not_know_is_left_to_the_runner() -> None:
    assert input_problems({"x": "?"}, [Variable(name="x", type="ColorVar")]) == ()
