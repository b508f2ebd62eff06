"""An author's modules, imported one by one so that a broken one never hides the others."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, NamedTuple

from davit._compat import preload
from davit._registry import get_job, get_jobs
from davit._runner import problems
from davit._runner.modules import (
    ModuleFile,
    module_at,
    modules_in,
    owner_of_name,
    unimportable_files,
)
from davit.exceptions import JobCancelled, JobNotFound
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._job import BaseJob
    from davit_contract import DiscoveryProblem


class CodeRoot(NamedTuple):
    """A folder of an author's code, and how its modules are found."""

    # Absolute, without a slash at the end.
    path: str
    layout: Layout
    slug: str


class Loader:
    """Imports the modules of one CodeRoot, and remembers what did not work and why."""

    def __init__(self, root: CodeRoot, tell_busy: Callable[[str], None]) -> None:
        self.errors: list[tuple[DiscoveryProblem, BaseException | None]] = []
        self._root = root
        self._tell_busy = tell_busy
        self._done: set[str] = set()
        self._broken: set[str] = set()
        preload()
        # Last, so that no file of the author's takes the place of an installed module.
        if root.layout == Layout.JOBS_ROOT and root.path not in sys.path:
            sys.path.append(root.path)

    @property
    def problems(self) -> list[DiscoveryProblem]:
        """What did not work, each cause once."""
        return list(dict.fromkeys(problem for problem, _ in self.errors))

    @property
    def module_names(self) -> set[str]:
        """Every module below the root that was imported without an error."""
        return self._done - self._broken

    def load_all(self) -> None:
        """Import everything that the layout says."""
        if self._root.layout == Layout.JOBS_ROOT:
            self._load_jobs_root()
        else:
            self._load_repository()

    def find(self, class_path: str) -> type[BaseJob]:
        """Return the registered class, importing no more than it takes.

        Raises:
            JobNotFound: it is not registered, wherever one looks.
        """
        self._load_chain(class_path.split(".")[:-1])
        job_class = get_job(class_path)
        if job_class is None:
            self.load_all()
            job_class = get_job(class_path)
        if job_class is None:
            known = ", ".join(sorted(get_jobs())) or "none"
            raise JobNotFound(f'No job class "{class_path}" is registered. Registered: {known}.')
        return job_class

    def _load_jobs_root(self) -> None:
        folder = self._root.path
        misspelt = unimportable_files(folder)
        for entry in misspelt:
            self._note(entry, problems.spelling_message(entry))
        modules = modules_in(folder)
        if not modules and not misspelt:
            self._note(".", problems.NO_MODULES)
        for module in modules:
            self._load_tree(module)

    def _load_repository(self) -> None:
        package = self._package()
        if package is None:
            self._note("__init__.py", problems.NO_INIT)
            return
        jobs = module_at(package.folder, "jobs", f"{package.name}.")
        if jobs is None:
            self._note("jobs", problems.NO_JOBS)
        elif self._load(package):
            self._load_tree(jobs)

    def _load_chain(self, names: list[str]) -> None:
        """Import the package, subpackage, ..., and module that ``names`` spell, as far as exist."""
        folder, prefix = self._root.path, ""
        for name in names:
            module: ModuleFile | None
            if not prefix and self._root.layout != Layout.JOBS_ROOT:
                module = self._package() if name == self._root.slug else None
            else:
                module = module_at(folder, name, prefix)
            if module is None or not self._load(module):
                return
            folder, prefix = module.folder, f"{module.name}."

    def _package(self) -> ModuleFile | None:
        """Return the repository's root as the package ``<slug>``, whatever its folder's name."""
        found = module_at(self._root.path, "__init__")
        return found and ModuleFile(self._root.slug, found.path, is_package=True)

    def _load_tree(self, module: ModuleFile) -> None:
        if not self._load(module) or not module.is_package:
            return
        for child in modules_in(module.folder, f"{module.name}."):
            self._load_tree(child)

    def _load(self, module: ModuleFile) -> bool:
        """Import ``module`` unless that was done; False where it may not be imported at all."""
        if module.name in self._done:
            return True
        if "." not in module.name:
            owner = owner_of_name(module.name, self._root.path)
            if owner:
                in_root = self._root.layout == Layout.JOBS_ROOT
                message = problems.clash_message if in_root else problems.slug_message
                self._note(module.path, message(module.name, owner))
                return False
        self._done.add(module.name)
        if module.name not in sys.modules:
            self._tell_busy(problems.relative(module.path, self._root.path))
            self._execute(module)
            self._tell_busy("")
        return True

    def _execute(self, module: ModuleFile) -> None:
        search = [module.folder] if module.is_package else None
        spec = spec_from_file_location(module.name, module.path, submodule_search_locations=search)
        if spec is None or spec.loader is None:
            raise ImportError(f"{module.path} is no Python file.")
        loaded = module_from_spec(spec)
        sys.modules[module.name] = loaded
        try:
            spec.loader.exec_module(loaded)
        except JobCancelled:
            raise
        except BaseException as error:  # noqa: BLE001 (the author's code)
            problem = problems.problem_of(error, self._root.path, module.path)
            self.errors.append((problem, error))
            self._broken.add(module.name)
            # A package that broke half-way stays, so that its other modules can be imported.
            if not module.is_package:
                sys.modules.pop(module.name, None)
                return
        parent, _, name = module.name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], name, loaded)

    def _note(self, path: str, message: str) -> None:
        path = problems.relative(path, self._root.path)
        self.errors.append((problems.new_problem(path, message), None))
