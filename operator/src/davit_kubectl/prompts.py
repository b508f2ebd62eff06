"""Asks on a terminal for what a run still needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from davit._command.streams import complain
from davit._command.terminal import shown
from davit_kubectl.failures import BadUsage
from davit_kubectl.rules import default_text, objection, rule
from davit_kubectl.values import FROM_EXAMPLE, read_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from davit_kubectl.values import Variable

UNASKABLE = frozenset({"FileVar"})


def is_needed(variable: Variable) -> bool:
    """Return whether a run cannot do without a value for it."""
    return variable.get("required", True) and variable.get("default") is None


def refuse_unaskable(missing: Iterable[Variable]) -> None:
    """Raise BadUsage where one of ``missing`` may not be typed: a secret, or a file."""
    for variable in missing:
        name = variable["name"]
        if variable.get("sensitive"):
            raise BadUsage(
                f'"{name}" is missing. It is a secret, which is never typed here: put it into a '
                f"Secret, and give it as --input-from {FROM_EXAMPLE.format(name=name)}."
            )
        if variable.get("type") in UNASKABLE:
            raise BadUsage(
                f'"{name}" is missing. It is a file: put it into a Secret or ConfigMap, and give '
                f"it as --input-from {FROM_EXAMPLE.format(name=name)}."
            )


def refuse(missing: Iterable[Variable]) -> None:
    """Raise BadUsage that names what is missing, in one sentence."""
    names = [variable["name"] for variable in missing]
    if names:
        options = " ".join(f"-i {name}=VALUE" for name in names)
        raise BadUsage(f"The job needs {_and(names)}: give {options}.")


def can_ask() -> bool:
    """Return whether there is somebody to ask: questions go to standard error."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def answers(variables: Iterable[Variable]) -> dict[str, Any]:
    """Ask for a value of each variable, and return those that were given.

    Raises:
        BadUsage: there are no more answers.
    """
    given = {}
    for variable in variables:
        value = _answer(variable)
        if value is not None:
            given[variable["name"]] = value
    return given


def question(variable: Variable) -> str:
    """Return what a user is told of a variable, before the prompt."""
    label = variable.get("label") or variable["name"]
    lines = [label if label == variable["name"] else f"{label} ({variable['name']})"]
    lines += [f"  {text}" for text in (variable.get("description"), rule(variable)) if text]
    return shown("\n".join(lines))


def _answer(variable: Variable) -> Any:
    complain(question(variable))
    default = default_text(variable)
    while True:
        text = _line(f"{variable['name']}{f' [{shown(default)}]' if default else ''}: ")
        if not text:
            if not is_needed(variable):
                return None
            complain("  A value is needed. Ctrl-C ends.")
            continue
        try:
            value = read_value(variable, [text])
        except BadUsage as error:
            complain(f"  {error}")
            continue
        problem = objection(variable, value)
        if not problem:
            return value
        complain(f"  {problem}")


def _line(prompt: str) -> str:
    """Return what is typed, without the line's end; the prompt goes to standard error."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    text = sys.stdin.readline()
    if not text:
        complain("")
        raise BadUsage("There were no more answers. Give the inputs with -i NAME=VALUE.")
    return text.rstrip("\r\n")


def _and(names: list[str]) -> str:
    return " and ".join(([", ".join(names[:-1])] if names[1:] else []) + names[-1:])
