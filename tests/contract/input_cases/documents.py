"""Cases of JSONVar."""

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

_INVALID: Final = "Enter a valid JSON."
_json, _bad_json = cases_of("JSONVar")

CASES: Final[list[InputCase]] = [
    _json("typical", "an object as text", '{"a": [1, null]}', {"a": [1, None]}),
    _json("typical", "an object", {"a": [1, None]}, {"a": [1, None]}),
    _json("typical", "a list", [1, "a"], [1, "a"]),
    _json("edge", "a list as text", "[1]", [1]),
    _json("edge", "a number as text", "5", 5),
    _json("edge", "a fraction as text", "5.5", 5.5),
    _json("edge", "a truth value as text", "false", False),
    _json("edge", "a text in its quotes", '"a"', "a"),
    _json("edge", "a blank text in its quotes", '" "', " "),
    _json("edge", "a number", 5, 5),
    _json("edge", "zero", 0, 0),
    _json("edge", "false is a value", False, False),
    _json("edge", "blanks around it", " [1] ", [1]),
    _bad_json("wrong", "a word without quotes", "a", _INVALID),
    _bad_json("wrong", "a blank", " ", _INVALID),
    _bad_json("wrong", "Python's quotes", "{'a': 1}", _INVALID),
    _bad_json("wrong", "two values", "1 2", _INVALID),
    _bad_json("wrong", "half a value", '{"a":', _INVALID),
    # Django lets the RecursionError through.
    ours(_bad_json("wrong", "nested without end", "[" * 30_000, _INVALID)),
    _bad_json("wrong", "a null character", '"a\\u0000b"', NULL_CHARACTERS),
    _bad_json("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_json("empty", "it may not be null", None, REQUIRED),
    _bad_json("empty", "null as text is none", "null", REQUIRED),
    _bad_json("empty", "an empty object is none", {}, REQUIRED),
    _bad_json("empty", "an empty object as text is none", "{}", REQUIRED),
    _bad_json("empty", "an empty list is none", [], REQUIRED),
    _bad_json("empty", "an empty list as text is none", "[]", REQUIRED),
    _bad_json("empty", "an empty text in its quotes is none", '""', REQUIRED),
    _bad_json("empty", "it may not be empty text", "", REQUIRED),
    _json("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _json("empty", "empty text where optional", "", None, required=False),
    _json("empty", "an empty object where optional", {}, None, required=False),
    _json("empty", "an empty object as text where optional", "{}", {}, required=False),
    _json("missing", "a default is taken", NOT_GIVEN, {"a": 1}, default={"a": 1}),
    _json("missing", "a default as text", NOT_GIVEN, {"a": 1}, default='{"a": 1}'),
    only_the_pod(_bad_json("missing", "a default that is none", NOT_GIVEN, _INVALID, default="a")),
]
