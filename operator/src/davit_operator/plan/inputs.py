"""Check a run's inputs against the variables of its definition, before a pod is spent on them.

The verdicts are Django's form fields', as Nautobot uses them; the runner checks again with the
author's own classes. ``tests/contract/input_cases.py`` holds the cases that both must agree on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from davit_operator.api.jobdefinition import Variable
from davit_operator.api.jobrun import MAX_INPUT_BYTES
from davit_operator.plan.patterns import is_missing

REQUIRED = "This field is required."
# A JobRun can be read by whoever may list runs, and so can the pod that it becomes.
SENSITIVE = "It is sensitive, so its value may not stand in spec.inputs."
_EMPTY: tuple[JsonValue, ...] = (None, "", [], {})
_FRACTION_OF_ZEROS = re.compile(r"\.0*\s*$")


def input_problems(
    inputs: Mapping[str, JsonValue], variables: Iterable[Variable]
) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong; none where the inputs fit."""
    size = len(json.dumps(inputs, separators=(",", ":"), ensure_ascii=False).encode())
    if size > MAX_INPUT_BYTES:
        return (
            f"spec.inputs is {size:,} bytes of JSON, and at most {MAX_INPUT_BYTES:,} are accepted. "
            "Give large data to the job by reference, for example as a URL.",
        )
    known = {variable.name: variable for variable in variables}
    return (
        *(_unknown(name, known) for name in inputs if name not in known),
        *(
            f'Variable "{name}": {problem}'
            for name, variable in known.items()
            for problem in _problems(variable, inputs)
        ),
    )


def _unknown(name: str, known: Iterable[str]) -> str:
    accepted = ", ".join(known) or "none"
    return f'Variable "{name}" is unknown. The job\'s variables: {accepted}.'


def _problems(variable: Variable, inputs: Mapping[str, JsonValue]) -> Iterator[str]:
    # An explicitly empty value beats a default.
    given = variable.name in inputs
    if given and variable.sensitive:
        yield SENSITIVE
        return
    value = inputs[variable.name] if given else variable.default
    if not given and value is not None:
        return
    check = _CHECKS.get(variable.type)
    if check is not None:
        yield from check(variable, value)


def _string(variable: Variable, value: JsonValue) -> Iterator[str]:
    # Django strips, then tests for emptiness.
    text = "" if value in _EMPTY else str(value).strip()
    if not text:
        if variable.required:
            yield REQUIRED
        return
    # RE2 reads other patterns otherwise than Python does, so admission leaves them to the pod.
    if variable.regex_portable and variable.regex and is_missing(variable.regex, text):
        yield f"Invalid value. Must match regex: {variable.regex}"
    yield from _length(variable, len(text))
    if "\x00" in text:
        yield "Null characters are not allowed."


def _length(variable: Variable, length: int) -> Iterator[str]:
    least, most = variable.min_length, variable.max_length
    if least is not None and length < least:
        yield f"Ensure this value has at least {_characters(least)} (it has {length})."
    if most is not None and length > most:
        yield f"Ensure this value has at most {_characters(most)} (it has {length})."


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"


def _integer(variable: Variable, value: JsonValue) -> Iterator[str]:
    if value in _EMPTY:
        if variable.required:
            yield REQUIRED
        return
    try:
        # As the runner does it, so that both take 1_000 and refuse 1e3.
        number = int(_FRACTION_OF_ZEROS.sub("", str(value)))
    except ValueError:
        yield "Enter a whole number."
        return
    if variable.min is not None and number < variable.min:
        yield f"Ensure this value is greater than or equal to {variable.min}."
    if variable.max is not None and number > variable.max:
        yield f"Ensure this value is less than or equal to {variable.max}."


_CHECKS: Mapping[str, Callable[[Variable, JsonValue], Iterator[str]]] = {
    "StringVar": _string,
    "IntegerVar": _integer,
    # BooleanVar takes everything: what is not false, 0 or empty is true.
}
