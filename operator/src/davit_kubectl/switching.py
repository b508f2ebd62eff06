"""``enable``, ``disable`` and ``cancel``: one field of one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._command.streams import complain, say
from davit_kubectl.failures import FAILED, OK, Failure
from davit_kubectl.objects import find, find_run
from davit_kubectl.printing import say_of
from davit_kubectl.resources import DEFINITIONS, RUNS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from davit_kubectl.server import Server


def enable(options: argparse.Namespace, server: Server) -> int:
    """Let definitions be run."""
    return _each(options.names, lambda name: _switch(server, name, on=True))


def disable(options: argparse.Namespace, server: Server) -> int:
    """Let definitions be run no more; runs that live go on."""
    return _each(options.names, lambda name: _switch(server, name, on=False))


def cancel(options: argparse.Namespace, server: Server) -> int:
    """End runs: their jobs are told, may tidy up, and are killed when they take too long."""
    return _each(options.names, lambda name: _cancel(server, name))


def _each(names: list[str], act: Callable[[str], None]) -> int:
    """Do it to each, and say of which it failed; the others are not to suffer."""
    code = OK
    for name in names:
        try:
            act(name)
        except Failure as failure:
            if len(names) == 1:
                raise
            complain(f"{name}: {failure}")
            code = FAILED
    return code


def _switch(server: Server, name: str, *, on: bool) -> None:
    definition = find(server, DEFINITIONS, name)
    what = "enabled" if on else "disabled"
    if bool(definition["spec"].get("enabled")) is on:
        say_of(DEFINITIONS, name, f"{what} (unchanged)")
        return
    server.merge(DEFINITIONS.at(server.namespace, name), {"spec": {"enabled": on}})
    say_of(DEFINITIONS, name, what)
    if on and (definition.get("status") or {}).get("installed") is False:
        complain("note: Its class is not in the commit that is served: it cannot be run yet.")


def _cancel(server: Server, name: str) -> None:
    run = find_run(server, name)
    if run.phase == "Cancelled":
        say_of(RUNS, name, "cancelled (unchanged)")
        return
    if run.is_finished:
        raise Failure(f"{name} has ended already: {run.phase}. There is nothing to cancel.")
    server.merge(RUNS.at(server.namespace, name), {"spec": {"cancel": True}})
    say_of(RUNS, name, "cancel requested")
    if run.phase == "Running":
        say("Its job is told, and may tidy up for as long as its definition's cancelGraceSeconds.")
