"""Cases of ChoiceVar and MultiChoiceVar."""

from __future__ import annotations

from typing import Final

from tests.contract.input_cases.case import (
    NO_LIST,
    NOT_GIVEN,
    REQUIRED,
    InputCase,
    cases_of,
    only_the_pod,
)

_COLORS: Final = (("red", "Red"), ("green", "Green"))
_GROUPS: Final = (("Warm", (("red", "Red"), ("orange", "Orange"))), ("blue", "Blue"))
_NUMBERS: Final = [(1, "One"), (2, "Two")]
_choice, _bad_choice = cases_of("ChoiceVar", choices=_COLORS)
_many, _bad_many = cases_of("MultiChoiceVar", choices=_COLORS)


def _no_choice(value: object) -> str:
    return f"Select a valid choice. {value} is not one of the available choices."


def _from_function() -> tuple[tuple[str, str], ...]:
    return _COLORS


CASES: Final[list[InputCase]] = [
    _choice("typical", "one of the choices", "red", "red"),
    _choice("edge", "of a group", "orange", "orange", choices=_GROUPS),
    _choice("edge", "beside a group", "blue", "blue", choices=_GROUPS),
    _bad_choice("wrong", "a group is no choice", "Warm", _no_choice("Warm"), choices=_GROUPS),
    _choice("edge", "a number becomes text", 1, "1", choices=_NUMBERS),
    _choice("edge", "a number as text", "2", "2", choices=_NUMBERS),
    _bad_choice("wrong", "a number that is none", 3, _no_choice(3), choices=_NUMBERS),
    _choice("edge", "choices from a function", "red", "red", choices=_from_function),
    _bad_choice("wrong", "none of a function's", "x", _no_choice("x"), choices=_from_function),
    _choice("edge", "choices as a dict", "r", "r", choices={"r": "Red", "Cold": {"b": "Blue"}}),
    _choice("edge", "a group of a dict", "b", "b", choices={"r": "Red", "Cold": {"b": "Blue"}}),
    _choice("edge", "a truth value among them", True, "True", choices=[(True, "Yes")]),
    _bad_choice("wrong", "none of the choices", "blue", _no_choice("blue")),
    _bad_choice("wrong", "a label is no value", "Red", _no_choice("Red")),
    _bad_choice("wrong", "blanks count", " red", _no_choice(" red")),
    _bad_choice("wrong", "a list", ["red"], _no_choice("['red']")),
    _bad_choice("wrong", "zero", 0, _no_choice(0)),
    _bad_choice("wrong", "of no choices", "red", _no_choice("red"), choices=[]),
    _bad_choice("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_choice("empty", "it may not be empty", "", REQUIRED),
    _bad_choice("empty", "it may not be null", None, REQUIRED),
    _bad_choice("empty", "an empty list is none", [], REQUIRED),
    _bad_choice("empty", "an empty choice is no value", "", REQUIRED, choices=[("", "-")]),
    _choice("missing", "left out where optional", NOT_GIVEN, "", required=False),
    _choice("empty", "null where optional", None, "", required=False),
    _choice("missing", "a default is taken", NOT_GIVEN, "red", default="red"),
    _choice("missing", "a default number", NOT_GIVEN, "1", default=1, choices=_NUMBERS),
    only_the_pod(
        _bad_choice(
            "missing", "a default that is no choice", NOT_GIVEN, _no_choice("x"), default="x"
        )
    ),
    _many("typical", "some of the choices", ["red", "green"], ["red", "green"]),
    _many("edge", "in the given order", ["green", "red"], ["green", "red"]),
    _many("edge", "one twice", ["red", "red"], ["red", "red"]),
    _many("edge", "numbers become text", [1, "2"], ["1", "2"], choices=_NUMBERS),
    _many("edge", "of a group", ["orange"], ["orange"], choices=_GROUPS),
    _many("edge", "choices from a function", ["red"], ["red"], choices=_from_function),
    _bad_many("wrong", "a scalar", "red", NO_LIST),
    _bad_many("wrong", "an object", {"red": 1}, NO_LIST),
    _bad_many("wrong", "a number", 1, NO_LIST),
    _bad_many("wrong", "one that is no choice", ["red", "x"], _no_choice("x")),
    _bad_many("wrong", "the first that is no choice is told", ["y", "x"], _no_choice("y")),
    _bad_many("wrong", "an item that is nothing", [None], _no_choice(None)),
    _bad_many("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_many("empty", "it may not be empty", [], REQUIRED),
    _bad_many("empty", "it may not be null", None, REQUIRED),
    _bad_many("empty", "zero counts as empty", 0, REQUIRED),
    _bad_many("empty", "false counts as empty", False, REQUIRED),
    _many("missing", "left out where optional", NOT_GIVEN, [], required=False),
    _many("empty", "empty text where optional", "", [], required=False),
    _many("missing", "a default is taken", NOT_GIVEN, ["red"], default=["red"]),
    _many("empty", "an empty list beats a default", [], [], default=["red"], required=False),
]
