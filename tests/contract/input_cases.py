"""One list of inputs and verdicts, for everyone who checks inputs: the runner and the operator.

A case says which variable a class has (the fields of a VariableDescription), what a requester
gives, and what must come of it. Everybody refuses the same cases; the texts are the runner's, which
are Nautobot's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final


class NotGiven:
    """Stands for an input that the requester left out."""

    def __repr__(self) -> str:
        return "not given"


NOT_GIVEN: Final = NotGiven()


@dataclass(frozen=True, kw_only=True)
class InputCase:
    """What a value meets."""

    sentence: str
    # Fields of the variable's description beside its name, which is ``value``.
    variable: dict[str, Any]
    given: Any = NOT_GIVEN
    # What ``run()`` receives; of no meaning where ``messages`` says that it is refused.
    received: Any = None
    messages: list[str] = field(default_factory=list)


REQUIRED: Final = "This field is required."
WHOLE: Final = "Enter a whole number."


def _text(sentence: str, given: Any, received: Any, **options: Any) -> InputCase:
    variable = {"type": "StringVar", **options}
    return InputCase(sentence=sentence, variable=variable, given=given, received=received)


def _bad_text(sentence: str, given: Any, *messages: str, **options: Any) -> InputCase:
    variable = {"type": "StringVar", **options}
    return InputCase(sentence=sentence, variable=variable, given=given, messages=list(messages))


def _number(sentence: str, given: Any, received: Any, **options: Any) -> InputCase:
    variable = {"type": "IntegerVar", **options}
    return InputCase(sentence=sentence, variable=variable, given=given, received=received)


def _bad_number(sentence: str, given: Any, *messages: str, **options: Any) -> InputCase:
    variable = {"type": "IntegerVar", **options}
    return InputCase(sentence=sentence, variable=variable, given=given, messages=list(messages))


def _truth(sentence: str, given: Any, received: Any, **options: Any) -> InputCase:
    variable = {"type": "BooleanVar", "required": False, **options}
    return InputCase(sentence=sentence, variable=variable, given=given, received=received)


def _regex(regex: str) -> str:
    return f"Invalid value. Must match regex: {regex}"


CASES: Final = [
    _text("text is taken", "Ada", "Ada"),
    _text("text is stripped", "  Ada\n", "Ada"),
    _text("a number becomes text", 5, "5"),
    _text("a list becomes text", ["a"], "['a']"),
    _text("a truth value becomes text", True, "True"),
    _text("false is not empty", False, "False"),
    _text("zero is not empty", 0, "0"),
    _bad_text("required text must be given", NOT_GIVEN, REQUIRED),
    _bad_text("required text may not be empty", "", REQUIRED),
    _bad_text("required text may not be blank", "   ", REQUIRED),
    _bad_text("required text may not be null", None, REQUIRED),
    _bad_text("an empty list is no text", [], REQUIRED),
    _bad_text("an empty object is no text", {}, REQUIRED),
    _text("optional text left out is empty", NOT_GIVEN, "", required=False),
    _text("optional null is empty text", None, "", required=False),
    _text("a default is taken when nothing is given", NOT_GIVEN, "world", default="world"),
    _bad_text("an empty value beats a default", "", REQUIRED, default="world"),
    _text("an optional empty value beats a default", "", "", default="world", required=False),
    _text("text of the least length", "ab", "ab", min_length=2),
    _bad_text(
        "text below the least length",
        "a",
        "Ensure this value has at least 2 characters (it has 1).",
        min_length=2,
    ),
    _bad_text(
        "length counts after stripping",
        " a ",
        "Ensure this value has at least 2 characters (it has 1).",
        min_length=2,
    ),
    _text("text of the greatest length", "ab", "ab", max_length=2),
    _bad_text(
        "text above the greatest length",
        "abc",
        "Ensure this value has at most 2 characters (it has 3).",
        max_length=2,
    ),
    _bad_text(
        "a limit of one is said in the singular",
        "ab",
        "Ensure this value has at most 1 character (it has 2).",
        max_length=1,
    ),
    _bad_text(
        "a greatest length of zero counts",
        "a",
        "Ensure this value has at most 0 characters (it has 1).",
        max_length=0,
    ),
    _text("length counts characters, not bytes", "éé", "éé", max_length=2),
    _text("empty optional text is not measured", "", "", min_length=2, required=False),
    _text("a pattern is searched for, not matched in full", "AbC", "AbC", regex="[a-z]+"),
    _text("a pattern found in full", "core-1", "core-1", regex="^[a-z]+-[0-9]$"),
    _bad_text("a pattern not found", "CORE", _regex("^[a-z]+$"), regex="^[a-z]+$"),
    _bad_text(
        "every complaint is made",
        "ABC",
        _regex("^[a-z]+$"),
        "Ensure this value has at most 2 characters (it has 3).",
        regex="^[a-z]+$",
        max_length=2,
    ),
    _bad_text("a null character", "a\x00b", "Null characters are not allowed."),
    _number("a whole number", 5, 5),
    _number("a number as text", "5", 5),
    _number("a number as padded text", " 7 ", 7),
    _number("a whole fraction", 5.0, 5),
    _number("a whole fraction as text", "5.0", 5),
    _number("a negative number", "-3", -3),
    _number("zero is a number", 0, 0),
    _number("a number of any size", "9" * 30, int("9" * 30)),
    _bad_number("true is no number", True, WHOLE),
    _bad_number("false is no number", False, WHOLE),
    _bad_number("half is no whole number", 5.5, WHOLE),
    _bad_number("half as text is no whole number", "5.5", WHOLE),
    _bad_number("words are no number", "five", WHOLE),
    _bad_number("a list is no number", [1], WHOLE),
    _bad_number("an object is no number", {"a": 1}, WHOLE),
    _bad_number("a required number must be given", NOT_GIVEN, REQUIRED),
    _bad_number("a required number may not be null", None, REQUIRED),
    _bad_number("a required number may not be empty text", "", REQUIRED),
    _number("an optional number left out is nothing", NOT_GIVEN, None, required=False),
    _number("an optional number may be empty text", "", None, required=False),
    _number("a default number", NOT_GIVEN, 3, default=3),
    _number("a default of zero", NOT_GIVEN, 0, default=0),
    _number("the least number", 1, 1, min=1),
    _bad_number(
        "below the least number", 0, "Ensure this value is greater than or equal to 1.", min=1
    ),
    _bad_number(
        "a least number of zero counts",
        -1,
        "Ensure this value is greater than or equal to 0.",
        min=0,
    ),
    _number("the greatest number", 9, 9, max=9),
    _bad_number(
        "above the greatest number", 10, "Ensure this value is less than or equal to 9.", max=9
    ),
    _bad_number(
        "a greatest number of zero counts",
        1,
        "Ensure this value is less than or equal to 0.",
        max=0,
    ),
    _bad_number(
        "limits hold for numbers given as text",
        "10",
        "Ensure this value is less than or equal to 9.",
        max=9,
    ),
    _truth("true", True, True),
    _truth("false", False, False),
    _truth("left out", NOT_GIVEN, False),
    _truth("null", None, False),
    _truth("empty text", "", False),
    _truth("the word false", "false", False),
    _truth("the word False", "False", False),
    _truth("zero as text", "0", False),
    _truth("the word yes", "yes", True),
    _truth("the word no", "no", True),
    _truth("a number", 1, True),
    _truth("a default of true", NOT_GIVEN, True, default=True),
    _truth("false beats a default of true", False, False, default=True),
]
