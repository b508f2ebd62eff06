"""Hands ``davit cluster`` over to whoever knows clusters: nothing here does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._command.streams import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

CLUSTER = "cluster"
# Where other distributions name functions of (arguments, program) that return an exit code.
GROUP = "davit.commands"
_BAD_USAGE = 2


def on_cluster(arguments: Sequence[str]) -> int:
    """Return the exit code of the command that is installed for clusters."""
    from importlib.metadata import entry_points  # noqa: PLC0415 (nobody else waits for it)

    for found in entry_points(group=GROUP, name=CLUSTER):
        code: int = found.load()(arguments, f"davit {CLUSTER}")
        return code
    complain(
        "davit: `davit cluster` comes with the package davit-operator, which is not installed "
        "here. Install it beside davit: pip install davit-operator."
    )
    return _BAD_USAGE
