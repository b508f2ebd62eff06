"""Why a module gave no job, in words that say where and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit.exceptions import RegistrationError

if TYPE_CHECKING:
    from types import TracebackType

    from davit_contract import DiscoveryProblem

MAX_MESSAGE = 1000


def new_problem(path: str, message: str, line: int = 0) -> DiscoveryProblem:
    """Return the problem; its class is imported only when there is one."""
    from davit_contract import DiscoveryProblem  # noqa: PLC0415 (see above)

    return DiscoveryProblem(path=path, line=line, message=message[:MAX_MESSAGE])


def problem_of(error: BaseException, folder: str, path: str) -> DiscoveryProblem:
    """Return what importing the module at ``path`` met, where in ``folder`` it really happened."""
    found, line = _place(error, folder) or (path, 0)
    return new_problem(relative(found, folder), _message(error), line)


def relative(path: str, folder: str) -> str:
    """Return ``path`` as seen from ``folder``."""
    return path.removeprefix(f"{folder}/")


def _place(error: BaseException, folder: str) -> tuple[str, int] | None:
    """Return the file and line of the author's that is to blame, or None."""
    if isinstance(error, RegistrationError) and error.path:
        return error.path, error.line
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(f"{folder}/"):
        return str(error.filename), error.lineno or 0
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith(f"{folder}/"):
            found = (filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        return (
            f"SystemExit: {error.code}. The module ends the program when it is imported; "
            'put that under `if __name__ == "__main__":`.'
        )
    return f"{type(error).__name__}: {error_text(error)}"


def error_text(error: BaseException) -> str:
    """Return ``str(error)``, even where the author's ``__str__`` fails."""
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001 (the author's code)
        return f"<its __str__ raised {type(failure).__name__}>"


NO_INIT = (
    "The repository's root has no __init__.py, so it is no package and gives no jobs. "
    "Add an empty __init__.py beside jobs."
)
NO_JOBS = (
    "No `jobs` submodule found. Add jobs.py or jobs/__init__.py, or use layout JobsRoot "
    "for a folder of job files."
)
NO_MODULES = "The folder holds no Python module. Add a file with a Job class that is registered."
NOTHING_REGISTERED = (
    "No jobs were registered. Did you miss a register_jobs() call? "
    "End the module of your Job class with `register_jobs(YourJob)`."
)


def unregistered_message(name: str) -> str:
    """Return what to say about a Job class that nobody registered."""
    return (
        f"{name} is a Job class but is not registered, so it cannot be run. "
        f"Add `register_jobs({name})` at the end of the file."
    )


def clash_message(name: str, owner: str) -> str:
    """Return what to say about a module whose name is taken."""
    return f'The name "{name}" belongs to {owner}, so this module is not imported. Rename it.'


def slug_message(slug: str, owner: str) -> str:
    """Return what to say about a slug that is taken."""
    return f'The slug "{slug}" is the name of {owner}. Choose another slug for the repository.'


def spelling_message(entry: str) -> str:
    """Return what to say about a file that cannot be imported by name."""
    return (
        f'"{entry}" is no module name, so this file is not imported. '
        "Use letters, digits and underscores only."
    )
