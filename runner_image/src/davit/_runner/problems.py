"""Why a module gave no job, in words that say where and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit.exceptions import RegistrationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from davit._runner.root import CodeRoot
    from davit_contract import DiscoveryProblem

MAX_MESSAGE = 1000
# How many names a message lists.
_MAX_NAMED = 5


def new_problem(path: str, message: str, line: int = 0) -> DiscoveryProblem:
    """Return the problem; its class is imported only when there is one."""
    from davit_contract import DiscoveryProblem  # noqa: PLC0415 (see above)

    return DiscoveryProblem(path=path, line=line, message=message[:MAX_MESSAGE])


def problem_of(error: BaseException, root: CodeRoot, path: str) -> DiscoveryProblem:
    """Return what importing the module at ``path`` met, where in the root it really happened."""
    # A run that meets no error waits for no advice.
    from davit._runner.advice import message_of  # noqa: PLC0415 (see above)

    found, line = _place(error, root) or (path, 0)
    return new_problem(root.relative(found), message_of(error, root), line)


def with_victims(problem: DiscoveryProblem, paths: Sequence[str]) -> DiscoveryProblem:
    """Return ``problem`` with the modules at ``paths``, which are not imported because of it."""
    if not paths:
        return problem
    ending = f"Not imported because of it: {listed(paths)}."
    message = sentences_of(problem.message[: MAX_MESSAGE - len(ending) - 2], ending)
    return new_problem(problem.path, message, problem.line)


def sentences_of(one: str, other: str) -> str:
    """Return both as one text, with what it takes between them."""
    if not other:
        return one
    return f"{one}{'' if one.endswith(('.', '?', '!')) else '.'} {other}"


def listed(names: Sequence[str]) -> str:
    """Return the first of ``names`` in one text, and how many more there are."""
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _place(error: BaseException, root: CodeRoot) -> tuple[str, int] | None:
    """Return the file and line of the author's that is to blame, or None."""
    if isinstance(error, RegistrationError) and error.path:
        return error.path, error.line
    if isinstance(error, SyntaxError) and root.holds(error.filename or ""):
        return str(error.filename), error.lineno or 0
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if root.holds(filename):
            found = (filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def error_text(error: BaseException) -> str:
    """Return ``str(error)``, even where the author's ``__str__`` fails."""
    try:
        return str(error)
    except (Exception, SystemExit) as failure:  # noqa: BLE001 (the author's code)
        return f"<its __str__ raised {type(failure).__name__}>"
