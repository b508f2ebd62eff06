"""Layout App: jobs in packages that are installed in the image, none of them from an artifact."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from davit._registry import get_jobs
from davit._runner import sentences
from davit._runner.root import CodeRoot
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from davit._runner.load import Loader

# Each entry point's value is a module, or ``module:attribute`` as Nautobot's apps name their jobs.
ENTRY_POINT_GROUP = "davit.jobs"


def app_root(modules: Sequence[str], class_path: str = "") -> CodeRoot:
    """Return the root of the installed ``modules``, and of the class that is to be run.

    Without both, the modules are those that the installed distributions name.
    """
    if not modules and not class_path:
        modules = entry_point_values()
    packages = {name.partition(":")[0].partition(".")[0] for name in (*modules, class_path)}
    homes = [home for package in sorted(filter(None, packages)) for home in _homes(package)]
    return CodeRoot(path="", layout=Layout.APP, slug="", modules=tuple(modules), homes=tuple(homes))


def entry_point_values() -> list[str]:
    """Return what the installed distributions name as modules with jobs, sorted."""
    from importlib.metadata import entry_points  # noqa: PLC0415 (few discoveries read it)

    return sorted({point.value.strip() for point in entry_points(group=ENTRY_POINT_GROUP)})


def _homes(package: str) -> list[str]:
    """Return the folders of an installed package, or the file of a module; nothing is imported."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        # Broken or half there: its import will say so.
        return []
    if spec is None:
        return []
    places = list(spec.submodule_search_locations or [spec.origin or ""])
    return [place.rstrip("/") for place in places if place.startswith("/")]


def load_app(loader: Loader, root: CodeRoot) -> None:
    """Import the root's modules; each must register a job, and so must an attribute exist."""
    values = root.modules or entry_point_values()
    if not values:
        loader.note(".", sentences.NO_ENTRY_POINTS)
    loader.imports.add_names(value.partition(":")[0].partition(".")[0] for value in values)
    for value in values:
        name, _, attribute = value.partition(":")
        before = len(get_jobs())
        if not loader.load(name, name) or loader.imports.causes.is_broken(name):
            continue
        module = sys.modules[name]
        path = getattr(module, "__file__", None) or name
        if attribute and not _has(module, attribute.split(".")):
            loader.note(path, sentences.no_attribute_message(name, attribute))
        elif len(get_jobs()) == before and not _gives_jobs(module):
            loader.note(path, sentences.gives_nothing_message(name))


def _has(item: object, names: Iterable[str]) -> bool:
    for name in names:
        if not hasattr(item, name):
            return False
        item = getattr(item, name)
    return True


def _gives_jobs(module: ModuleType) -> bool:
    """Return whether a registered class is in ``module``, or was defined below it."""
    below = f"{module.__name__}."
    return any(
        class_path.startswith(below) or job_class in vars(module).values()
        for class_path, job_class in get_jobs().items()
    )
