"""The import finder that answers for Nautobot's modules where no Nautobot is installed."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from davit._compat.names import MODULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class CompatLoader:
    """Fills a module with davit's objects."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return None: a plain module will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Put davit's objects under Nautobot's names."""
        for name, home in MODULES[module.__name__].items():
            __import__(home)
            setattr(module, name, getattr(sys.modules[home], name))


class CompatFinder:
    """Answers for the modules in ``MODULES``; at the end of the path a real Nautobot wins."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 (the import system's signature)
        target: ModuleType | None = None,  # noqa: ARG002 (the import system's signature)
    ) -> ModuleSpec | None:
        """Return the spec of one of our modules, or None."""
        if fullname not in MODULES or not _parent_is_ours(fullname):
            return None
        return ModuleSpec(
            fullname,
            CompatLoader(),  # type: ignore[arg-type]  # the protocol, without its base class
            origin="davit",
            is_package=any(name.startswith(f"{fullname}.") for name in MODULES),
        )


def _parent_is_ours(fullname: str) -> bool:
    parent = fullname.rpartition(".")[0]
    if not parent:
        return True
    spec = getattr(sys.modules.get(parent), "__spec__", None)
    return isinstance(getattr(spec, "loader", None), CompatLoader)


def install() -> None:
    """Put the finder at the end of ``sys.meta_path``, once."""
    if not any(isinstance(finder, CompatFinder) for finder in sys.meta_path):
        sys.meta_path.append(CompatFinder())


def preload() -> None:
    """Import our modules, unless a real Nautobot is installed.

    Afterwards a file ``nautobot.py`` beside an author's jobs cannot stand in for them.
    """
    from importlib.util import find_spec  # noqa: PLC0415 (only the runner needs it)

    spec = find_spec("nautobot")
    if spec is not None and isinstance(spec.loader, CompatLoader):
        for name in MODULES:
            __import__(name)
