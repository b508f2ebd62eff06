"""Where an author's code stands."""

from __future__ import annotations

from typing import NamedTuple

from davit._runner.modules import modules_in, names_in
from davit_contract import Layout


class CodeRoot(NamedTuple):
    """A folder of an author's code, or installed packages, and how their modules are found."""

    # Absolute, without a slash at the end; "" in layout App.
    path: str
    layout: Layout
    # Only layout Repository uses it.
    slug: str
    # Layout App: modules to import, each ``package.module`` or ``package.module:attribute``.
    modules: tuple[str, ...] = ()
    # Layout App: the folders, or single files, of the packages that the modules belong to.
    homes: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Return whether the file at ``path`` is the author's."""
        return self._home_of(path) is not None

    def relative(self, path: str) -> str:
        """Return ``path`` as seen from the root, or in layout App from beside its package."""
        home = self._home_of(path)
        if home is None:
            return path
        beside = self.path or home.rpartition("/")[0]
        return path.removeprefix(f"{beside}/")

    def own_names(self) -> list[str]:
        """Return the top-level names that the author's modules have, or could have."""
        if self.layout == Layout.REPOSITORY:
            return [self.slug]
        return names_in(self.path) if self.path else self._packages()

    def own_loggers(self) -> list[str]:
        """Return the names of the loggers that are the author's own."""
        if self.layout == Layout.JOBS_ROOT:
            return [module.name for module in modules_in(self.path)]
        return self.own_names()

    def _packages(self) -> list[str]:
        return [home.rpartition("/")[2].removesuffix(".py") for home in self.homes]

    def _home_of(self, path: str) -> str | None:
        for home in (self.path,) if self.path else self.homes:
            if path == home or path.startswith(f"{home}/"):
                return home
        return None
