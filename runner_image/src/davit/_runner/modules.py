"""Which modules stand in a folder, and which of their names Python already uses."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class ModuleFile(NamedTuple):
    """A module that can be imported from an author's file."""

    name: str
    path: str
    is_package: bool

    @property
    def folder(self) -> str:
        """Where the submodules of a package stand."""
        return os.path.dirname(self.path)  # noqa: PTH120 (pathlib costs the run path 3 ms)


def module_at(folder: str, name: str, prefix: str = "") -> ModuleFile | None:
    """Return the module ``name`` in ``folder``: a package with ``__init__.py``, or a file."""
    package = f"{folder}/{name}/__init__.py"
    if os.path.isfile(package):  # noqa: PTH113 (as above)
        return ModuleFile(prefix + name, package, is_package=True)
    path = f"{folder}/{name}.py"
    if os.path.isfile(path):  # noqa: PTH113 (as above)
        return ModuleFile(prefix + name, path, is_package=False)
    return None


def names_in(folder: str) -> list[str]:
    """Return what modules and folders in ``folder`` can be called; ``__init__`` is none."""
    names = {entry.removesuffix(".py") for entry in os.listdir(folder)}  # noqa: PTH208 (as above)
    return sorted(name for name in names if name.isidentifier() and not name.startswith("__"))


def modules_in(folder: str, prefix: str = "") -> list[ModuleFile]:
    """Return the modules directly in ``folder``, by name."""
    found = (module_at(folder, name, prefix) for name in names_in(folder))
    return [module for module in found if module is not None]


def modules_below(module: ModuleFile) -> Iterator[ModuleFile]:
    """Yield the modules in the package, at any depth, packages before what is in them."""
    if module.is_package:
        for child in modules_in(module.folder, f"{module.name}."):
            yield child
            yield from modules_below(child)


def owner_of_name(name: str, folder: str) -> str:
    """Return who else than ``folder`` provides the top-level module ``name``, or ``""``."""
    if name in sys.stdlib_module_names:
        return "Python's standard library"
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None) if module is not None else find_spec(name)
    if spec is None:
        return ""
    places = [spec.origin or "", *(spec.submodule_search_locations or [])]
    if any(place.startswith(f"{folder}/") for place in places):
        return ""
    return f"an installed package ({next(filter(None, places), name)})"
