"""A folder of jobs on this machine: does it exist, what is its layout, what is its slug."""

from __future__ import annotations

import builtins
import keyword
import os
import sys
from typing import TYPE_CHECKING

from davit._runner.apps import app_root
from davit._runner.root import CodeRoot
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence


class BadUsage(ValueError):  # noqa: N818 (names the situation)
    """What the user typed cannot be done; the text says why, and what to do."""


def code_root(folder: str, layout: str | None, slug: str | None) -> CodeRoot:
    """Return where the jobs are.

    Without a layout: Repository where jobs stand beside ``__init__.py``, else JobsRoot. Without a
    slug: the folder's name, as the operator makes one of a repository's.

    Raises:
        BadUsage: the folder cannot be read, or the slug is none.
    """
    if not folder:
        raise BadUsage("DIR is missing: the folder that holds the jobs. For this one, write a dot.")
    path = _readable_folder(folder)
    found = Layout(layout) if layout else _layout_of(path)
    if slug is not None:
        _check_slug(slug, "--slug", "Give another")
    elif found == Layout.REPOSITORY:
        slug = _slug_of(path)
        _check_slug(slug, f"The slug, made of the folder's name {folder},", "Give one with --slug")
    return CodeRoot(path=path, layout=found, slug=slug or "jobs")


def installed_root(folder: str, modules: Sequence[str], class_path: str = "") -> CodeRoot:
    """Return the root of installed modules, layout App; a ``folder`` counts as installed.

    Raises:
        BadUsage: the folder cannot be read, or a module's name is none.
    """
    for value in modules:
        if not all(part.isidentifier() for part in value.partition(":")[0].split(".")):
            raise BadUsage(f'--module "{value}" is no module\'s name. Write it as in my_app.jobs.')
    if folder:
        # Last, so that its files do not stand in for Python's own.
        sys.path.append(_readable_folder(folder))
    return app_root(modules, class_path)


def _readable_folder(folder: str) -> str:
    """Return the real, absolute path, because jobs may change their working folder."""
    try:
        path = os.path.realpath(folder)
        os.listdir(path)  # noqa: PTH208 (only whether it works)
        os.stat(f"{path}/.")  # noqa: PTH116 (what importing from it takes)
    except FileNotFoundError:
        raise BadUsage(f"{folder} does not exist. Give the folder that holds the jobs.") from None
    except NotADirectoryError:
        raise BadUsage(
            f"{folder} is a file. Give the folder that holds it, and for `davit run` the class "
            "path after it."
        ) from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(
            f"{folder} cannot be read: {cause}. Give a folder that you may list and enter."
        ) from None
    return path


def _layout_of(path: str) -> Layout:
    jobs = any(os.path.isfile(f"{path}/{file}") for file in ("jobs.py", "jobs/__init__.py"))  # noqa: PTH113 (as the loader does)
    if jobs and os.path.isfile(f"{path}/__init__.py"):  # noqa: PTH113 (as above)
        return Layout.REPOSITORY
    return Layout.JOBS_ROOT


def _slug_of(path: str) -> str:
    slug = os.path.basename(path).replace("-", "_")  # noqa: PTH119 (as above)
    return f"a{slug}" if slug[:1].isdigit() else slug


def _check_slug(slug: str, what: str, remedy: str) -> None:
    """Refuse a slug that no repository may have.

    Source: Nautobot's rules; a repository under such a name would hide what others import.
    """
    reasons = (
        (not slug.isidentifier(), "is no Python identifier"),
        (keyword.iskeyword(slug) or keyword.issoftkeyword(slug), "is a word of Python itself"),
        (hasattr(builtins, slug), "is one of Python's built-in names"),
        (slug in sys.stdlib_module_names, "is a module of Python's standard library"),
    )
    for applies, reason in reasons:
        if applies:
            raise BadUsage(f'{what} "{slug}" {reason}. {remedy}.')
