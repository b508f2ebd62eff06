"""The inputs of a command line, turned into what the job's variables take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._variables import BooleanVar, FileVar, MultiChoiceVar, MultiObjectVar
from davit.exceptions import InvalidInputs

if TYPE_CHECKING:
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
