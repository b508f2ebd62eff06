"""Why a run has no class to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._runner.endings import Executed, formatted
from davit_contract import ErrorInfo, OutcomeReason

if TYPE_CHECKING:
    from davit._runner.load import Loader
    from davit.exceptions import JobNotFound
    from davit_contract import DiscoveryProblem

# How many problems of other modules are told.
_MAX_OTHERS = 3


def not_loaded(loader: Loader, class_path: str, missing: JobNotFound) -> Executed:
    """Return the end of a run whose class cannot be had: for what keeps its module out, if any."""
    module = class_path.rpartition(".")[0]
    cause = loader.imports.causes.of(module)
    if cause is not None:
        error = cause.errors[0].with_traceback(cause.whole_trace)
        info = ErrorInfo(
            type=type(error).__name__,
            message=f"{_where(cause.told())}\n{missing}",
            traceback=formatted(error),
        )
    else:
        # A module that is there may leave its registration to one that is not.
        others = [_where(problem) for problem in loader.problems[:_MAX_OTHERS]]
        info = ErrorInfo(type="JobNotFound", message="\n".join([str(missing), *others]))
    return Executed(reason=OutcomeReason.IMPORT_FAILED, error=info, exit_code=1)


def _where(problem: DiscoveryProblem) -> str:
    line = f":{problem.line}" if problem.line else ""
    return f"{problem.path}{line}: {problem.message}"
