"""Verdicts on text, whole numbers, JSON and files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue

from davit_operator.api.variable import Variable
from davit_operator.plan.inputs.emptiness import (
    NULL_CHARACTERS,
    absence_problems,
    has_null_character,
    is_empty,
)
from davit_operator.plan.patterns import is_missing

_FRACTION_OF_ZEROS = re.compile(r"\.0*\s*$")


def string_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the text of a StringVar."""
    text = _stripped(value)
    if not text:
        yield from absence_problems(variable)
        return
    # RE2 reads other patterns otherwise than Python does, so admission leaves them to the pod.
    if variable.regex_portable and variable.regex and is_missing(variable.regex, text):
        yield f"Invalid value. Must match regex: {variable.regex}"
    yield from _length(variable, len(text))
    if has_null_character(text):
        yield NULL_CHARACTERS


def text_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the text of a TextVar."""
    text = _stripped(value)
    if not text:
        yield from absence_problems(variable)
    elif has_null_character(text):
        yield NULL_CHARACTERS


def integer_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the number of an IntegerVar."""
    if is_empty(value):
        yield from absence_problems(variable)
        return
    try:
        # As the runner does it, so that both take 1_000 and refuse 1e3.
        number = int(_FRACTION_OF_ZEROS.sub("", str(value)))
    except ValueError:
        yield "Enter a whole number."
        return
    if variable.max is not None and number > variable.max:
        yield f"Ensure this value is less than or equal to {variable.max}."
    if variable.min is not None and number < variable.min:
        yield f"Ensure this value is greater than or equal to {variable.min}."


def json_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of a JSONVar: a text holds JSON, the rest is JSON."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            yield "Enter a valid JSON."
            return
    if is_empty(value):
        yield from absence_problems(variable)
    elif has_null_character(value):
        yield NULL_CHARACTERS


def file_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of a FileVar: no JSON is a file."""
    if is_empty(value) or value is False:
        yield from absence_problems(variable)
        return
    yield "No file was submitted. Check the encoding type on the form."
    yield (
        "A file cannot stand in spec.inputs: name a key of a Secret or ConfigMap in "
        "spec.inputsFrom, or a path in --file of davit run."
    )


def _stripped(value: JsonValue) -> str:
    # Django strips, then tests for emptiness.
    return "" if is_empty(value) else str(value).strip()


def _length(variable: Variable, length: int) -> Iterator[str]:
    least, most = variable.min_length, variable.max_length
    if least is not None and length < least:
        yield f"Ensure this value has at least {_characters(least)} (it has {length})."
    if most is not None and length > most:
        yield f"Ensure this value has at most {_characters(most)} (it has {length})."


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"
