"""Looks up the objects that a command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit_kubectl.failures import NotFound
from davit_kubectl.resources import DEFINITIONS, RUNS
from davit_kubectl.run_view import RunView

if TYPE_CHECKING:
    from davit_kubectl.resources import Kind
    from davit_kubectl.server import Object, Server

_UNSERVED = ("404 page not found", "could not find the requested resource")
_WORDS = {RUNS: "runs", DEFINITIONS: "definitions"}


def find(server: Server, kind: Kind, name: str) -> Object:
    """Return an object of the namespace that is meant.

    Raises:
        NotFound: there is none; the text says where to look.
    """
    try:
        return server.get(kind.at(server.namespace, name))
    except NotFound as error:
        raise NotFound(404, missing(server, kind, name, error)) from error


def find_run(server: Server, name: str) -> RunView:
    """Return a run, likewise."""
    return RunView(find(server, RUNS, name))


def is_unserved(error: NotFound) -> bool:
    """Return whether it is the kind that is missing: of an unknown group not even JSON is said."""
    return any(text in str(error) for text in _UNSERVED)


def missing(server: Server, kind: Kind, name: str, error: NotFound) -> str:
    """Return the sentence for an object, or a whole kind, that is not there."""
    if is_unserved(error):
        return "This cluster has no davit: install it, or choose another with --context."
    listed = _WORDS.get(kind, "")
    hint = f" `kubectl davit list {listed}` shows what there is." if listed else ""
    return f'There is no {kind.name} "{name}" in namespace {server.namespace}.{hint}'
