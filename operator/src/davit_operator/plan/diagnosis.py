"""From what the runner said, and the API asked for, to the cause in words and what to do about it.

Reasons are API; messages are not. What nobody said is diagnosed from the pod: ``pod_ends`` and
``pod_waits``.
"""

from __future__ import annotations

from dataclasses import dataclass

from davit_contract import Outcome, OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.plan.involved import Involved


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A cause, and what the user can do."""

    reason: Reason
    message: str
    remedy: str
    # True, of what keeps a pod from starting: to wait for it would be in vain.
    final: bool = False


_REMEDIES: dict[OutcomeReason, str] = {
    OutcomeReason.JOB_FAILED: "Read status.error.traceback and the log, and mend the job's code.",
    OutcomeReason.JOB_CRASHED: "The job's process died without raising: look at native libraries, "
    "os._exit and memory.",
    OutcomeReason.OUT_OF_MEMORY: "Raise spec.runner.resources.limits.memory of {definition}.",
    OutcomeReason.IMPORT_FAILED: "Mend the module that status.error.traceback names, and push.",
    OutcomeReason.INVALID_INPUTS: "Create a JobRun whose spec.inputs fit the variables in "
    "status.variables of {definition}.",
    OutcomeReason.SOFT_TIME_LIMIT_EXCEEDED: "Make the job faster, or raise "
    "spec.overrides.softTimeLimitSeconds of {definition}.",
    OutcomeReason.TIME_LIMIT_EXCEEDED: "Make the job faster, or raise "
    "spec.overrides.timeLimitSeconds of {definition}.",
    OutcomeReason.CANCELLED: "Look for what sends signals in the job's code, or at whether "
    "{node} was shut down; then create another JobRun to run the job again.",
    OutcomeReason.ARTIFACT_CORRUPT: "A ConfigMap of the code was changed. Delete those that "
    "status.artifact.parts of {repository} names; the operator writes them anew.",
    OutcomeReason.INVALID_REQUEST: "The runner image does not fit the operator: set "
    "spec.runner.image of {settings} to one built on the current runner.",
}
_TOLD_TO_END = "The runner was told to end by SIGTERM, and nothing in the API says by whom."


def diagnose_outcome(outcome: Outcome, involved: Involved) -> Diagnosis:
    """Return the cause that the runner itself named; for an outcome that is no success."""
    reason, error = outcome.reason, outcome.error
    message = error.message if error else f"The job ended with {reason}."
    if error and error.type:
        message = f"{error.type}: {message}"
    if reason is OutcomeReason.CANCELLED:
        message = _TOLD_TO_END
    too_old = reason is OutcomeReason.INVALID_REQUEST
    return Diagnosis(
        reason=Reason.RUNNER_TOO_OLD if too_old else Reason(reason.value),
        message=message,
        remedy=involved.said(_REMEDIES[reason]),
    )


def diagnose_cancel(*, started: bool = True, forced: bool = False) -> Diagnosis:
    """Return what became of a run that spec.cancel ended."""
    message = "The job was cancelled."
    if not started:
        message = "The run was cancelled before its job began."
    elif forced:
        message = "The job was cancelled, and killed because it did not end by itself."
    return Diagnosis(
        reason=Reason.CANCELLED,
        message=message,
        remedy="Create another JobRun to run the job again.",
    )
