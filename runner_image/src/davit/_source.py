"""Where in an author's file a class or a variable stands."""

from __future__ import annotations

import ast
from pathlib import Path


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
    wanted = qualified_name.rpartition(".")[2]
    found = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == wanted]
    return found[-1] if found else None
