"""The runner gives the verdicts of the table, with either spelling of the variables."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import netaddr
import pytest
from tests.contract.input_cases import ADDRESSES, CASES, KINDS, NOT_GIVEN, InputCase
from tests.contract.input_cases.files import Received

import davit
from davit._inputs import cleaned_inputs
from davit._variables import UploadedFile
from davit.exceptions import InvalidInputs

NAUTOBOT = import_module("nautobot.apps.jobs")
NEVER_WRONG = {"BooleanVar", "DryRunVar"}
TYPES = {name for name in davit.__all__ if name.endswith("Var")} | {"ScriptVariable"}


def received_by_run(case: InputCase, spelling: ModuleType) -> Any:
    """Return what ``run()`` receives, or the list of messages of a refusal."""
    variable = getattr(spelling, case.type)(**case.options)
    inputs = {} if case.given is NOT_GIVEN else {"value": case.given}
    received = cleaned_inputs({"value": variable}, inputs)["value"]
    if isinstance(received, UploadedFile):
        return Received(received.name, received.read())
    return received


def refusal(case: InputCase, spelling: ModuleType) -> list[str]:
    with pytest.raises(InvalidInputs) as refused:
        received_by_run(case, spelling)
    return refused.value.errors["value"]


def in_netaddr(case: InputCase) -> Any:
    if case.received is None:
        return None
    kind = netaddr.IPAddress if case.type == "IPAddressVar" else netaddr.IPNetwork
    return kind(str(case.received))


def test_the_table_is_large_and_has_every_kind_of_case_for_every_type() -> None:
    wanted = {(name, kind) for name in TYPES for kind in KINDS}
    wanted -= {(name, "wrong") for name in NEVER_WRONG}
    assert wanted <= {(case.type, case.kind) for case in CASES}
    assert len(CASES) >= 150
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_runner_gives_the_verdict_of_the_table(case: InputCase) -> None:
    if case.messages:
        assert refusal(case, davit) == case.messages
    else:
        received = received_by_run(case, davit)
        assert (type(received), received) == (type(case.received), case.received)


@pytest.mark.parametrize("case", ADDRESSES, ids=str)
def test_nautobots_spelling_gives_the_same_verdict_and_netaddrs_objects(case: InputCase) -> None:
    if case.messages:
        assert refusal(case, NAUTOBOT) == case.messages
    else:
        received, expected = received_by_run(case, NAUTOBOT), in_netaddr(case)
        assert (type(received), received) == (type(expected), expected)


def test_an_unknown_input_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InvalidInputs, match=r"unknown property\. This job's variables: who"):
        cleaned_inputs({"who": davit.StringVar(required=False)}, {"whom": "Ada"})


def test_every_variable_that_does_not_fit_is_told() -> None:
    variables = {"a": davit.StringVar(), "b": davit.IntegerVar()}
    with pytest.raises(InvalidInputs) as refused:
        cleaned_inputs(variables, {"b": "x", "c": 1})
    assert [*refused.value.errors] == ["c", "a", "b"]
