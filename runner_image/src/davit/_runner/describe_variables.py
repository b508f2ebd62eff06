"""What discovery says about the variables of a job class: enough to check a value without code."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from davit._inputs import DRYRUN, has_dryrun, sensitive_names
from davit._runner.portable import is_portable
from davit._runner.problems import error_text
from davit._variables import ChoiceVar, FileVar, ScriptVariable, ValueRefused
from davit_contract import ChoiceDescription, VariableDescription

if TYPE_CHECKING:
    from collections.abc import Mapping

    from davit._job import BaseJob

# What a definition's status holds of one variable.
MAX_CHOICES = 1_000
_VERDICTS = frozenset({"clean", "coerced", "complaints", "parsed"})


def described_variables(job_class: type[BaseJob]) -> list[VariableDescription]:
    """Return the descriptions of the variables of ``job_class``, in the order that users see.

    Raises:
        ValueError: a function of the author's, such as one that gives choices, raises, or gives
            too much; the text says which variable's.
    """
    variables = ordered_variables(job_class)
    secret = sensitive_names(job_class)
    return [
        _variable(job_class, name, item, sensitive=name in secret)
        for name, item in variables.items()
    ]


def ordered_variables(job_class: type[BaseJob]) -> dict[str, ScriptVariable]:
    """Return the variables in the order that users see: ``field_order`` first, then the rest."""
    variables = job_class._get_vars()
    first = [name for name in job_class.field_order if name in variables]
    return {name: variables[name] for name in dict.fromkeys([*first, *variables])}


def variable_notes(variables: Mapping[str, ScriptVariable]) -> list[str]:
    """Return what the variables ask for and davit does not do, in sentences."""
    widgets = [name for name, item in variables.items() if item.widget is not None]
    return [f'The widget of variable "{name}" has no effect here.' for name in widgets]


def _variable(
    job_class: type[BaseJob], name: str, item: ScriptVariable, *, sensitive: bool
) -> VariableDescription:
    # A secret default is told to nobody, and a file is no JSON: only that it may be left out.
    is_hidden = sensitive or isinstance(item, FileVar)
    pattern = getattr(item, "regex", None)
    # One that was compiled may have flags.
    regex = pattern if pattern is None or isinstance(pattern, str) else pattern.pattern
    source = getattr(item, "source", None)
    return VariableDescription(
        name=name,
        type=_type_name(type(item)),
        label=str(item.label),
        description=str(item.description),
        required=item.required and not (is_hidden and item.default is not None),
        default=None if is_hidden else _default(job_class, name, item),
        sensitive=sensitive,
        min_length=_whole(item, "min_length"),
        max_length=_whole(item, "max_length"),
        regex=regex,
        regex_portable=regex is not None and regex == pattern and is_portable(regex),
        min=_whole(item, "min_value"),
        max=_whole(item, "max_value"),
        choices=_choices(name, item),
        min_prefix_length=_whole(item, "min_prefix_length"),
        max_prefix_length=_whole(item, "max_prefix_length"),
        model=source and source.path,
        display_field=_text(item, "display_field"),
        query_params=_query_params(item),
        null_option=_text(item, "null_option"),
    )


def _type_name(variable_class: type[ScriptVariable]) -> str:
    """Return the nearest of davit's classes; the most general where the author judges otherwise."""
    for base in variable_class.__mro__:
        if base.__module__.partition(".")[0] == "davit":
            return base.__name__
        if not _VERDICTS.isdisjoint(vars(base)):
            break
    return ScriptVariable.__name__


def _whole(item: ScriptVariable, option: str) -> int | None:
    """Return a limit; None also where it is no whole number: the runner knows it."""
    limit = getattr(item, option, None)
    return int(limit) if isinstance(limit, int) else None


def _text(item: ScriptVariable, option: str) -> str | None:
    value = getattr(item, option, None)
    return None if value is None else str(value)


def _query_params(item: ScriptVariable) -> Any:
    given = getattr(item, "query_params", None)
    found = _json_form(dict(given)) if given else None
    return found if isinstance(found, dict) else None


def _choices(name: str, item: ScriptVariable) -> list[ChoiceDescription] | None:
    if not isinstance(item, ChoiceVar):
        return None
    try:
        found = list(islice(item.choices, MAX_CHOICES + 1))
    except (Exception, SystemExit) as error:
        raise _raised(name, "choices", error) from error
    if len(found) > MAX_CHOICES:
        raise ValueError(f'The variable "{name}" has more than {MAX_CHOICES:,} choices.')
    return [ChoiceDescription(**choice._asdict()) for choice in found]


def _default(job_class: type[BaseJob], name: str, item: ScriptVariable) -> Any:
    if name == DRYRUN and has_dryrun({name: item}):
        return job_class.dryrun_default
    try:
        value = item.initial()
        return None if value is None else _json_form(item.serialized(value))
    except ValueRefused:
        # It is refused when a run takes it.
        return _json_form(item.default)
    except (Exception, SystemExit) as error:
        raise _raised(name, "default", error) from error


def _raised(name: str, option: str, error: BaseException) -> ValueError:
    text = f"{type(error).__name__}: {error_text(error)}"
    return ValueError(f'The {option} of the variable "{name}" cannot be had: {text}')


def _json_form(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, default=_list_or_text, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return str(value)


def _list_or_text(value: Any) -> Any:
    return list(value) if isinstance(value, set | frozenset) else str(value)
