"""Check a run's inputs against the variables of its definition, before a pod is spent on them.

The verdicts are Django's form fields', as Nautobot uses them; the runner checks again with the
author's own classes. ``tests/contract/input_cases`` holds the cases that both must agree on. What
only the pod can know, such as whether an object exists, is left to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from davit_operator.api.jobrun import MAX_INPUT_BYTES
from davit_operator.api.variable import Variable
from davit_operator.plan.inputs import addresses, plain, selections

# A JobRun can be read by whoever may list runs, and so can the pod that it becomes.
SENSITIVE = (
    "It is sensitive, so its value may not stand in spec.inputs: name a key of a Secret in "
    "spec.inputsFrom."
)
MAX_PROBLEMS = 20
MAX_PROBLEM_CHARACTERS = 1_000

# A type that is not here is the runner's to judge: an author's own, or a newer runner's.
_CHECKS: Mapping[str, Callable[[Variable, JsonValue], Iterator[str]]] = {
    "StringVar": plain.string_problems,
    "TextVar": plain.text_problems,
    "IntegerVar": plain.integer_problems,
    "JSONVar": plain.json_problems,
    "FileVar": plain.file_problems,
    "ChoiceVar": selections.choice_problems,
    "MultiChoiceVar": selections.multi_choice_problems,
    "ObjectVar": selections.object_problems,
    "MultiObjectVar": selections.multi_object_problems,
    "IPAddressVar": addresses.address_problems,
    "IPAddressWithMaskVar": addresses.interface_problems,
    "IPNetworkVar": addresses.network_problems,
    # BooleanVar and DryRunVar take everything: what is not false, 0 or empty is true.
}


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
    found = [unknown_variable(name, known) for name in inputs if name not in known]
    for name, variable in known.items():
        found.extend(f'Variable "{name}": {problem}' for problem in _problems(variable, inputs))
    told = [problem[:MAX_PROBLEM_CHARACTERS] for problem in found[:MAX_PROBLEMS]]
    if len(found) > MAX_PROBLEMS:
        told.append(f"And {len(found) - MAX_PROBLEMS:,} more.")
    return tuple(told)


def unknown_variable(name: str, known: Iterable[str]) -> str:
    """Return the sentence that refuses a variable which the job does not have."""
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
