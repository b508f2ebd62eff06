"""Where in an author's file a class or a variable stands."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def class_line(path: str, qualified_name: str) -> int:
    """Return the line of the class in the file, or 0 where it is not written there."""
    node = _class_node(path, qualified_name)
    return 0 if node is None else node.lineno


def variable_line(path: str, qualified_name: str, variable: str) -> int:
    """Return the line that assigns ``variable`` in the class, or else the class's."""
    node = _class_node(path, qualified_name)
    if node is None:
        return 0
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == variable for target in targets):
            return statement.lineno
    return node.lineno


def _class_node(path: str, qualified_name: str) -> ast.ClassDef | None:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        # Made in memory, or its file changed since: there is no line to tell.
        return None
    found = [node for name, node in _classes_in(tree) if name == qualified_name]
    return found[-1] if found else None


def _classes_in(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield every class below ``node`` with its name as Python qualifies it."""
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            inner = f"{prefix}{child.name}."
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{prefix}{child.name}.<locals>."
        yield from _classes_in(child, inner)
