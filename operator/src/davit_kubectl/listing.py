"""``list``: what there is, in the columns that ``kubectl get`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._command.streams import complain
from davit_kubectl.failures import BadUsage, NotFound
from davit_kubectl.objects import missing
from davit_kubectl.printing import say_object, say_of, say_server_table
from davit_kubectl.resources import DEFINITIONS, LISTED, RUNS, kind_called
from davit_kubectl.server import JSON, TABLE

if TYPE_CHECKING:
    import argparse

    from davit_kubectl.resources import Kind
    from davit_kubectl.server import Object, Server


def list_objects(options: argparse.Namespace, server: Server) -> int:
    """Print the objects of a kind; runs in the order in which they were created."""
    kind = kind_called(options.kind)
    if kind is None:
        known = ", ".join(kind.words[3] for kind in LISTED)
        raise BadUsage(f'There is no list of "{options.kind}". There are: {known}.')
    if options.output in ("json", "yaml"):
        found = _listed(server, kind, options, JSON)
        say_object({**found, "items": _in_order(kind, found["items"])}, options.output)
        return 0
    table = _listed(server, kind, options, TABLE)
    shown = [row for row in table["rows"] if _is_shown(kind, row["object"], options)]
    rows = _in_order(kind, shown)
    if options.output == "name":
        for row in rows:
            say_of(kind, row["object"]["metadata"]["name"], "")
    elif rows:
        wide = options.output == "wide"
        table = {**table, "rows": rows}
        say_server_table(table, wide=wide, namespaced=options.all_namespaces)
    else:
        where = "" if options.all_namespaces else f" in {server.namespace} namespace"
        complain(f"No {kind.words[3]} found{where}.")
    return 0


def _listed(server: Server, kind: Kind, options: argparse.Namespace, accept: str) -> Object:
    fields = {".spec.definitionRef.name": options.definition, ".status.phase": options.phase}
    given = [f"{field[1:]}={value}" for field, value in fields.items() if value]
    if given and kind is not RUNS:
        raise BadUsage("--definition and --phase choose among runs: `list runs --phase Failed`.")
    path = kind.all() if options.all_namespaces else kind.within(server.namespace)
    query = {"labelSelector": options.selector, "fieldSelector": ",".join(given)}
    try:
        # The objects themselves say which ones are hidden.
        return server.get(path, accept=accept, includeObject=_part(kind, accept), **query)
    except NotFound as error:
        raise NotFound(404, missing(server, kind, "", error)) from error


def _part(kind: Kind, accept: str) -> str:
    if accept != TABLE:
        return ""
    return "Object" if kind is DEFINITIONS else "Metadata"


def _in_order(kind: Kind, found: list[Object]) -> list[Object]:
    if kind is not RUNS:
        return found

    def created(item: Object) -> tuple[str, str]:
        metadata = item.get("object", item)["metadata"]
        return metadata["creationTimestamp"], metadata["name"]

    return sorted(found, key=created)


def _is_shown(kind: Kind, thing: Object, options: argparse.Namespace) -> bool:
    effective = (thing.get("status") or {}).get("effective") or {}
    return kind is not DEFINITIONS or options.hidden or not effective.get("hidden")
