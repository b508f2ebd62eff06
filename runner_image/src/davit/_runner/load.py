"""An author's modules, imported one by one so that a broken one never hides the others."""

from __future__ import annotations

import gc
import sys
from os.path import isdir
from typing import TYPE_CHECKING

from davit._compat import preload
from davit._registry import get_job, get_jobs
from davit._runner import problems, sentences
from davit._runner.imports import INTERRUPTIONS, Imports
from davit._runner.modules import ModuleFile, module_at, modules_below, modules_in, owner_of_name
from davit._runner.root import CodeRoot
from davit.exceptions import JobNotFound
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from davit._job import BaseJob
    from davit_contract import DiscoveryProblem

__all__ = ["CodeRoot", "Loader"]


class Loader:
    """Imports the modules of one CodeRoot, and remembers what did not work and why.

    ``left_out`` has, by path below the root, modules that a discovery must not import again, and
    why; a run has none.
    """

    def __init__(
        self,
        root: CodeRoot,
        tell_busy: Callable[[str], None],
        left_out: Mapping[str, DiscoveryProblem] | None = None,
    ) -> None:
        # What is wrong though no import met it.
        self.notes: list[DiscoveryProblem] = []
        self._root = root
        preload()
        self.imports = Imports(root, tell_busy, left_out)
        sys.meta_path.insert(0, self.imports)
        # Last, so that no file of the author's takes the place of an installed module.
        if root.layout == Layout.JOBS_ROOT and root.path not in sys.path:
            sys.path.append(root.path)

    @property
    def problems(self) -> list[DiscoveryProblem]:
        """What did not work, each cause once."""
        found = [*(cause.told() for cause in self.imports.causes.all), *self.notes]
        return list(dict.fromkeys(found))

    def load_all(self) -> None:
        """Import everything that the layout says."""
        if self._root.layout == Layout.APP:
            # It reads what is installed, which most runs need not.
            from davit._runner.apps import load_app  # noqa: PLC0415 (see above)

            load_app(self, self._root)
        elif self._root.layout == Layout.JOBS_ROOT:
            self._load_jobs_root()
        else:
            self._load_repository()

    def find(self, class_path: str) -> type[BaseJob]:
        """Return the registered class, importing no more than it takes.

        Raises:
            JobNotFound: it is not registered, wherever one looks.
        """
        module = class_path.rpartition(".")[0]
        if self._root.layout == Layout.APP:
            self.load(module, module)
        else:
            self._load_chain(module.split("."))
        job_class = get_job(class_path)
        if job_class is None and not self.imports.causes.is_broken(module):
            self.load_all()
            job_class = get_job(class_path)
        if job_class is None:
            raise JobNotFound(_not_found(class_path, sorted(get_jobs())))
        return job_class

    def load(self, name: str, path: str) -> bool:
        """Import the module ``name`` at ``path``; False where nothing of it is there then."""
        try:
            __import__(name)
        except INTERRUPTIONS:
            raise
        except BaseException as error:  # noqa: BLE001 (the author's code)
            cause = self.imports.causes.blame(name, self._root.relative(path), error)
            if cause.whole_trace is None and cause.errors[0] is error:
                cause.whole_trace = error.__traceback__
            if isinstance(error, MemoryError):
                # It holds on to all that filled the memory, which the other modules need.
                error.__traceback__ = cause.whole_trace = None
                gc.collect()
        self.imports.restore_packages()
        return name in sys.modules

    def note(self, path: str, message: str) -> None:
        """Remember that something is wrong with the file at ``path``."""
        self.notes.append(problems.new_problem(self._root.relative(path), message))

    def _load_jobs_root(self) -> None:
        modules = modules_in(self._root.path)
        if not modules:
            self.note(".", sentences.NO_MODULES)
        for module in modules:
            self._load_tree(module)

    def _load_repository(self) -> None:
        package, jobs = repository_modules(self._root)
        if package is None:
            self.note("__init__.py", sentences.NO_INIT)
        elif jobs is None:
            is_folder = isdir(f"{self._root.path}/jobs")  # noqa: PTH112 (pathlib costs 3 ms)
            self.note("jobs", sentences.JOBS_IS_NO_PACKAGE if is_folder else sentences.NO_JOBS)
        elif self._load_module(package):
            self._load_tree(jobs)

    def _load_chain(self, names: list[str]) -> None:
        """Import the package, subpackage, ..., and module that ``names`` spell, as far as exist."""
        folder, prefix = self._root.path, ""
        for name in names:
            if not prefix and self._root.layout == Layout.REPOSITORY:
                module = repository_modules(self._root)[0] if name == self._root.slug else None
            else:
                module = module_at(folder, name, prefix)
            if module is None or not self._load_module(module):
                return
            folder, prefix = module.folder, f"{module.name}."

    def _load_tree(self, module: ModuleFile) -> None:
        if self._load_module(module) and module.is_package:
            for child in modules_in(module.folder, f"{module.name}."):
                self._load_tree(child)

    def _load_module(self, module: ModuleFile) -> bool:
        """Import ``module``; False where nothing of it is there then, or may be."""
        owner = "" if "." in module.name else owner_of_name(module.name, self._root.path)
        if owner:
            in_root = self._root.layout == Layout.JOBS_ROOT
            message = sentences.clash_message if in_root else sentences.slug_message
            self.note(module.path, message(module.name, owner))
            return False
        return self.load(module.name, module.path)


def repository_modules(root: CodeRoot) -> tuple[ModuleFile | None, ModuleFile | None]:
    """Return the package ``<slug>`` and its module ``jobs``, as far as exist."""
    found = module_at(root.path, "__init__")
    package = found and ModuleFile(root.slug, found.path, is_package=True)
    return package, module_at(root.path, "jobs", f"{root.slug}.")


def modules_of(root: CodeRoot) -> Iterator[ModuleFile]:
    """Yield every module that the layout says, as it stands in files; layout App says none so."""
    tops: list[ModuleFile | None] = []
    if root.layout == Layout.JOBS_ROOT:
        tops += modules_in(root.path)
    elif root.layout == Layout.REPOSITORY:
        package, jobs = repository_modules(root)
        tops.append(jobs)
        yield from filter(None, [package])
    for module in filter(None, tops):
        yield module
        yield from modules_below(module)


def _not_found(class_path: str, known: list[str]) -> str:
    """Return what to say about a class that is not there, and which one may be meant."""
    from difflib import get_close_matches  # noqa: PLC0415 (only to explain a mistake)

    meant = get_close_matches(class_path, known, n=1, cutoff=0.8)
    hint = f" Did you mean {meant[0]}?" if meant else ""
    return (
        f'No job class "{class_path}" is registered.{hint} '
        f"Registered: {', '.join(known) or 'none'}."
    )
