"""What counts as no value."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from davit_operator.api.variable import Variable

REQUIRED = "This field is required."
NULL_CHARACTERS = "Null characters are not allowed."


def is_empty(value: JsonValue) -> bool:
    """Return whether a form takes ``value`` for nothing entered."""
    return value in (None, "", [], {})


def absence_problems(variable: Variable) -> Iterator[str]:
    """Yield what is wrong with no value."""
    if variable.required:
        yield REQUIRED


def has_null_character(value: JsonValue) -> bool:
    """Return whether ``value`` is a text with a character that forms refuse."""
    return isinstance(value, str) and "\x00" in value
