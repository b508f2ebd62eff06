"""What to do about one run: ordered checks, the first that applies wins.

finished?               nothing
runner ended?           Succeeded or Failed, with what it said
batch Job failed?       Failed: its pod was deleted, or never came
runner runs?            Running
ran, and is gone?       nothing: the batch Job's controller is about to say what became of it
not started yet?        Starting, with what keeps it; Failed at the start deadline
batch Job vanished?     Failed
definition missing?     Pending, then Rejected: apply order must not matter
refused?                Rejected: a duplicate, not installed, disabled, or inputs that do not fit
otherwise               create the batch Job
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRunStatus, Phase
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.diagnosis import (
    Diagnosis,
    diagnose_end,
    diagnose_outcome,
    diagnose_wait,
)
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenRun
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run_gate import refusal
from davit_operator.plan.run_status import (
    failed_status,
    rejected_status,
    succeeded_status,
    waiting_status,
)
from davit_operator.plan.times import parse_time

# Most pods run within this time, so that a status for the wait would be a write for nothing.
_QUIET = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to write, in this order: batch Job, status, deletion."""

    create_batch_job: Manifest | None = None
    status: JobRunStatus | None = None
    delete_batch_job: SeenBatchJob | None = None
    # Seconds until time alone changes the plan.
    again_after: float | None = None
    # True: decide again from what the API says now, since a cache may be behind.
    confirm: bool = False


NOTHING = RunPlan()
Check = Callable[[SeenRun], RunPlan | None]


def plan_run(seen: SeenRun) -> RunPlan:
    """Return what to do about the run."""
    checks: tuple[Check, ...] = (
        _finished,
        _runner_ended,
        _batch_job_ended,
        _runner_runs,
        _runner_ran,
        _starting,
        _batch_job_vanished,
        _definition_missing,
        _refused,
    )
    for check in checks:
        plan = check(seen)
        if plan is not None:
            return plan
    return _start(seen)


def _finished(seen: SeenRun) -> RunPlan | None:
    return NOTHING if seen.run.finished else None


def _runner_ended(seen: SeenRun) -> RunPlan | None:
    if seen.pod is None or not seen.pod.runner.terminated:
        return None
    outcome = seen.outcome
    if outcome is None:
        return RunPlan(status=failed_status(seen, diagnose_end(seen.pod)))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return RunPlan(status=succeeded_status(seen, outcome, seen.log or LogReading()))
    return RunPlan(status=failed_status(seen, diagnose_outcome(outcome)))


def _batch_job_ended(seen: SeenRun) -> RunPlan | None:
    batch = seen.batch_job
    if batch is None or not batch.ended:
        return None
    if seen.pod is not None and not seen.pod.deleting and seen.pod.phase != "Failed":
        # The Job's controller saw the pod end before our watch did.
        return NOTHING
    if not seen.confirmed:
        return RunPlan(confirm=True)
    if seen.pod is not None:
        return RunPlan(status=failed_status(seen, diagnose_end(seen.pod)))
    return RunPlan(status=failed_status(seen, _pod_gone(batch)))


def _pod_gone(batch: SeenBatchJob) -> Diagnosis:
    reason, message = (
        (Reason.POD_DELETED, f"The pod of batch Job {batch.key.name} was deleted. {batch.failed}")
        if batch.failed
        else (Reason.OUTCOME_LOST, f"The pod of batch Job {batch.key.name} ended and is gone.")
    )
    remedy = "Create another JobRun to run the job again."
    return Diagnosis(reason=reason, message=message, remedy=remedy)


def _runner_runs(seen: SeenRun) -> RunPlan | None:
    if seen.pod is None or not seen.pod.runner.running:
        return None
    return _status(seen, Phase.RUNNING, Reason.RUNNING, f"Pod {seen.pod.key.name} runs the job.")


def _runner_ran(seen: SeenRun) -> RunPlan | None:
    batch = seen.batch_job
    alive = batch is not None and not batch.ended
    return NOTHING if alive and seen.run.status.phase is Phase.RUNNING else None


def _starting(seen: SeenRun) -> RunPlan | None:
    batch = seen.batch_job
    if batch is None or batch.ended:
        return None
    cause = diagnose_wait(seen.pod)
    deadline = batch.created_at + timedelta(seconds=batch.start_deadline_seconds)
    if seen.now >= deadline:
        if not seen.confirmed:
            return RunPlan(confirm=True)
        return RunPlan(
            status=failed_status(seen, cause or _deadline_exceeded(batch)), delete_batch_job=batch
        )
    quiet_until = batch.created_at + _QUIET
    if cause is None and seen.now < quiet_until:
        return RunPlan(again_after=_until(quiet_until, seen.now))
    reason = cause.reason if cause else Reason.STARTING
    message = f"{cause.message} {cause.remedy}" if cause else "The pod is being started."
    plan = _status(seen, Phase.STARTING, reason, message)
    return RunPlan(status=plan.status, again_after=_until(deadline, seen.now))


def _deadline_exceeded(batch: SeenBatchJob) -> Diagnosis:
    return Diagnosis(
        reason=Reason.START_DEADLINE_EXCEEDED,
        message=f"No pod ran the job within {batch.start_deadline_seconds} s.",
        remedy=f"Look at `kubectl describe job {batch.key.name}`, or raise "
        "spec.startDeadlineSeconds of the JobDefinition.",
    )


def _batch_job_vanished(seen: SeenRun) -> RunPlan | None:
    attempts = seen.run.status.attempts
    name = attempts[-1].batch_job if attempts else seen.launched
    if not name:
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return RunPlan(
        status=failed_status(
            seen,
            Diagnosis(
                reason=Reason.BATCH_JOB_DELETED,
                message=f"Batch Job {name} was deleted before the run ended.",
                remedy="Create another JobRun to run the job again.",
            ),
        )
    )


def _definition_missing(seen: SeenRun) -> RunPlan | None:
    name = seen.run.spec.definition_ref.name
    namespace = seen.run.metadata.namespace
    if seen.definition is None:
        return _wait_then_reject(
            seen,
            seen.defaults.start_deadline_seconds,
            Reason.DEFINITION_NOT_FOUND,
            f'JobDefinition "{name}" was not found in namespace "{namespace}". '
            "Check spec.definitionRef.name, or create it.",
        )
    repository = seen.definition.spec.repository_ref.name
    undiscovered = seen.definition.status.installed is None or seen.repository is None
    # To wait for a duplicate would be in vain.
    if undiscovered and seen.elder is None:
        return _wait_then_reject(
            seen,
            seen.definition.spec.start_deadline_seconds,
            Reason.NOT_DISCOVERED,
            f'The class of JobDefinition "{name}" was not discovered yet. '
            f'See whether JobRepository "{repository}" is Ready, and whether its code registers '
            f"{seen.definition.spec.class_path}.",
        )
    return None


def _wait_then_reject(seen: SeenRun, patience: int, reason: Reason, message: str) -> RunPlan:
    created = _created(seen)
    deadline = created + timedelta(seconds=patience)
    if seen.now >= deadline:
        return _reject(seen, reason, message)
    plan = _status(seen, Phase.PENDING, reason, message)
    return RunPlan(status=plan.status, again_after=_until(deadline, seen.now))


def _refused(seen: SeenRun) -> RunPlan | None:
    found = refusal(seen)
    return _reject(seen, found.reason, found.message) if found else None


def _start(seen: SeenRun) -> RunPlan:
    if seen.definition is None or seen.repository is None:
        raise AssertionError("the checks before let no run pass without definition and repository")
    return RunPlan(
        create_batch_job=batch_job(seen.run, seen.definition, seen.repository, seen.defaults)
    )


def plan_refused(seen: SeenRun, message: str) -> RunPlan:
    """Return what to do when the API server refused the batch Job."""
    return RunPlan(
        status=rejected_status(
            seen,
            Reason.ADMISSION_DENIED,
            f"The API server refused the batch Job: {message} Mend spec.runner of JobDefinition or "
            "JobRepository, or what refuses it.",
        )
    )


def _reject(seen: SeenRun, reason: Reason, message: str) -> RunPlan:
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return RunPlan(status=rejected_status(seen, reason, message))


def _status(seen: SeenRun, phase: Phase, reason: Reason, message: str) -> RunPlan:
    """Return a plan that writes the status, unless it stands there already."""
    status = waiting_status(seen, phase, reason, message)
    return RunPlan(status=None if status == seen.run.status else status)


def _created(seen: SeenRun) -> datetime:
    return parse_time(seen.run.metadata.creation_timestamp)


def _until(moment: datetime, now: datetime) -> float:
    return max(0.0, (moment - now).total_seconds())
