"""Objects and tables on standard output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from davit._command.streams import say
from davit._command.terminal import shown
from davit_kubectl.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from davit_kubectl.resources import Kind
    from davit_kubectl.server import Object

_GAP = 3


def say_object(said: Any, form: str) -> None:
    """Print JSON or YAML, without what the API server keeps for itself."""
    if isinstance(said, dict):
        said = _without_managed_fields(said)
    if form == "json":
        say(json.dumps(said, indent=4, ensure_ascii=False))
        return
    import yaml  # noqa: PLC0415 (rarely wanted)

    say(yaml.safe_dump(said, sort_keys=False, allow_unicode=True).rstrip("\n"))


def say_of(kind: Kind, name: str, what: str) -> None:
    """Print what happened to an object, as kubectl does."""
    group = f".{kind.group}" if kind.group else ""
    say(f"{kind.singular}{group}/{name}{f' {what}' if what else ''}")


def say_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their header, columns aligned as kubectl aligns them."""
    for line in table_lines(header, rows):
        say(line)


def table_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; what would steer a terminal is written out."""
    cells = [[name.upper() for name in header], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) + _GAP for column in zip(*cells, strict=True)]
    return [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def say_server_table(table: Object, *, wide: bool, namespaced: bool) -> None:
    """Print a Table as the API server makes it."""
    if table.get("kind") != "Table":
        raise Failure("The API server gives no table: it is older than davit supports.")
    columns = [
        index
        for index, column in enumerate(table["columnDefinitions"])
        if wide or not column.get("priority")
    ]
    names = [table["columnDefinitions"][index]["name"] for index in columns]
    header = ["Namespace", *names] if namespaced else names
    rows = []
    for row in table["rows"]:
        cells = [row["cells"][index] for index in columns]
        namespace = [row["object"]["metadata"]["namespace"]] if namespaced else []
        rows.append([*namespace, *cells])
    say_table(header, rows)


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return shown(str(cell)).replace("\n", "\\n").replace("\t", "\\t")


def _without_managed_fields(said: Object) -> Object:
    if "items" in said:
        return {**said, "items": [_without_managed_fields(item) for item in said["items"]]}
    if "managedFields" not in said.get("metadata", {}):
        return said
    kept = {key: value for key, value in said["metadata"].items() if key != "managedFields"}
    return {**said, "metadata": kept}
