"""The import finder that answers for Nautobot's and Celery's modules where there are none."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from davit._compat.names import MODULES, missing_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_ROOTS = tuple(name for name in MODULES if "." not in name)


class CompatLoader:
    """Makes a module that gets each of davit's objects when it is asked for."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return None: a plain module will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Let the module answer for Nautobot's names."""
        names = MODULES[module.__name__]

        def find(name: str) -> Any:
            if name not in names:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            home, _, other = names[name].partition(":")
            __import__(home)
            found = getattr(sys.modules[home], other or name)
            setattr(module, name, found)
            return found

        vars(module).update(__getattr__=find, __all__=sorted(names), __dir__=lambda: sorted(names))


class CompatFinder:
    """Answers for the modules in ``MODULES``; at the end of the path a real Nautobot wins."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 (the import system's signature)
        target: ModuleType | None = None,  # noqa: ARG002 (the import system's signature)
    ) -> ModuleSpec | None:
        """Return the spec of one of our modules, or None.

        Raises:
            ModuleNotFoundError: one of our packages is asked for what davit has not; Python asks so
                for every name of a ``from ... import`` that is no attribute.
        """
        if not _parent_is_ours(fullname):
            return None
        if fullname not in MODULES:
            # Of another name than the wanted one: else Python puts words of its own in the place.
            name = fullname.partition(".")[0]
            raise ModuleNotFoundError(missing_message(fullname), name=name)
        # A package, even where nothing is below it: only of those Python asks for names as above.
        loader: Any = CompatLoader()
        return ModuleSpec(fullname, loader, origin="davit", is_package=True)


def _parent_is_ours(fullname: str) -> bool:
    parent = fullname.rpartition(".")[0]
    if not parent:
        return fullname in _ROOTS
    spec = getattr(sys.modules.get(parent), "__spec__", None)
    return isinstance(getattr(spec, "loader", None), CompatLoader)


def install() -> None:
    """Put the finder at the end of ``sys.meta_path``, once."""
    if not any(isinstance(finder, CompatFinder) for finder in sys.meta_path):
        sys.meta_path.append(CompatFinder())


def preload() -> None:
    """Import our ``nautobot`` and ``celery``, each unless the real one is installed.

    Afterwards a file ``nautobot.py`` beside an author's jobs cannot stand in for them.
    """
    from importlib.util import find_spec  # noqa: PLC0415 (only the runner needs it)

    for root in _ROOTS:
        spec = find_spec(root)
        if spec is not None and isinstance(spec.loader, CompatLoader):
            __import__(root)
