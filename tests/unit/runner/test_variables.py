"""What authors rely on beside the table of inputs: options, choices, objects, addresses."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import count
from typing import Any

import pytest
from tests.contract.input_cases.objects import Device

import davit
from davit._inputs import cleaned_inputs
from davit._variables import ValueRefused
from davit.exceptions import InvalidInputs

PAIRS = [("red", "Red")]
COMMON = ("A label", "A description", "red", False, "a widget")
COMMON_NAMES = ("label", "description", "default", "required", "widget")


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
