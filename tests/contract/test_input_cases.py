from __future__ import annotations

from typing import Any

import pytest
from tests.contract.input_cases import CASES, NOT_GIVEN, InputCase

import davit
from davit._inputs import cleaned_inputs
from davit.exceptions import InvalidInputs

# Where the authors' option has another name than the description's field.
OPTIONS = {"min": "min_value", "max": "max_value"}


def variable_of(description: dict[str, Any]) -> davit.ScriptVariable:
    options = {OPTIONS.get(key, key): value for key, value in description.items() if key != "type"}
    found = getattr(davit, description["type"])(**options)
    assert isinstance(found, davit.ScriptVariable)
    return found


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.variable['type']}: {case.sentence}"
)
def test_the_runner_gives_the_verdict_of_the_table(case: InputCase) -> None:
    inputs = {} if case.given is NOT_GIVEN else {"value": case.given}
    variables = {"value": variable_of(case.variable)}
    if case.messages:
        with pytest.raises(InvalidInputs) as refused:
            cleaned_inputs(variables, inputs)
        assert refused.value.errors == {"value": case.messages}
    else:
        received = cleaned_inputs(variables, inputs)["value"]
        assert (type(received), received) == (type(case.received), case.received)


def test_an_unknown_input_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InvalidInputs, match=r"unknown property\. This job's variables: who"):
        cleaned_inputs({"who": davit.StringVar(required=False)}, {"whom": "Ada"})
