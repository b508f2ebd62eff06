"""What kubectl offers at TAB: it calls ``kubectl_complete-davit`` with the words typed so far.

The answer has the form of cobra, which kubectl is built on: a line for each offer, with a
description after a tab, and at last a colon and a number that says what the shell is to do.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING, Any

from davit._command.terminal import shown
from davit_kubectl.arguments import VERBS, verb_parser
from davit_kubectl.failures import Failure
from davit_kubectl.resources import DEFINITIONS, LISTED, NAMESPACES, RUNS
from davit_kubectl.seam import LEVELS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    from davit_kubectl.resources import Kind
    from davit_kubectl.server import Server

Offer = tuple[str, str]
# Source: https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective
NO_SPACE, NO_FILES = 2, 4
_FILES_OF_THE_FOLDER = 0
_OF_RUNS = frozenset({"logs", "cancel", "files", "result"})
_OF_DEFINITIONS = frozenset({"run", "enable", "disable"})
_PHASES = ("Pending", "Starting", "Running", "Succeeded", "Failed", "Cancelled", "Rejected")
_BOOLEANS = frozenset({"BooleanVar", "DryRunVar"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the offers; where none can be found out, none: nobody wants an error at TAB."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    offers, directive = offered(words[:-1], words[-1] if words else "")
    lines = [f"{value}\t{_first_line(text)}" if text else value for value, text in offers]
    sys.stdout.write("\n".join([*lines, f":{directive}"]) + "\n")
    return 0


def _first_line(text: str) -> str:
    return shown(text.strip().partition("\n")[0])


def offered(words: Sequence[str], begun: str) -> tuple[list[Offer], int]:
    """Return what may follow ``words`` and begins with ``begun``, and cobra's directive."""
    verb = next((word for word in words if word in VERBS), "")
    option = words[-1] if words and words[-1].startswith("-") else ""
    if begun.startswith("--") and "=" in begun:
        option, _, begun = begun.partition("=")
    try:
        found, directive = _offers(verb, option, words, begun)
    except (Failure, SystemExit):
        found, directive = [], NO_FILES
    return [offer for offer in found if offer[0].startswith(begun)], directive


def _offers(
    verb: str, option: str, words: Sequence[str], begun: str
) -> tuple[Iterable[Offer], int]:
    names_a_file = option in ("--kubeconfig", "--data") or (
        option in ("-o", "--output") and verb == "files" and _is_fetching(words)
    )
    if names_a_file:
        return [], _FILES_OF_THE_FOLDER
    if option in ("-i", "--input", "--input-from"):
        offers = list(_inputs(verb, words, begun, values=option != "--input-from"))
        goes_on = any(value[-1] in "=/" for value, _ in offers)
        return offers, NO_FILES | (NO_SPACE if goes_on else 0)
    return _plain_offers(verb, option, words, begun), NO_FILES


def _plain_offers(verb: str, option: str, words: Sequence[str], begun: str) -> Iterable[Offer]:
    if option in _VALUES:
        return _VALUES[option](verb, words)
    if begun.startswith("-"):
        return _options(verb)
    return _names(verb, words) if verb else VERBS.items()


def _names(verb: str, words: Sequence[str]) -> Iterable[Offer]:
    if verb == "list":
        return [(kind.words[3], "") for kind in LISTED]
    options = _parsed(verb, words)
    if verb == "files" and getattr(options, "name", None):
        return _files(options)
    given = set(getattr(options, "names", None) or ())
    if verb in ("run", "logs", "result", "describe") and getattr(options, "name", None):
        return []
    kinds = _kinds(verb)
    server = _server(options)
    return [offer for kind in kinds for offer in _listed(server, kind) if offer[0] not in given]


def _kinds(verb: str) -> tuple[Kind, ...]:
    if verb in _OF_RUNS:
        return (RUNS,)
    return (DEFINITIONS,) if verb in _OF_DEFINITIONS else LISTED


def _listed(server: Server, kind: Kind) -> Iterable[Offer]:
    found = server.get(kind.within(server.namespace), limit="500")["items"]
    return [(item["metadata"]["name"], _hint(kind, item)) for item in found]


def _hint(kind: Kind, item: dict[str, Any]) -> str:
    status = item.get("status") or {}
    if kind is RUNS:
        return str(status.get("phase") or "")
    return str((status.get("effective") or {}).get("name") or "")


def _files(options: argparse.Namespace) -> Iterable[Offer]:
    server = _server(options)
    run = server.get(RUNS.at(server.namespace, options.name))
    found = (run.get("status") or {}).get("files") or ()
    return [(file["name"], f"{file['sizeBytes']:,} bytes") for file in found]


def _inputs(verb: str, words: Sequence[str], begun: str, *, values: bool) -> Iterable[Offer]:
    options = _parsed(verb, words[:-1])
    if not getattr(options, "name", None):
        return []
    server = _server(options)
    status = server.get(DEFINITIONS.at(server.namespace, options.name)).get("status") or {}
    variables = status.get("variables") or ()
    name, equals, _ = begun.partition("=")
    if not equals:
        return [
            (f"{item['name']}=", item.get("description") or "")
            for item in variables
            if not (values and item.get("sensitive"))
        ]
    chosen = next((item for item in variables if item["name"] == name), None)
    if chosen is None or not values:
        return [(f"{name}={kind}/", "") for kind in ("secret", "configmap")]
    if chosen["type"] in _BOOLEANS:
        return [(f"{name}={word}", "") for word in ("true", "false")]
    choices = chosen.get("choices") or ()
    return [(f"{name}={choice['value']}", choice.get("label") or "") for choice in choices]


def _options(verb: str) -> Iterable[Offer]:
    if not verb:
        return [("--namespace", ""), ("--context", ""), ("--help", "")]
    actions = verb_parser(verb, "kubectl davit")._actions
    return [
        (name, action.help or "")
        for action in actions
        for name in action.option_strings
        if name.startswith("--")
    ]


def _formats(verb: str, _: Sequence[str]) -> Iterable[Offer]:
    actions = verb_parser(verb or "list", "kubectl davit")._actions
    output = next((action for action in actions if action.dest == "output"), None)
    choices = output.choices if output is not None else None
    return [(str(word), "") for word in choices or ("json", "yaml", "wide")]


def _namespaces(verb: str, words: Sequence[str]) -> Iterable[Offer]:
    server = _server(_parsed(verb or "list", words[:-1]))
    found = server.get(NAMESPACES.all(), limit="500")["items"]
    return [(item["metadata"]["name"], "") for item in found]


def _contexts(verb: str, words: Sequence[str]) -> Iterable[Offer]:
    from davit_kubectl.kubeconfig import read_kubeconfig  # noqa: PLC0415 (only here)
    from davit_kubectl.surroundings import environment  # noqa: PLC0415 (only here)

    options = _parsed(verb or "list", words[:-1])
    return [(name, "") for name in read_kubeconfig(options.kubeconfig, environment()).contexts]


def _definitions(verb: str, words: Sequence[str]) -> Iterable[Offer]:
    return _listed(_server(_parsed(verb or "list", words[:-1])), DEFINITIONS)


_VALUES: dict[str, Callable[[str, Sequence[str]], Iterable[Offer]]] = {
    "-o": _formats,
    "--output": _formats,
    "-n": _namespaces,
    "--namespace": _namespaces,
    "--context": _contexts,
    "--definition": _definitions,
    "--level": lambda *_: [(level, "") for level in LEVELS],
    "--phase": lambda *_: [(phase, "") for phase in _PHASES],
}


def _is_fetching(words: Sequence[str]) -> bool:
    return bool(getattr(_parsed("files", words[:-1]), "file", None))


def _parsed(verb: str, words: Sequence[str]) -> argparse.Namespace:
    """Return what the finished words say; those that come are not missed."""
    parser = verb_parser(verb, "kubectl davit")
    for action in parser._actions:
        if not action.option_strings:
            action.nargs = "*" if action.dest == "names" else "?"
    rest = [word for word in words if word != verb]
    with contextlib.redirect_stderr(io.StringIO()):
        options, _ = parser.parse_known_intermixed_args(rest)
    return options


def _server(options: argparse.Namespace) -> Server:
    from davit_kubectl.__main__ import server_of  # noqa: PLC0415 (not needed for what is known)

    return server_of(options)
