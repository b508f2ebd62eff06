"""What a run is given: by its own spec, and by its definition, which fixes values for each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from davit_operator.api.inputs_from import InputFrom
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionSpec
from davit_operator.api.jobrun import JobRunSpec
from davit_operator.api.variable import Variable
from davit_operator.plan.inputs import input_problems, unknown_variable

_INPUTS, _INPUTS_FROM = "spec.inputs", "spec.inputsFrom"
_NO_SECRET = "It is sensitive, so its value must come from a Secret: name it by secretKeyRef."  # noqa: S105 (a sentence)


class Given(NamedTuple):
    """The values, and those that stand in Secrets and ConfigMaps."""

    values: dict[str, JsonValue]
    sources: tuple[InputFrom, ...]


class Problems(NamedTuple):
    """What is wrong with what is given, in sentences, by who can mend it."""

    of_run: tuple[str, ...]
    of_definition: tuple[str, ...]


def given(run: JobRunSpec, definition: JobDefinitionSpec) -> Given:
    """Return what a run is given in which nothing is wrong."""
    return Given({**run.inputs, **definition.inputs}, (*definition.inputs_from, *run.inputs_from))


def given_problems(run: JobRunSpec, definition: JobDefinition, known: list[Variable]) -> Problems:
    """Return what keeps a run from being started with what it is given."""
    variables = {variable.name: variable for variable in known}
    fixed = _places(definition.spec)
    elsewhere = {*fixed, *(source.variable for source in run.inputs_from)}
    own = {name: value for name, value in run.inputs.items() if name not in elsewhere}
    open_ = [variable for variable in known if variable.name not in elsewhere]
    of_run = (
        *_set_though_fixed(run, fixed, definition.metadata.name),
        *_given_twice(run),
        *_wrong_sources(run.inputs_from, variables),
        *input_problems(own, open_),
    )
    where = f'JobDefinition "{definition.metadata.name}"'
    of_definition = (*_given_twice(definition.spec), *_wrong_fixed(definition.spec, variables))
    return Problems(of_run, tuple(f"In {where}: {problem}" for problem in of_definition))


def _places(spec: JobRunSpec | JobDefinitionSpec) -> dict[str, str]:
    """Return the fields that give a value, by variable."""
    references = dict.fromkeys((source.variable for source in spec.inputs_from), _INPUTS_FROM)
    return {**references, **dict.fromkeys(spec.inputs, _INPUTS)}


def _set_though_fixed(run: JobRunSpec, fixed: Mapping[str, str], name: str) -> Iterator[str]:
    for variable, place in _places(run).items():
        if variable in fixed:
            yield (
                f'Variable "{variable}" is fixed by {fixed[variable]} of JobDefinition "{name}": '
                f"leave it out of {place}."
            )


def _given_twice(spec: JobRunSpec | JobDefinitionSpec) -> Iterator[str]:
    for source in spec.inputs_from:
        if source.variable in spec.inputs:
            yield (
                f'Variable "{source.variable}" stands in both {_INPUTS} and {_INPUTS_FROM}: give '
                "it once."
            )


def _wrong_sources(sources: list[InputFrom], known: Mapping[str, Variable]) -> Iterator[str]:
    for source in sources:
        variable = known.get(source.variable)
        if variable is None:
            yield f"{_INPUTS_FROM}: {unknown_variable(source.variable, known)}"
        elif variable.sensitive and source.secret_key_ref is None:
            yield f'{_INPUTS_FROM}: Variable "{variable.name}": {_NO_SECRET}'


def _wrong_fixed(spec: JobDefinitionSpec, known: Mapping[str, Variable]) -> Iterator[str]:
    yield from _wrong_sources(spec.inputs_from, known)
    yield from (unknown_variable(name, known) for name in spec.inputs if name not in known)
    values = {name: value for name, value in spec.inputs.items() if name in known}
    yield from input_problems(values, [known[name] for name in values])
