"""The inputs of a command line, read as the types of the job's variables say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._command.data_option import DATA_EXAMPLE, read_data, strict_json
from davit_kubectl.failures import BadUsage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Variable = dict[str, Any]

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
_SOURCES = {"secret": "secretKeyRef", "configmap": "configMapKeyRef"}
# The API server reads larger numbers as floats.
_LARGEST = 2**63
FROM_EXAMPLE = "{name}=secret/OBJECT/KEY"


def read_inputs(
    data: str, texts: Iterable[str], variables: Mapping[str, Variable]
) -> dict[str, Any]:
    """Return ``spec.inputs`` as ``--data`` and each ``--input`` say.

    Raises:
        BadUsage: one is not written as it must be, is given twice, or names no variable.
    """
    inputs = _data(data) if data else {}
    given: dict[str, list[str]] = {}
    for text in texts:
        name, value = pair("--input", "NAME=VALUE", text)
        given.setdefault(name, []).append(value)
    for name in (*inputs, *given):
        check_name(name, variables)
    for name, found in given.items():
        if name in inputs:
            raise BadUsage(f'Both --data and --input give "{name}". Give each variable once.')
        inputs[name] = read_value(variables[name], found)
    for name in inputs:
        _refuse_secret(variables[name])
    return inputs


def read_inputs_from(
    texts: Iterable[str], variables: Mapping[str, Variable]
) -> list[dict[str, Any]]:
    """Return ``spec.inputsFrom`` as each ``--input-from`` says.

    Raises:
        BadUsage: one is not written as it must be, is given twice, or names no variable.
    """
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        name, place = pair("--input-from", "NAME=secret/OBJECT/KEY", text)
        check_name(name, variables)
        if name in found:
            raise BadUsage(f'--input-from gives "{name}" twice. Give each variable once.')
        kind, _, rest = place.partition("/")
        owner, _, key = rest.partition("/")
        if kind.lower() not in _SOURCES or not owner or not key:
            raise BadUsage(
                f"--input-from {name} must look like {name}=secret/OBJECT/KEY or "
                f'{name}=configmap/OBJECT/KEY, got "{place}".'
            )
        reference = {_SOURCES[kind.lower()]: {"name": owner, "key": key}}
        found[name] = {"variable": name, **reference}
    return list(found.values())


def pair(option: str, form: str, text: str) -> tuple[str, str]:
    """Return the two sides of ``NAME=VALUE``; raise BadUsage where there is no such form."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise BadUsage(f'{option} must look like {form}, got "{text}".')
    return name, value


def check_name(name: str, variables: Mapping[str, Variable]) -> None:
    """Raise BadUsage where the job has no variable of that name."""
    if name not in variables:
        known = ", ".join(variables) or "none"
        raise BadUsage(f'The job has no variable "{name}". Its variables: {known}.')


def read_value(variable: Variable, texts: list[str]) -> Any:
    """Return the value that ``texts``, one for each time that it was given, mean to ``variable``.

    Text is taken exactly as it stands; a variable of many values takes commas as well.

    Raises:
        BadUsage: they are not what the variable's type asks for.
    """
    name, kind = variable["name"], variable.get("type", "")
    if kind == "FileVar":
        raise BadUsage(
            f'"{name}" is a file. Put it into a Secret or ConfigMap, and give it as '
            f"--input-from {FROM_EXAMPLE.format(name=name)}."
        )
    if kind in ("MultiChoiceVar", "MultiObjectVar"):
        return [item for text in texts for item in _listed(variable, text)]
    if len(texts) > 1:
        raise BadUsage(f'"{name}" takes one value, but it was given {len(texts)} times.')
    reader = _READERS.get(kind)
    return texts[0] if reader is None else reader(name, texts[0])


def _listed(variable: Variable, text: str) -> list[str]:
    if text in {choice["value"] for choice in variable.get("choices") or ()}:
        # A value may hold a comma.
        return [text]
    return [item.strip() for item in text.split(",") if item.strip()]


def _whole_number(name: str, text: str) -> int | str:
    try:
        number = int(text)
    except ValueError:
        raise BadUsage(f'"{name}" must be a whole number, not "{text}".') from None
    return number if -_LARGEST <= number < _LARGEST else str(number)


def _truth(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise BadUsage(f'"{name}" must be true or false (or yes, no, on, off, 1, 0), not "{text}".')
    return word in _YES


def _json(name: str, text: str) -> Any:
    try:
        return strict_json(text)
    except ValueError as error:
        raise BadUsage(f'"{name}" must be JSON: {error}.') from error


_READERS = {
    "IntegerVar": _whole_number,
    "BooleanVar": _truth,
    "DryRunVar": _truth,
    "JSONVar": _json,
}


def _refuse_secret(variable: Variable) -> None:
    if variable.get("sensitive"):
        name = variable["name"]
        raise BadUsage(
            f'"{name}" is a secret, and whoever may list runs reads what they are given. Put it '
            f"into a Secret, and give it as --input-from {FROM_EXAMPLE.format(name=name)}."
        )


def _data(text: str) -> dict[str, Any]:
    try:
        data = read_data(text)
    except ValueError as error:
        raise BadUsage(str(error)) from error
    if not isinstance(data, dict):
        raise BadUsage(f"--data must be a JSON object. Write it as in {DATA_EXAMPLE}.")
    return data
