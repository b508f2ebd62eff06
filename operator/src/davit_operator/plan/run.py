"""What to do about one run: ordered checks, the first that applies wins.

finished?               nothing
cancelled in time?      Cancelled, and never started
runner ended?           Succeeded or Failed, with what it said
batch Job failed?       Failed: its pod was deleted, or never came
cancelled?              the pod is told, and deleted when the job's grace is over
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
from davit_operator.plan.causes import event_cause, next_look
from davit_operator.plan.diagnosis import (
    Diagnosis,
    diagnose_cancel,
    diagnose_end,
    diagnose_outcome,
    diagnose_wait,
)
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run_gate import refusal
from davit_operator.plan.run_status import (
    cancelled_status,
    failed_status,
    rejected_status,
    succeeded_status,
    waiting_status,
)
from davit_operator.plan.times import parse_time

# Most pods run within this time, so that a status for the wait would be a write for nothing.
_QUIET = timedelta(seconds=2)
# The runner keeps the job's grace itself; what it needs beyond to say its last word.
_CANCEL_SLACK_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to write, in this order: batch Job, word to the pod, status, deletion."""

    create_batch_job: Manifest | None = None
    status: JobRunStatus | None = None
    delete_batch_job: SeenBatchJob | None = None
    # Tell the pod's runner to end.
    cancel_pod: SeenPod | None = None
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
        _cancelled_in_time,
        _runner_ended,
        _batch_job_ended,
        _cancelled,
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
        return _ended(seen, diagnose_end(seen.pod))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return RunPlan(status=succeeded_status(seen, outcome, seen.log or LogReading()))
    if seen.run.spec.cancel and outcome.reason is OutcomeReason.CANCELLED:
        return RunPlan(status=cancelled_status(seen, diagnose_cancel()))
    return RunPlan(status=failed_status(seen, diagnose_outcome(outcome)))


def _ended(seen: SeenRun, diagnosis: Diagnosis) -> RunPlan:
    """Return the end of a run whose runner said nothing: what it was asked for explains it."""
    if seen.run.spec.cancel:
        return RunPlan(status=cancelled_status(seen, diagnose_cancel(forced=True)))
    return RunPlan(status=failed_status(seen, diagnosis))


def _batch_job_ended(seen: SeenRun) -> RunPlan | None:
    batch = seen.batch_job
    if batch is None or not batch.ended:
        return None
    if seen.pod is not None and not seen.pod.deleting and seen.pod.phase != "Failed":
        # The Job's controller saw the pod end before our watch did.
        return NOTHING
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return _ended(seen, diagnose_end(seen.pod) if seen.pod is not None else _pod_gone(batch))


def _pod_gone(batch: SeenBatchJob) -> Diagnosis:
    reason, message = (
        (Reason.POD_DELETED, f"The pod of batch Job {batch.key.name} was deleted. {batch.failed}")
        if batch.failed
        else (Reason.OUTCOME_LOST, f"The pod of batch Job {batch.key.name} ended and is gone.")
    )
    remedy = "Create another JobRun to run the job again."
    return Diagnosis(reason=reason, message=message, remedy=remedy)


def _cancelled_in_time(seen: SeenRun) -> RunPlan | None:
    if not seen.run.spec.cancel or seen.batch_job is not None or _launched(seen):
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return RunPlan(status=cancelled_status(seen, diagnose_cancel(started=False)))


def _cancelled(seen: SeenRun) -> RunPlan | None:
    batch, pod = seen.batch_job, seen.pod
    if not seen.run.spec.cancel or batch is None:
        return None
    if pod is None or not pod.runner.running:
        if seen.run.status.phase is Phase.RUNNING:
            # It ran, and what became of it is about to be told.
            return None
        status = cancelled_status(seen, diagnose_cancel(started=False))
        return RunPlan(status=status, delete_batch_job=batch)
    message = f"Pod {pod.key.name} was told to end, and has {batch.cancel_grace_seconds} s for it."
    plan = _status(seen, Phase.RUNNING, Reason.CANCELLING, message)
    if not pod.cancelled_at:
        return RunPlan(status=plan.status, cancel_pod=pod)
    patience = timedelta(seconds=batch.cancel_grace_seconds + _CANCEL_SLACK_SECONDS)
    deadline = parse_time(pod.cancelled_at) + patience
    if seen.now >= deadline:
        return RunPlan(delete_batch_job=batch)
    return RunPlan(status=plan.status, again_after=_until(deadline, seen.now))


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
    cause = diagnose_wait(seen.pod) or event_cause(seen)
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
    again = next_look(seen, deadline)
    return RunPlan(status=plan.status, again_after=_until(again, seen.now))


def _deadline_exceeded(batch: SeenBatchJob) -> Diagnosis:
    return Diagnosis(
        reason=Reason.START_DEADLINE_EXCEEDED,
        message=f"No pod ran the job within {batch.start_deadline_seconds} s.",
        remedy=f"Look at `kubectl describe job {batch.key.name}`, or raise "
        "spec.startDeadlineSeconds of the JobDefinition.",
    )


def _batch_job_vanished(seen: SeenRun) -> RunPlan | None:
    name = _launched(seen)
    if not name:
        return None
    if not seen.confirmed:
        return RunPlan(confirm=True)
    return _ended(
        seen,
        Diagnosis(
            reason=Reason.BATCH_JOB_DELETED,
            message=f"Batch Job {name} was deleted before the run ended.",
            remedy="Create another JobRun to run the job again.",
        ),
    )


def _launched(seen: SeenRun) -> str:
    """Return the name of the batch Job that the run had, if it ever had one."""
    attempts = seen.run.status.attempts
    return attempts[-1].batch_job if attempts else seen.launched


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
