"""What a discovery pod that has ended says: jobs and problems, or why there are none to speak of.

What the code does itself stalls: the same commit would do it again. All else is tried again.
"""

from __future__ import annotations

from davit_contract import Outcome, OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.api.jobrepository import Problem
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.discovered import read_discovery
from davit_operator.plan.involved import involved_in_discovery
from davit_operator.plan.observed import Discovered, SeenPod
from davit_operator.plan.pod_ends import diagnose_end
from davit_operator.plan.records import decode_outcome, last_sequence

# Of the log of a pod that ended without a word of its own.
_SHOWN_CHARACTERS = 500
_AGAIN = "It is tried again."
# Ends that the commit is not to blame for.
_PASSING = {
    OutcomeReason.CANCELLED: "the discovery pod was told to end before it was done.",
    OutcomeReason.ARTIFACT_CORRUPT: "the pod found other code than was published.",
}
_REMEDIES = {
    OutcomeReason.TIME_LIMIT_EXCEEDED: "Modules are imported to find their jobs: move what takes "
    "long into run(), and push.",
    OutcomeReason.JOB_CRASHED: "Importing the modules ended the process: look for os._exit, native "
    "libraries and memory use outside of run(), mend it, and push.",
    OutcomeReason.INVALID_REQUEST: "The runner image does not fit the operator: set "
    "spec.runner.image to one that is built on the current runner.",
}
_OF_THE_IMAGE = frozenset({Reason.OUTCOME_LOST, Reason.CONTAINER_CONFIG_INVALID})
_OUT_OF_MEMORY = (
    "importing its modules used more memory than a discovery pod may. Move what needs much into "
    "run(), and push."
)


class BrokenCode(Stalled):
    """A commit none of whose jobs can be loaded, and what keeps them."""

    def __init__(self, message: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(Reason.DISCOVERY_FAILED, message)
        self.problems = problems


def last_word(pod: SeenPod) -> Outcome | None:
    """Return what the runner of a discovery pod said at its end; None where it said nothing."""
    return decode_outcome(pod.runner.message, pod.key.name)


def needs_log(outcome: Outcome | None) -> bool:
    """Return whether the pod's log is to be read: what was found, or what was printed instead."""
    return outcome is None or outcome.reason is OutcomeReason.SUCCEEDED


def read_end(
    pod: SeenPod, outcome: Outcome | None, log: bytes, revision: str
) -> Discovered | Blocked:
    """Return what the discovery of ``revision`` came to."""
    if outcome is None:
        return _silent(pod, log, revision)
    if outcome.reason in _PASSING:
        return _waits(f"{revision} is not served yet: {_PASSING[outcome.reason]} {_AGAIN}")
    if outcome.reason is OutcomeReason.OUT_OF_MEMORY:
        return _stalls(f"{revision} is not served: {_OUT_OF_MEMORY}")
    if outcome.reason is not OutcomeReason.SUCCEEDED:
        why = outcome.error.message if outcome.error else f"{outcome.reason}."
        remedy = _REMEDIES.get(outcome.reason, "Mend it, and push.")
        return _stalls(f"{revision} is not served: {why} {remedy}")
    if last_sequence(log) < outcome.last_sequence:
        # What is missing would count as gone, and its definitions as not installed.
        return _waits(
            f"The log of discovery pod {pod.key.name} cannot be read to its end, so {revision} is "
            f"not served yet. {_AGAIN}"
        )
    return _with_jobs(read_discovery(log), revision)


def _with_jobs(found: Discovered, revision: str) -> Discovered | BrokenCode:
    """Return what was found; of code that gives problems alone, that it is not served."""
    if found.descriptions or not found.problems:
        return found
    first, more = found.problems[0], len(found.problems) - 1
    others = f" {more} more in status.discovery.failed.problems." if more else ""
    return BrokenCode(
        f"{revision} is not served: no job of it can be loaded. {first.path}:{first.line}: "
        f"{first.message}{others}",
        found.problems,
    )


def _silent(pod: SeenPod, log: bytes, revision: str) -> Blocked:
    """Return why a pod ended that left no outcome, with the end of what it printed."""
    cause = diagnose_end(pod, involved_in_discovery(pod))
    if cause.reason is Reason.OUT_OF_MEMORY:
        return _stalls(f"{revision} is not served: {_OUT_OF_MEMORY}")
    return _waits(f"{_told(cause)}{_printed(log)}")


def _told(cause: Diagnosis) -> str:
    """Return the cause, with what to do about it where it is the image's."""
    return f"{cause.message} {cause.remedy if cause.reason in _OF_THE_IMAGE else _AGAIN}"


def _printed(log: bytes) -> str:
    end = log.decode(errors="replace").strip()[-_SHOWN_CHARACTERS:]
    return f" It printed: {end}" if end else ""


def _waits(message: str) -> Waiting:
    return Waiting(Reason.DISCOVERY_FAILED, message)


def _stalls(message: str) -> Stalled:
    return Stalled(Reason.DISCOVERY_FAILED, message)
