"""What is left of a finished run that may not be deleted: what it was, and how it ended."""

from __future__ import annotations

from davit_operator.api.jobrun import JobRunStatus
from davit_operator.api.run_output import RunLog
from davit_operator.plan.storage import without_objects

_WHY = (
    "as ttlSecondsAfterFinished or historyLimits ask: the run itself stays, since Flux or Argo CD "
    "would make it again."
)


def compacted(status: JobRunStatus) -> JobRunStatus:
    """Return the status of a run whose log, files, result and traceback are gone.

    Phase, reason, conditions, times, attempts and counts stay.
    """
    bare = without_objects(status, _WHY)
    return bare.model_copy(
        update={
            "log": _without_tail(status.log, bare.log),
            "result": None,
            "error": bare.error and bare.error.model_copy(update={"traceback": None}),
            "progress": None,
            "compacted": True,
        }
    )


def _without_tail(before: RunLog | None, log: RunLog | None) -> RunLog | None:
    if log is None or not log.tail:
        return log
    told = log.message or ""
    if log == before:
        # No JobLogs are gone that the message would tell of.
        told = f"{told} The log was removed, {_WHY}".lstrip()
    return log.model_copy(update={"tail": [], "incomplete": True, "message": told})
