"""Verdicts on choices and on objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from davit_operator.api.variable import Variable
from davit_operator.plan.inputs.emptiness import (
    NULL_CHARACTERS,
    absence_problems,
    has_null_character,
    is_empty,
)

_NO_LIST = "Enter a list of values."


def choice_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of a ChoiceVar."""
    if is_empty(value):
        yield from absence_problems(variable)
        return
    yield from _wrong_choices(variable, [value])


def multi_choice_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the values of a MultiChoiceVar."""
    if not value:
        yield from absence_problems(variable)
    elif not isinstance(value, list):
        yield _NO_LIST
    else:
        yield from _wrong_choices(variable, value)


def object_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what certainly names no object; whether there is one only the pod can know."""
    if is_empty(value):
        yield from absence_problems(variable)
    elif isinstance(value, list):
        yield "Select a valid choice. That choice is not one of the available choices."
    elif has_null_character(value):
        yield NULL_CHARACTERS


def multi_object_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what certainly names no objects."""
    if not value:
        yield from absence_problems(variable)
    elif not isinstance(value, list):
        yield _NO_LIST
    else:
        yield from _first(filter(None, map(_unusable_id, value)))


def _unusable_id(value: JsonValue) -> str | None:
    if isinstance(value, list | dict):
        return _NO_LIST
    return NULL_CHARACTERS if has_null_character(value) else None


def _wrong_choices(variable: Variable, values: list[JsonValue]) -> Iterator[str]:
    """Yield the verdict on the first value that is no choice, if the choices are known."""
    if variable.choices is None:
        return
    known = {choice.value for choice in variable.choices}
    yield from _first(
        f"Select a valid choice. {value} is not one of the available choices."
        for value in map(str, values)
        if value not in known
    )


def _first(problems: Iterable[str]) -> Iterator[str]:
    for problem in problems:
        yield problem
        return
