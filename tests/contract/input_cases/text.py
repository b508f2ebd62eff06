"""Cases of StringVar, TextVar and the plain ScriptVariable."""

from __future__ import annotations

from typing import Final

from tests.contract.input_cases.case import (
    NOT_GIVEN,
    NULL_CHARACTERS,
    REQUIRED,
    InputCase,
    cases_of,
    only_the_pod,
    ours,
)

_string, _bad_string = cases_of("StringVar")
_text, _bad_text = cases_of("TextVar")
_any, _bad_any = cases_of("ScriptVariable")


def _regex(regex: str) -> str:
    return f"Invalid value. Must match regex: {regex}"


def _least(limit: str, length: int) -> str:
    return f"Ensure this value has at least {limit} (it has {length})."


def _most(limit: str, length: int) -> str:
    return f"Ensure this value has at most {limit} (it has {length})."


CASES: Final[list[InputCase]] = [
    _string("typical", "text is taken", "Ada", "Ada"),
    _string("edge", "text is stripped", "  Ada\n", "Ada"),
    _string("edge", "a number becomes text", 5, "5"),
    _string("edge", "a fraction becomes text", 5.5, "5.5"),
    _string("edge", "a list becomes text", ["a"], "['a']"),
    _string("edge", "an object becomes text", {"a": 1}, "{'a': 1}"),
    _string("edge", "a truth value becomes text", True, "True"),
    _string("edge", "false is not empty", False, "False"),
    _string("edge", "zero is not empty", 0, "0"),
    _string("edge", "lines within the text stay", "a\nb", "a\nb"),
    _bad_string("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_string("empty", "it may not be empty", "", REQUIRED),
    _bad_string("empty", "it may not be blank", "   ", REQUIRED),
    _bad_string("empty", "it may not be null", None, REQUIRED),
    _bad_string("empty", "an empty list is no text", [], REQUIRED),
    _bad_string("empty", "an empty object is no text", {}, REQUIRED),
    _string("missing", "left out where optional it is empty", NOT_GIVEN, "", required=False),
    _string("empty", "null where optional is empty text", None, "", required=False),
    _string("missing", "a default is taken", NOT_GIVEN, "world", default="world"),
    _string("missing", "a default is coerced too", NOT_GIVEN, "7", default=7),
    _string("missing", "an empty default counts", NOT_GIVEN, "", default="", required=False),
    _bad_string("empty", "an empty value beats a default", "", REQUIRED, default="world"),
    _string("empty", "it does so where optional", "", "", default="world", required=False),
    only_the_pod(
        _bad_string(
            "missing",
            "a default that does not fit is refused",
            NOT_GIVEN,
            _least("9 characters", 5),
            default="world",
            min_length=9,
        )
    ),
    _string("edge", "text of the least length", "ab", "ab", min_length=2),
    _bad_string("wrong", "too short", "a", _least("2 characters", 1), min_length=2),
    _bad_string(
        "edge", "length counts as stripped", " a ", _least("2 characters", 1), min_length=2
    ),
    _string("edge", "text of the greatest length", "ab", "ab", max_length=2),
    _bad_string("wrong", "too long", "abc", _most("2 characters", 3), max_length=2),
    _bad_string("edge", "a limit of one is singular", "ab", _most("1 character", 2), max_length=1),
    ours(_bad_string("edge", "a most of 0 counts", "a", _most("0 characters", 1), max_length=0)),
    _string("edge", "a least of zero lets all pass", "a", "a", min_length=0),
    _string("edge", "length counts characters, not bytes", "éé", "éé", max_length=2),
    _string("empty", "nothing is not measured", "", "", min_length=2, required=False),
    _string("edge", "a pattern is searched for", "AbC", "AbC", regex="[a-z]+"),
    _string("typical", "a pattern found in full", "core-1", "core-1", regex="^[a-z]+-[0-9]$"),
    _bad_string("wrong", "a pattern not found", "CORE", _regex("^[a-z]+$"), regex="^[a-z]+$"),
    only_the_pod(
        _bad_string("wrong", "a pattern of Python's own", "!", _regex(r"^\w+$"), regex=r"^\w+$")
    ),
    _bad_string(
        "wrong",
        "every complaint is made",
        "ABC",
        _regex("^[a-z]+$"),
        _most("2 characters", 3),
        regex="^[a-z]+$",
        max_length=2,
    ),
    _bad_string("wrong", "a null character", "a\x00b", NULL_CHARACTERS),
    _text("typical", "text of several lines", "a\nb", "a\nb"),
    _text("edge", "text is stripped", "\n a\n", "a"),
    _text("edge", "a number becomes text", 5, "5"),
    _text("edge", "zero is not empty", 0, "0"),
    _text("missing", "a default is taken", NOT_GIVEN, "x", default="x"),
    _bad_text("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_text("empty", "it may not be blank", " \n", REQUIRED),
    _bad_text("empty", "an empty list is no text", [], REQUIRED),
    _text("empty", "null where optional is empty text", None, "", required=False),
    _bad_text("wrong", "a null character", "\x00", NULL_CHARACTERS),
    _any("typical", "any text is taken", " Ada ", "Ada"),
    _any("edge", "a number becomes text", 5, "5"),
    only_the_pod(_bad_any("missing", "it must be given", NOT_GIVEN, REQUIRED)),
    only_the_pod(_bad_any("empty", "it may not be empty", "", REQUIRED)),
    _any("empty", "null where optional is empty text", None, "", required=False),
    only_the_pod(_bad_any("wrong", "a null character", "a\x00b", NULL_CHARACTERS)),
]
