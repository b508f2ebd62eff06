"""What a plan for a run says: what to write, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRunStatus, Phase
from davit_operator.plan.observed import SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run_status import rejected_status, waiting_status


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAttempt:
    """The attempt to begin, made from the batch Job ``previous``."""

    previous: str
    number: int
    retries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to write, in this order: batch Job, word to the pod, status, deletion."""

    create_batch_job: Manifest | None = None
    next_attempt: NextAttempt | None = None
    status: JobRunStatus | None = None
    delete_batch_job: SeenBatchJob | None = None
    # Tell the pod's runner to end.
    cancel_pod: SeenPod | None = None
    # For whom, if for another run.
    cancel_for: str = ""
    # True: it waits for others to leave a slot of its definition.
    waits_for_slot: bool = False
    # Seconds until time alone changes the plan.
    again_after: float | None = None
    # True: decide again from what the API says now, since a cache may be behind.
    confirm: bool = False


NOTHING = RunPlan()


def reject(seen: SeenRun, reason: Reason, message: str) -> RunPlan:
    """Return a plan that ends a run before its start, once that is certain."""
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return RunPlan(status=rejected_status(seen, reason, message))


def write_status(seen: SeenRun, phase: Phase, reason: Reason, message: str) -> RunPlan:
    """Return a plan that writes the status, unless it stands there already."""
    status = waiting_status(seen, phase, reason, message)
    return RunPlan(status=None if status == seen.run.status else status)


def seconds_until(moment: datetime, now: datetime) -> float:
    """Return the seconds from ``now`` to ``moment``; 0 where it is past."""
    return max(0.0, (moment - now).total_seconds())
