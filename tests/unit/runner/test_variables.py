"""What authors rely on beside the table of inputs: options, defaults, functions, files, secrets."""

from __future__ import annotations

import io
import json
import sys
from importlib import import_module
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.contract.input_cases.objects import Device

import davit
from davit import UploadedFile
from davit._inputs import cleaned_inputs, serialized_inputs
from davit._variables import ValueRefused
from davit.exceptions import InvalidInputs

PAIRS = [("red", "Red")]
COMMON = ("A label", "A description", "red", False, "a widget")
COMMON_NAMES = ("label", "description", "default", "required", "widget")


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


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("ScriptVariable", {}),
        ("StringVar", {"min_length": 1, "max_length": 9, "regex": "^r"}),
        ("TextVar", {}),
        ("IntegerVar", {"min_value": 1, "max_value": 9}),
        ("FileVar", {}),
        ("IPAddressVar", {}),
        ("IPAddressWithMaskVar", {}),
        ("IPNetworkVar", {"min_prefix_length": 8, "max_prefix_length": 24}),
        ("JSONVar", {}),
    ],
)
@pytest.mark.parametrize("spelling", ["davit", "nautobot.apps.jobs", "nautobot.extras.jobs"])
def test_options_have_nautobots_order(spelling: str, name: str, own: dict[str, Any]) -> None:
    variable = getattr(import_module(spelling), name)(*own.values(), *COMMON)
    expected = {**own, **dict(zip(COMMON_NAMES, COMMON, strict=True))}
    assert {option: getattr(variable, option) for option in expected} == expected


def test_options_of_choices_and_objects_have_nautobots_order() -> None:
    for choice in (davit.ChoiceVar(PAIRS, *COMMON), davit.MultiChoiceVar(PAIRS, *COMMON)):
        assert [*choice.choices] == [("red", "Red", "")]
        assert (choice.label, choice.default, choice.required) == ("A label", "red", False)
    for item in (davit.ObjectVar, davit.MultiObjectVar):
        device = item(Device, None, "name", {"site": "$site"}, "none", *COMMON)
        assert (device.model, device.display_field, device.null_option) == (Device, "name", "none")
        assert (device.query_params, device.label) == ({"site": "$site"}, "A label")


def test_a_truth_value_is_never_required_and_a_dry_run_is_described() -> None:
    assert davit.BooleanVar("A label", "", True, required=True).required is False
    assert davit.DryRunVar().description == "Check to run job in dryrun mode."
    assert davit.DryRunVar(description="Only look").description == "Only look"
    assert davit.DryRunVar(default=True).default is False


def test_an_option_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="min_lenght"):
        davit.StringVar(min_lenght=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (["red", "green"], r"'red' is none. Write choices=\[\('red', 'Red'\), ...\]"),
        (["ab"], r"'ab' is none. Write choices=\[\('ab', 'Ab'\)"),
        ("red", "'red' is none"),
        ([("red", "Red", 1)], r"\('red', 'Red', 1\) is none"),
        ([("Warm", ["red"])], "'red' is none"),
        ([("Warm", [("red", [("a", "b")])])], "is none"),
        ([1, 2], "1 is none"),
        ({"Warm": ["red"]}, "'red' is none"),
        (None, "None is none"),
    ],
    ids=repr,
)
def test_choices_that_are_no_pairs_are_refused_with_an_example(choices: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"The choices of ChoiceVar are pairs .*{words}"):
        davit.ChoiceVar(choices)
    late = davit.ChoiceVar(lambda: choices)
    with pytest.raises(TypeError, match=words):
        late.clean("red")


def test_a_function_of_choices_is_called_when_a_value_is_checked() -> None:
    numbers = count(1)
    variable = davit.ChoiceVar(lambda: [(next(numbers), "A number")])
    assert [variable.clean("1"), variable.clean("2")] == ["1", "2"]
    with pytest.raises(ValueRefused, match="1 is not one of"):
        variable.clean("1")


def test_choices_may_be_any_iterable_a_choice_set_or_an_enumeration() -> None:
    class Colors:
        choices = PAIRS

    levels = import_module("nautobot.apps.choices").LogLevelChoices
    assert davit.ChoiceVar(iter(PAIRS)).clean("red") == "red"
    assert davit.ChoiceVar(Colors).clean("red") == "red"
    assert davit.ChoiceVar(levels).clean("info") == "info"


def test_an_object_variable_needs_a_model_that_finds_objects() -> None:
    with pytest.raises(TypeError, match=r"^ObjectVar must specify a model$"):
        davit.ObjectVar()
    with pytest.raises(TypeError, match=r"The model int of ObjectVar finds no objects. Give it"):
        davit.MultiObjectVar(model=int)


def test_an_error_of_the_authors_own_class_is_not_taken_for_a_wrong_value() -> None:
    class Unreachable:
        def get(self, _: object) -> object:
            raise ConnectionError("no route")

        def filter(self, **_: object) -> list[object]:
            raise ConnectionError("no route")

    for value in (1, {"name": "a"}):
        with pytest.raises(ConnectionError, match="no route"):
            davit.ObjectVar(Unreachable()).clean(value)


def test_what_a_model_says_of_missing_objects_is_understood() -> None:
    class Shelf:
        class DoesNotExist(Exception):  # noqa: N818 (Django's name)
            pass

        @classmethod
        def get(cls, key: str) -> str:
            raise cls.DoesNotExist if key == "own" else KeyError(key)

        @classmethod
        def filter(cls, **_: object) -> list[str]:
            raise cls.DoesNotExist

    for value in ("own", "other", {"name": "a"}):
        with pytest.raises(ValueRefused, match="That choice is not one of"):
            davit.ObjectVar(Shelf).clean(value)


def test_a_file_may_be_a_path_or_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_bytes(b"a\nb\n")
    variable = davit.FileVar()
    with path.open() as text:
        for given in (path, text, UploadedFile.from_path(path)):
            file = variable.clean(given)
            assert (file.name, file.size, file.read()) == ("hosts.csv", 4, b"a\nb\n")
    assert variable.clean(io.BytesIO(b"x")).name == "file"


def test_a_path_without_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueRefused, match="gone cannot be read: No such file or directory"):
        davit.FileVar().clean(tmp_path / "gone")


def test_an_uploaded_file_reads_as_djangos_does() -> None:
    file = UploadedFile(b"ab\ncd", "/folder/name.txt")
    assert [*file] == [b"ab\n", b"cd"]
    assert [*file.chunks(2)] == [b"ab", b"\nc", b"d"]
    assert [*file.chunks()] == [b"ab\ncd"]
    assert (file.multiple_chunks(2), file.multiple_chunks()) == (True, False)
    assert (str(file), repr(file)) == ("name.txt", "<UploadedFile: name.txt (5 bytes)>")
    assert file.open().readline() == b"ab\n"
    assert davit.FileVar().clean(file).read() == b"ab\ncd"


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


def test_is_variable_knows_variables() -> None:
    assert davit.is_variable(davit.StringVar())
    assert not davit.is_variable(davit.StringVar)
    assert not davit.is_variable("text")


def test_without_netaddr_nautobots_addresses_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "netaddr", None)
    variable = import_module("nautobot.apps.jobs").IPAddressVar(required=False)
    assert variable.clean("") is None
    with pytest.raises(InvalidInputs, match="Invalid IPv4/IPv6 address format: x"):
        cleaned_inputs({"address": variable}, {"address": "x"})
    with pytest.raises(ModuleNotFoundError, match=r"Install davit\[nautobot\]"):
        variable.clean("192.0.2.1")
