"""Cases of IntegerVar."""

from __future__ import annotations

from typing import Final

from tests.contract.input_cases.case import (
    NOT_GIVEN,
    REQUIRED,
    InputCase,
    cases_of,
    only_the_pod,
    ours,
)

_number, _bad_number = cases_of("IntegerVar")
_WHOLE: Final = "Enter a whole number."


def _least(limit: int) -> str:
    return f"Ensure this value is greater than or equal to {limit}."


def _most(limit: int) -> str:
    return f"Ensure this value is less than or equal to {limit}."


CASES: Final[list[InputCase]] = [
    _number("typical", "a whole number", 5, 5),
    _number("typical", "a number as text", "5", 5),
    _number("edge", "a number as padded text", " 7 ", 7),
    _number("edge", "a whole fraction", 5.0, 5),
    _number("edge", "a whole fraction as text", "5.0", 5),
    _number("edge", "a point at the end", "5.", 5),
    _number("edge", "a negative number", "-3", -3),
    _number("edge", "a sign", "+3", 3),
    _number("edge", "Python's underscores", "1_000", 1000),
    _number("edge", "zero is a number", 0, 0),
    _number("edge", "a number of any size", "9" * 30, int("9" * 30)),
    _bad_number("wrong", "a number beyond reading", "9" * 5_000, _WHOLE),
    _bad_number("wrong", "true is no number", True, _WHOLE),
    _bad_number("wrong", "false is no number", False, _WHOLE),
    _bad_number("wrong", "half is no whole number", 5.5, _WHOLE),
    _bad_number("wrong", "half as text is none", "5.5", _WHOLE),
    _bad_number("wrong", "an exponent is none", "1e3", _WHOLE),
    _bad_number("wrong", "a hexadecimal number is none", "0x1f", _WHOLE),
    _bad_number("wrong", "words are none", "five", _WHOLE),
    _bad_number("wrong", "blanks are none", "  ", _WHOLE),
    _bad_number("wrong", "a list is none", [1], _WHOLE),
    _bad_number("wrong", "an object is none", {"a": 1}, _WHOLE),
    _bad_number("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_number("empty", "it may not be null", None, REQUIRED),
    _bad_number("empty", "it may not be empty text", "", REQUIRED),
    _bad_number("empty", "an empty list is no number", [], REQUIRED),
    _number("missing", "left out where optional it is nothing", NOT_GIVEN, None, required=False),
    _number("empty", "empty text where optional is nothing", "", None, required=False),
    _number("missing", "a default is taken", NOT_GIVEN, 3, default=3),
    _number("missing", "a default of zero is taken", NOT_GIVEN, 0, default=0),
    _number("missing", "a default is coerced too", NOT_GIVEN, 3, default="3"),
    _number("empty", "null beats a default", None, None, default=3, required=False),
    only_the_pod(
        _bad_number(
            "missing", "a default that does not fit", NOT_GIVEN, _most(9), default=10, max_value=9
        )
    ),
    _number("edge", "the least number", 1, 1, min_value=1),
    _bad_number("wrong", "below the least number", 0, _least(1), min_value=1),
    ours(_bad_number("edge", "a least number of 0 counts", -1, _least(0), min_value=0)),
    _number("edge", "the greatest number", 9, 9, max_value=9),
    _bad_number("wrong", "above the greatest number", 10, _most(9), max_value=9),
    ours(_bad_number("edge", "a greatest number of 0 counts", 1, _most(0), max_value=0)),
    _bad_number("edge", "limits hold for text", "10", _most(9), max_value=9),
    _bad_number("wrong", "every limit complains", 5, _most(3), _least(7), min_value=7, max_value=3),
]
