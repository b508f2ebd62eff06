"""What an import met, and what its author can do about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from davit._runner.modules import module_at
from davit._runner.problems import error_text, sentences_of
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from davit._runner.root import CodeRoot

_DECODING = ("(unicode error)", "encoding problem", "unknown encoding", "invalid or missing encod")
_NULL_BYTES = "source code string cannot contain null bytes"


def message_of(error: BaseException, root: CodeRoot) -> str:
    """Return the error as Python names it, and what to do where more is known than the line."""
    text = str(error.msg) if isinstance(error, SyntaxError) else error_text(error)
    if root.path:
        text = text.replace(f"{root.path}/", "")
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return sentences_of(what, _remedy(error, text, root))


def _remedy(error: BaseException, text: str, root: CodeRoot) -> str:
    if isinstance(error, SyntaxError) or text == _NULL_BYTES:
        return _about_source(text)
    if isinstance(error, SystemExit):
        return (
            "The module ends the program when it is imported; put that under "
            '`if __name__ == "__main__":`.'
        )
    if isinstance(error, MemoryError):
        return "The import takes more memory than it may; load what is large in run()."
    if not isinstance(error, ImportError) or text.endswith("."):
        # Python ends none of its texts so: this one is davit's, and says what helps.
        return ""
    if isinstance(error, ModuleNotFoundError):
        return _about_missing(error.name or "", root)
    return _about_import(text)


def _about_source(text: str) -> str:
    if text == _NULL_BYTES:
        return "Save the file as UTF-8; it may be UTF-16, or no Python at all."
    if text.startswith(_DECODING):
        return "Save the file as UTF-8, or say its encoding in the first line."
    version = ".".join(map(str, sys.version_info[:2]))
    return f"Correct the line; jobs run on Python {version} here."


def _about_missing(name: str, root: CodeRoot) -> str:
    """Return what to do about a module that no one provides."""
    first, _, rest = name.partition(".")
    if root.layout == Layout.REPOSITORY and first != root.slug:
        for folder, package in ((root.path, root.slug), (f"{root.path}/jobs", f"{root.slug}.jobs")):
            if module_at(folder, first):
                return (
                    f"A repository's modules stand below its slug: write `from {package} import "
                    f"{first}`, or a relative import."
                )
    if rest and first in root.own_names():
        return "Correct the name, or add that module."
    return (
        "Correct the name, or install it in the runner image: nothing is installed when a job runs."
    )


def _about_import(text: str) -> str:
    if text.startswith("attempted relative import with no known parent"):
        return "A module at the root has no package: write `import x` instead of `from . import x`."
    if text.startswith("attempted relative import beyond"):
        return "Take a dot away: there is nothing above the root."
    return "Correct the name, or define it there."


def circle_message(paths: Sequence[str], error: BaseException) -> str:
    """Return what to say about modules each of which imports the next, and the last the first."""
    steps = zip(paths, [*paths[1:], paths[0]], strict=True)
    circle = ", ".join(f"{one} imports {other}" for one, other in steps)
    text = error_text(error).partition(" (most likely due to")[0]
    return (
        f"Circular import: {circle}. {type(error).__name__}: {text}. Move what they share into a "
        "module of its own, or import it inside of the function that needs it."
    )
