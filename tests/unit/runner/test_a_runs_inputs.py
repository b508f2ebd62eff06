"""The inputs of a run: their types, their defaults, and what handlers receive of them."""

from __future__ import annotations

import json
from importlib import import_module
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import count
from typing import Any

import pytest
from tests.contract.input_cases.objects import Device

import davit
from davit._inputs import cleaned_inputs, serialized_inputs

PAIRS = [("red", "Red")]


class Everything(davit.Job):
    """Type checkers accept ``run()`` with the type of each variable."""

    string = davit.StringVar()
    text = davit.TextVar(required=False)
    number = davit.IntegerVar()
    truth = davit.BooleanVar()
    dryrun = davit.DryRunVar()
    choice = davit.ChoiceVar(choices=PAIRS)
    choices = davit.MultiChoiceVar(choices=PAIRS)
    device = davit.ObjectVar(model=Device)
    devices = davit.MultiObjectVar(model=Device)
    file = davit.FileVar()
    address = davit.IPAddressVar()
    interface = davit.IPAddressWithMaskVar()
    network = davit.IPNetworkVar()
    document = davit.JSONVar()

    def run(  # noqa: PLR0913 (one of each)
        self,
        *,
        string: str,
        text: str,
        number: int,
        truth: bool,
        dryrun: bool,
        choice: str,
        choices: list[str],
        device: Device,
        devices: list[Device],
        file: davit.UploadedFile,
        address: IPv4Address,
        interface: IPv4Interface,
        network: IPv4Network,
        document: Any,
    ) -> None:
        """Do nothing."""


GIVEN = {
    "string": " a ",
    "number": "5",
    "truth": "yes",
    "choice": "red",
    "choices": ["red"],
    "device": {"name": "spine"},
    "devices": ["1"],
    "file": b"content",
    "address": "192.0.2.1",
    "interface": "192.0.2.1/24",
    "network": "192.0.2.0/24",
    "document": '{"a": [1]}',
}


def test_handlers_receive_what_json_can_hold() -> None:
    variables = Everything._get_vars()
    values = cleaned_inputs(variables, GIVEN)
    assert json.loads(json.dumps(serialized_inputs(variables, values))) == {
        **GIVEN,
        "string": "a",
        "text": "",
        "number": 5,
        "truth": True,
        "dryrun": False,
        "device": 1,
        "devices": [1],
        "file": "file",
        "document": {"a": [1]},
    }


def test_nothing_is_serialized_as_nothing() -> None:
    variables = {
        name: getattr(davit, kind)(*options, required=False)
        for name, kind, *options in (
            ("device", "ObjectVar", Device),
            ("file", "FileVar"),
            ("address", "IPAddressVar"),
        )
    }
    values = cleaned_inputs(variables, {})
    assert serialized_inputs(variables, values) == dict.fromkeys(variables)


def test_a_job_of_all_variables_runs() -> None:
    result = import_module("davit.testing").run_job_for_testing(Everything, job_kwargs=GIVEN)
    assert result.status == "SUCCESS", result.traceback


def test_a_default_may_be_a_function_that_each_run_calls() -> None:
    numbers = count(1)
    variables = {"number": davit.IntegerVar(default=lambda: next(numbers))}
    assert [cleaned_inputs(variables, {})["number"] for _ in range(2)] == [1, 2]


def test_runs_do_not_share_a_default_that_can_be_changed() -> None:
    variables = {"tags": davit.JSONVar(default={"a": []})}
    cleaned_inputs(variables, {})["tags"]["a"].append(1)
    assert cleaned_inputs(variables, {})["tags"] == {"a": []}


@pytest.mark.parametrize(
    ("inputs", "dryrun"),
    [({}, True), ({"dryrun": False}, False), ({"dryrun": True}, True)],
    ids=["left out", "false", "true"],
)
def test_a_dry_run_is_what_meta_says_unless_the_requester_says(
    inputs: dict[str, Any], dryrun: bool
) -> None:
    variables = {"dryrun": davit.DryRunVar()}
    assert cleaned_inputs(variables, inputs, dryrun_default=True) == {"dryrun": dryrun}
    plain = {"dryrun": davit.BooleanVar(), "dry": davit.DryRunVar()}
    assert not any(cleaned_inputs(plain, {}, dryrun_default=True).values())
