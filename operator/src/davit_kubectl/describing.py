"""``describe``: all there is to know of one run, definition or repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._command.streams import say
from davit._command.terminal import shown
from davit_kubectl.facts import definition_facts, repository_facts, run_facts
from davit_kubectl.failures import BadUsage, NotFound
from davit_kubectl.objects import find, is_unserved, missing
from davit_kubectl.printing import say_object
from davit_kubectl.resources import DEFINITIONS, LISTED, REPOSITORIES, RUNS, kind_called
from davit_kubectl.surroundings import now

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from davit_kubectl.facts import Fact
    from davit_kubectl.resources import Kind
    from davit_kubectl.server import Object, Server

_FACTS = {RUNS: run_facts, DEFINITIONS: definition_facts, REPOSITORIES: repository_facts}
_INDENT = "  "


def describe(options: argparse.Namespace, server: Server) -> int:
    """Print what there is to know of what the user names."""
    kind, found = _found(server, options.name)
    if options.output:
        say_object(found, options.output)
        return 0
    for line in described(_FACTS[kind](found, now())):
        say(shown(line))
    return 0


def described(facts: Iterable[Fact]) -> list[str]:
    """Return facts as lines: a name, and its value beside it or, where it has lines, below it."""
    told = [(name, value) for name, value in facts if value not in (None, "", [])]
    width = max((len(name) for name, value in told if isinstance(value, str)), default=0) + 4
    lines: list[str] = []
    for name, value in told:
        if isinstance(value, str):
            first, *rest = value.splitlines() or [""]
            lines.append(f"{name + ':':<{width}}{first}")
            lines += [" " * width + line for line in rest]
        else:
            lines += [f"{name}:", *(_INDENT + line for line in _flat(value))]
    return lines


def _flat(values: Sequence[str]) -> Iterable[str]:
    return (line for value in values for line in value.splitlines() or [""])


def _found(server: Server, name: str) -> tuple[Kind, Object]:
    word, slash, rest = name.partition("/")
    if slash:
        kind = kind_called(word.partition(".")[0])
        if kind is None:
            raise BadUsage(f'"{word}" is none of run, definition and repository.')
        return kind, find(server, kind, rest)
    found = [(kind, thing) for kind in LISTED if (thing := _maybe(server, kind, name))]
    if len(found) > 1:
        ways = " or ".join(f"{kind.words[4]}/{name}" for kind, _ in found)
        raise BadUsage(f"There are several objects of that name: write {ways}.")
    if not found:
        raise NotFound(
            404, f'Namespace {server.namespace} has no run, definition or repository "{name}".'
        )
    return found[0]


def _maybe(server: Server, kind: Kind, name: str) -> Object | None:
    try:
        return server.get(kind.at(server.namespace, name))
    except NotFound as error:
        if is_unserved(error):
            raise NotFound(404, missing(server, kind, name, error)) from error
        return None
