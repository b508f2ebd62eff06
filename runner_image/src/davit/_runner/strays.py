"""Files that register jobs and that no import reaches: misplaced, or misnamed."""

from __future__ import annotations

import os
import re
import sys
from os.path import isfile
from typing import TYPE_CHECKING

from davit._runner import sentences
from davit._runner.problems import new_problem
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from davit._runner.root import CodeRoot
    from davit_contract import DiscoveryProblem

_REGISTERS_JOBS = re.compile(rb"^(?:\w+\.)*register_jobs\(", re.MULTILINE)
_NOT_SEARCHED = frozenset({"__pycache__", "site-packages", "test", "tests"})
# More than what can hold all of a repository's jobs.
_MAX_FILES = 5_000
_READ_BYTES = 256 * 1024


def stray_files(
    root: CodeRoot, begun: Collection[str], refused: Collection[str]
) -> Iterator[DiscoveryProblem]:
    """Yield a problem for each file that registers jobs and was not ``begun``.

    ``refused`` are those that were reported before; what stands in such a package needs no word of
    its own. All are paths below the root.
    """
    for path in _python_files(_folders(root)):
        shown = root.relative(path)
        is_told = shown in begun or any(part in refused for part in (shown, *_packages(shown)))
        if not is_told and _registers_jobs(path):
            yield new_problem(shown, _why(root, path))


def _folders(root: CodeRoot) -> list[str]:
    if root.path:
        return [root.path]
    modules = (sys.modules.get(name.partition(":")[0]) for name in root.modules)
    return [folder for module in modules for folder in getattr(module, "__path__", ())]


def _python_files(tops: list[str]) -> Iterator[str]:
    left = _MAX_FILES
    for top in tops:
        for folder, below, files in os.walk(top):
            below[:] = sorted(set(filter(_is_searched, below)))
            for name in sorted(files):
                if name.endswith(".py") and left > 0:
                    left -= 1
                    yield f"{folder}/{name}"


def _is_searched(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _NOT_SEARCHED


def _packages(shown: str) -> list[str]:
    """Return the ``__init__.py`` of each folder that ``shown`` stands in, from within."""
    folders = shown.split("/")[:-1]
    return ["/".join([*folders[:count], "__init__.py"]) for count in range(len(folders), 0, -1)]


def _registers_jobs(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (as its neighbours on the run path)
            return _REGISTERS_JOBS.search(file.read(_READ_BYTES)) is not None
    except OSError:
        # A link to nowhere.
        return False


def _why(root: CodeRoot, path: str) -> str:
    """Return why no import reaches the file, and what to do."""
    folder, _, entry = path.rpartition("/")
    name = entry.removesuffix(".py")
    if not name.isidentifier():
        return sentences.spelling_message(entry)
    if isfile(f"{folder}/{name}/__init__.py"):  # noqa: PTH113 (as above)
        return sentences.hidden_message(name)
    if path == f"{root.path}/__init__.py":
        return sentences.ROOT_INIT
    if root.layout == Layout.REPOSITORY and not root.relative(path).startswith("jobs/"):
        return sentences.OUTSIDE_JOBS
    for package in reversed(_packages(root.relative(path))):
        if not isfile(path.removesuffix(root.relative(path)) + package):  # noqa: PTH113 (as above)
            return sentences.no_package_message(package.removesuffix("/__init__.py"))
    return sentences.not_imported_message(root.relative(f"{folder}/__init__.py"))
