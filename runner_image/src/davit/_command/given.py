"""The inputs of a command line, turned into what the job's variables take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._command.data_option import DATA_EXAMPLE, read_data
from davit._command.folder import BadUsage
from davit._variables import BooleanVar, FileVar, MultiChoiceVar, MultiObjectVar
from davit.exceptions import InvalidInputs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from davit._variables import ScriptVariable

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0", ""})


class GivenInputs(NamedTuple):
    """What the user typed, by the option that gave it; no name is in two of them."""

    data: dict[str, Any]
    # One for each time that ``--input`` named the variable.
    texts: dict[str, list[str]]
    files: dict[str, str]

    def fitted(self, variables: Mapping[str, ScriptVariable]) -> dict[str, Any]:
        """Return the inputs as the variables take them; unknown names are left for them to refuse.

        Raises:
            InvalidInputs: a text that is not what it must be on a command line.
        """
        inputs: dict[str, Any] = dict(self.data)
        errors: dict[str, list[str]] = {}
        for name, texts in self.texts.items():
            try:
                inputs[name] = _value(variables.get(name), name, texts)
            except ValueError as error:
                errors[name] = [str(error)]
        for name, path in self.files.items():
            variable = variables.get(name)
            if variable is not None and not isinstance(variable, FileVar):
                errors[name] = [
                    f"It is a {type(variable).__name__}, which takes no file. "
                    f"Give it as --input {name}=VALUE."
                ]
            inputs[name] = Path(path)
        if errors:
            raise InvalidInputs(errors)
        return inputs


def _value(variable: ScriptVariable | None, name: str, texts: list[str]) -> Any:
    if variable is None:
        return texts[0]
    if isinstance(variable, MultiChoiceVar | MultiObjectVar):
        return texts
    if isinstance(variable, FileVar):
        raise ValueError(f"It is a FileVar. Give it as --file {name}=PATH.")  # noqa: TRY004 (about a value)
    if len(texts) > 1:
        raise ValueError(f"It takes one value, but --input gave it {len(texts)} times.")
    [text] = texts
    return _truth(text) if isinstance(variable, BooleanVar) else text


def _truth(text: str) -> bool:
    """Return what ``text`` means; to a form, which the variable knows, "no" would be true."""
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValueError(f'Write true or false (or yes, no, on, off, 1, 0), not "{text}".')
    return word in _YES


def given_inputs(options: argparse.Namespace) -> GivenInputs:
    """Return the inputs of ``davit run``.

    Raises:
        BadUsage: one is not written as it must be, is given twice, or names no file.
    """
    data = _data(options.data)
    texts: dict[str, list[str]] = {}
    for text in options.input:
        name, value = _pair("--input", "NAME=VALUE", text)
        texts.setdefault(name, []).append(value)
    files: dict[str, str] = {}
    for text in options.file:
        name, path = _pair("--file", "NAME=PATH", text)
        if name in files:
            raise BadUsage(f'--file gives "{name}" twice. Give each variable one file.')
        files[name] = _readable(name, path)
    given = {"--data": data, "--input": texts, "--file": files}
    for name in {**data, **texts, **files}:
        options_of_it = [option for option, names in given.items() if name in names]
        if len(options_of_it) > 1:
            both = " and ".join(options_of_it)
            raise BadUsage(f'Both {both} give "{name}". Give each variable once.')
    return GivenInputs(data=data, texts=texts, files=files)


def _pair(option: str, form: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise BadUsage(f'{option} must look like {form}, got "{text}".')
    return name, value


def _data(text: str) -> dict[str, Any]:
    try:
        data = read_data(text)
    except ValueError as error:
        raise BadUsage(str(error)) from error
    if not isinstance(data, dict):
        raise BadUsage(
            f"--data must be a JSON object, not {_KINDS[type(data)]}. "
            f"Write it as in {DATA_EXAMPLE}."
        )
    return data


_KINDS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


def _readable(name: str, path: str) -> str:
    """Return the absolute path: the job may change its working folder."""
    try:
        with Path(path).open("rb"):
            return str(Path(path).absolute())
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(
            f'--file gives "{name}" the file "{path}", which cannot be read: {cause}.'
        ) from error
