"""The author's modules on their way in: which one is being imported, and which did not work.

An import statement in one module executes another; only a loader of our own sees each of them
begin and end. A discovery executes no broken module twice, and tells one cause once.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

from davit._runner.causes import Causes, LeftOut
from davit._runner.modules import module_at
from davit.exceptions import JobCancelled, SoftTimeLimitExceeded
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from davit._runner.root import CodeRoot
    from davit_contract import DiscoveryProblem

# They end the import, whatever it was at, and are no mistake of the module's.
INTERRUPTIONS = (JobCancelled, SoftTimeLimitExceeded)


class AuthorsLoader(SourceFileLoader):
    """Loads one of the author's files, and reports to ``imports``."""

    def __init__(self, fullname: str, path: str, imports: Imports) -> None:
        super().__init__(fullname, path)
        self._imports = imports

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, unless that went wrong before."""
        try:
            failure = self._imports.begin(self.name, self.path)
            if failure is not None:
                raise failure  # noqa: TRY301 (it takes the way of every failure)
            super().exec_module(module)
        except BaseException as error:
            self._imports.failed(module, error)
            # Authors know nothing of this frame: take it out of the traceback.
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        else:
            self._imports.succeeded(self.name)
        finally:
            self._imports.end(self.name)


class Imports:
    """Finds the author's modules for import statements, and sees how each import goes.

    ``left_out`` has, by path, the modules that a discovery imports no more. None: it is a run, in
    which an import of a broken module tries again, as Python does.
    """

    def __init__(
        self,
        root: CodeRoot,
        tell_busy: Callable[[str], None],
        left_out: Mapping[str, DiscoveryProblem] | None,
    ) -> None:
        self.causes = Causes(root, left_out or {})
        # Names of the modules that were executed to their ends.
        self.done: set[str] = set()
        # Paths below the root of all that were begun.
        self.begun: set[str] = set()
        self._root = root
        self._tell_busy = tell_busy
        self._tries_again = left_out is None
        self._own_names = set(root.own_names())
        self._loading: list[str] = []
        # The process in which each of them was begun.
        self._begun_in: dict[str, int] = {}
        self._paths: dict[str, str] = {}
        # Packages that broke half-way: their other modules can still be imported.
        self._halves: dict[str, ModuleType] = {}

    def add_names(self, names: Iterable[str]) -> None:
        """Take the top-level modules ``names`` for the author's, too."""
        self._own_names.update(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of the author's modules, or None."""
        if fullname.partition(".")[0] not in self._own_names:
            return None
        if fullname == self._root.slug and self._root.layout == Layout.REPOSITORY:
            spec = _spec_of_root(self._root)
        else:
            spec = self._found_by_others(fullname, path, target)
        if spec and type(spec.loader) is SourceFileLoader and self._root.holds(spec.origin or ""):
            spec.loader = AuthorsLoader(fullname, spec.loader.path, self)
        return spec

    def begin(self, name: str, path: str) -> BaseException | None:
        """Take note that a module is imported; return the error that is known already."""
        self._loading.append(name)
        self._begun_in[name] = os.getpid()
        path = self._paths[name] = self._root.relative(path)
        failure = None if self._tries_again else self.causes.known_failure(name, path)
        if failure is None:
            self.begun.add(path)
            self._tell_busy(path)
        return failure

    def end(self, name: str) -> None:
        """Take note that the import is over, one way or the other."""
        if os.getpid() != self._begun_in[name]:
            # The module forked, and this is the copy: what follows is the other one's.
            os._exit(0)
        self._loading.remove(name)
        self._tell_busy(self._paths[self._loading[-1]] if self._loading else "")

    def succeeded(self, name: str) -> None:
        """Take note that a module is there, though it may have failed before."""
        self.done.add(name)
        self.causes.forgive(name, self._paths[name])

    def failed(self, module: ModuleType, error: BaseException) -> None:
        """Take note of why a module is not there."""
        if isinstance(error, INTERRUPTIONS):
            return
        name = module.__name__
        circle = [self._paths[one] for one in self._circle(error)]
        cause = self.causes.blame(name, self._paths[name], error, circle)
        if hasattr(module, "__path__") and not isinstance(cause.errors[0], LeftOut):
            self._halves[name] = module

    def restore_packages(self) -> None:
        """Put back the packages that broke half-way, which Python has dropped."""
        for name, module in self._halves.items():
            if name not in sys.modules:
                sys.modules[name] = module
                parent, _, last = name.rpartition(".")
                if parent in sys.modules:
                    setattr(sys.modules[parent], last, module)

    def _found_by_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        return next(filter(None, found), None)

    def _circle(self, error: BaseException) -> list[str]:
        """Return the modules that import one another, if ``error`` says that some do."""
        wanted = error.name if isinstance(error, ImportError) else None
        if isinstance(error, AttributeError):
            wanted = getattr(error.obj, "__name__", None)
        # The last one is the module that met the error.
        if wanted not in self._loading[:-1]:
            return []
        return self._loading[self._loading.index(wanted) :]


def _spec_of_root(root: CodeRoot) -> ModuleSpec | None:
    """Return the spec of the repository's root as the package ``<slug>``, whatever its folder."""
    found = module_at(root.path, "__init__")
    if found is None:
        return None
    return spec_from_file_location(root.slug, found.path, submodule_search_locations=[root.path])
