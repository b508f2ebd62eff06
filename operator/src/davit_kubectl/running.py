"""``run``: create a JobRun, and where asked follow it to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from davit._command.streams import complain, screen_on
from davit_kubectl import prompts
from davit_kubectl.failures import INTERRUPTED, OK, ApiError, BadUsage
from davit_kubectl.following import Following, goes_on, until_finished
from davit_kubectl.objects import find
from davit_kubectl.outcome import exit_code, say_outcome
from davit_kubectl.printing import say_object, say_of
from davit_kubectl.resources import API_VERSION, DEFINITIONS, RUNS
from davit_kubectl.run_view import RunView
from davit_kubectl.seam import Filter, Seam
from davit_kubectl.shown_log import Printed
from davit_kubectl.values import read_inputs, read_inputs_from

if TYPE_CHECKING:
    import argparse

    from davit_kubectl.server import Object, Server
    from davit_kubectl.values import Variable

_INVALID = 422
_CONFLICT = 409
# What stands between the name of an admission policy and its sentence.
_DENIED = "denied request: "
# The API server appends five characters, and names stay below 64.
_LONGEST_PREFIX = 57


def run(options: argparse.Namespace, server: Server) -> int:
    """Create a run; return 0, or with ``--wait`` and ``--follow`` how it ended."""
    definition = find(server, DEFINITIONS, options.name)
    spec = run_spec(options, definition)
    made = _created(server, _manifest(options, spec))
    try:
        _say_created(options, made)
        return _followed(options, server, made) if _waits(options) else OK
    except KeyboardInterrupt:
        complain(goes_on(made))
        return INTERRUPTED


def _waits(options: argparse.Namespace) -> bool:
    return bool(options.wait or options.follow)


def _say_created(options: argparse.Namespace, made: RunView) -> None:
    if options.output not in ("json", "yaml"):
        say_of(RUNS, made.name, "" if options.output == "name" else "created")
    elif _waits(options):
        complain(f"{RUNS.singular}.{RUNS.group}/{made.name} created")
    else:
        say_object(made.said, options.output)


def run_spec(options: argparse.Namespace, definition: Object) -> dict[str, Any]:
    """Return the ``spec`` of the run that is asked for, having asked for what is missing.

    Raises:
        BadUsage: the definition may not be run, an input does not fit, or something is missing.
    """
    _check_runnable(definition)
    fixed = _fixed(definition)
    variables = {item["name"]: item for item in definition["status"].get("variables") or ()}
    inputs = read_inputs(options.data, options.inputs, variables)
    inputs_from = read_inputs_from(options.inputs_from, variables)
    from_objects = {item["variable"] for item in inputs_from}
    for name in (*inputs, *from_objects):
        if name in fixed:
            raise BadUsage(f'"{name}" is fixed by the definition: a run may not set it.')
        if name in inputs and name in from_objects:
            raise BadUsage(f'Both -i and --input-from give "{name}". Give each variable once.')
    known = {*inputs, *from_objects, *fixed}
    absent = [item for item in variables.values() if item["name"] not in known]
    inputs |= _asked_for(options, absent)
    return {
        "definitionRef": {"name": definition["metadata"]["name"]},
        **({"inputs": inputs} if inputs else {}),
        **({"inputsFrom": inputs_from} if inputs_from else {}),
    }


def _check_runnable(definition: Object) -> None:
    name, status = definition["metadata"]["name"], definition.get("status") or {}
    if status.get("installed") is None:
        raise BadUsage(f"{name} was not discovered yet: its variables are not known. Try again.")
    if not status["installed"]:
        raise BadUsage(
            f"{name} cannot be run: its class is not in the commit that is served. "
            f"`kubectl davit describe definition/{name}` says more."
        )
    if not definition["spec"].get("enabled"):
        raise BadUsage(
            f"{name} is not enabled. An admin lets it be run with `kubectl davit enable {name}`."
        )


def _fixed(definition: Object) -> set[str]:
    """Return the variables that the admin has given a value."""
    spec = definition["spec"]
    inputs, inputs_from = spec.get("inputs") or (), spec.get("inputsFrom") or ()
    return {*inputs, *(item["variable"] for item in inputs_from)}


def _asked_for(options: argparse.Namespace, absent: list[Variable]) -> dict[str, Any]:
    """Return answers for what is needed and was not given, or for all of it with ``--ask``."""
    needed = [variable for variable in absent if prompts.is_needed(variable)]
    prompts.refuse_unaskable(needed)
    if not prompts.can_ask():
        if options.ask:
            raise BadUsage("--ask needs a terminal. Give the inputs with -i NAME=VALUE.")
        prompts.refuse(needed)
        return {}
    askable = [
        variable
        for variable in absent
        if not variable.get("sensitive") and variable.get("type") not in prompts.UNASKABLE
    ]
    return prompts.answers(askable if options.ask else needed)


def _manifest(options: argparse.Namespace, spec: dict[str, Any]) -> dict[str, Any]:
    short = options.name.rpartition(".")[2]
    prefix = f"{short[:_LONGEST_PREFIX].rstrip('-.')}-"
    name = {"name": options.run_name} if options.run_name else {"generateName": prefix}
    return {"apiVersion": API_VERSION, "kind": RUNS.name, "metadata": name, "spec": spec}


def _created(server: Server, manifest: dict[str, Any]) -> RunView:
    try:
        return RunView(server.create(RUNS.within(server.namespace), manifest))
    except ApiError as error:
        _, denied, sentence = str(error).partition(_DENIED)
        if denied or error.status in (_INVALID, _CONFLICT):
            raise BadUsage(f"The run was refused: {sentence or error}") from error
        raise


def _followed(options: argparse.Namespace, server: Server, made: RunView) -> int:
    screen = screen_on(sys.stdout)
    as_json = options.output == "json"
    teller = Printed(screen, Filter(), as_json=as_json)
    if options.follow:
        ended = Following(server, made, Seam(), teller).until_end()
    else:
        ended = until_finished(server, made, teller.note)
    if options.output not in ("json", "yaml"):
        say_outcome(ended, screen)
    elif not options.follow:
        say_object(ended.said, options.output)
    return exit_code(ended)
