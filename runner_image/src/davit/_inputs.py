"""A run's inputs against the variables of its class, for every entry point the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._variables import ScriptVariable, ValueRefused
from davit.exceptions import InvalidInputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from davit._job import BaseJob

    Variables = Mapping[str, ScriptVariable]

UNKNOWN = "Job data contained an unknown property"
# Shorter texts stand in most lines of any log.
MIN_SECRET_CHARACTERS = 4
MAX_SECRET_LINES = 1_000
DRYRUN = "dryrun"


def cleaned_inputs(
    variables: Variables, inputs: Mapping[str, Any], *, dryrun_default: bool = False
) -> dict[str, Any]:
    """Return the keyword arguments of ``run()``: defaults applied, every value coerced.

    ``dryrun_default`` is the class's; it stands where a DryRunVar of that name is left out.

    Raises:
        InvalidInputs: with every message about every variable, not just the first.
        Exception: what the author's own functions raise, such as those that give choices.
    """
    errors = {name: [_unknown(variables)] for name in inputs if name not in variables}
    values = {}
    for name, variable in variables.items():
        try:
            given = inputs[name] if name in inputs else variable.initial()
            values[name] = variable.clean(given)
        except ValueRefused as refused:
            errors[name] = refused.messages
    if errors:
        raise InvalidInputs(errors)
    if dryrun_default and DRYRUN not in inputs and has_dryrun(variables):
        values[DRYRUN] = True
    return values


def has_dryrun(variables: Variables) -> bool:
    """Return whether a variable says that the job can be tried without effect."""
    if DRYRUN not in variables:
        return False
    from davit._variables import DryRunVar  # noqa: PLC0415 (loaded where there is one)

    return isinstance(variables[DRYRUN], DryRunVar)


def serialized_inputs(variables: Variables, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what handlers receive of the cleaned ``values``: ids, names of files and text."""
    return {name: variables[name].serialized(value) for name, value in values.items()}


def sensitive_names(job_class: type[BaseJob]) -> frozenset[str]:
    """Return the variables whose values are secret.

    All are where ``Meta`` of the class, or the one that it inherits, declares
    ``has_sensitive_variables = True``; Nautobot's default of True does not count.
    """
    variables = job_class._get_vars()
    if getattr(job_class.Meta, "has_sensitive_variables", None) is True:
        return frozenset(variables)
    return frozenset(name for name, variable in variables.items() if variable.sensitive)


def secret_values(
    job_class: type[BaseJob],
    inputs: Mapping[str, Any],
    values: Mapping[str, Any],
    also: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the texts that no log may show: secret values as given and as ``run()`` gets them.

    The variables ``also`` are secret whatever the class says.

    Of lists and objects every text and number in them counts, of a file its content, of several
    lines each (up to 1,000). Texts of fewer than 4 characters are left out, and so are truth
    values: to redact them would blacken most of any log.
    """
    names = sensitive_names(job_class).union(also)
    found: list[str] = []
    for name, variable in job_class._get_vars().items():
        if name in names:
            value = values.get(name)
            # The content of a file is secret, its path and name are not.
            forms = [value] if _is_file(value) else [inputs.get(name), variable.serialized(value)]
            found.extend(text for form in forms for text in secret_texts(form))
    return tuple(dict.fromkeys(found))


def _is_file(value: object) -> bool:
    return hasattr(value, "getvalue")


def secret_texts(value: Any) -> Iterator[str]:
    """Yield the texts by which one secret value is known (see secret_values)."""
    if value is None or isinstance(value, bool) or hasattr(value, "__fspath__"):
        return
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from secret_texts(item)
        return
    text = _text(value)
    lines = [line.strip() for line in text.splitlines()]
    for part in (text, text.strip(), *(lines if len(lines) <= MAX_SECRET_LINES else ())):
        if len(part.strip()) >= MIN_SECRET_CHARACTERS:
            yield part


def _text(value: Any) -> str:
    if _is_file(value):
        value = value.getvalue()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _unknown(variables: Variables) -> str:
    known = ", ".join(variables) or "none"
    return f"{UNKNOWN}. This job's variables: {known}."
