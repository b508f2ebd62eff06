"""Checks on a run that waits: for its definition, for its pod, for its job to end."""

from __future__ import annotations

from datetime import datetime, timedelta

from davit_operator.api.conditions import ConditionType, Reason
from davit_operator.api.jobrun import Phase
from davit_operator.plan.causes import event_cause, next_look
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.involved import involved_in
from davit_operator.plan.observed import SeenBatchJob, SeenRun
from davit_operator.plan.pod_waits import diagnose_wait
from davit_operator.plan.run_gate import refusal
from davit_operator.plan.run_plan import NOTHING, RunPlan, reject, seconds_until, write_status
from davit_operator.plan.run_status import failed_status
from davit_operator.plan.times import parse_time

# Most pods run within this time, so that a status for the wait would be a write for nothing.
_QUIET = timedelta(seconds=2)


def runner_runs(seen: SeenRun) -> RunPlan | None:
    """Return the status of a run whose job runs."""
    if seen.pod is None or not seen.pod.runner.running:
        return None
    return write_status(
        seen, Phase.RUNNING, Reason.RUNNING, f"Pod {seen.pod.key.name} runs the job."
    )


def runner_ran(seen: SeenRun) -> RunPlan | None:
    """Return that nothing is to do for a pod that ran and is gone: its Job will tell."""
    batch = seen.batch_job
    alive = batch is not None and not batch.ended
    return NOTHING if alive and seen.run.status.phase is Phase.RUNNING else None


def starting(seen: SeenRun) -> RunPlan | None:
    """Return what a run waits for whose pod does not run yet, or its end at the deadline."""
    batch = seen.batch_job
    if batch is None or batch.ended:
        return None
    cause = diagnose_wait(seen.pod, involved_in(seen)) or event_cause(seen)
    deadline = batch.awaited_since + timedelta(seconds=batch.start_deadline_seconds)
    if seen.now >= deadline or (cause is not None and cause.final):
        if not seen.confirmed:
            return RunPlan(confirm=True)
        return RunPlan(
            status=failed_status(seen, cause or _deadline_exceeded(seen, batch)),
            delete_batch_job=batch,
        )
    quiet_until = batch.awaited_since + _QUIET
    if cause is None and seen.now < quiet_until:
        return RunPlan(again_after=seconds_until(quiet_until, seen.now))
    reason = cause.reason if cause else Reason.STARTING
    message = f"{cause.message} {cause.remedy}" if cause else "The pod is being started."
    plan = write_status(seen, Phase.STARTING, reason, message)
    again = next_look(seen, deadline)
    return RunPlan(status=plan.status, again_after=seconds_until(again, seen.now))


def definition_missing(seen: SeenRun) -> RunPlan | None:
    """Return what a run waits for whose definition is not there, or not known."""
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
    if seen.definition.metadata.deletion_timestamp:
        return _wait_then_reject(
            seen,
            seen.definition.spec.start_deadline_seconds,
            Reason.DEFINITION_NOT_FOUND,
            f'JobDefinition "{name}" in namespace "{namespace}" is being deleted. Create it again '
            "once it is gone, or have spec.definitionRef.name of another JobRun name another one.",
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


def refused(seen: SeenRun) -> RunPlan | None:
    """Return the end of a run that its definition does not let start."""
    found = refusal(seen)
    return reject(seen, found.reason, found.message) if found else None


def _deadline_exceeded(seen: SeenRun, batch: SeenBatchJob) -> Diagnosis:
    return Diagnosis(
        reason=Reason.START_DEADLINE_EXCEEDED,
        message=f"No pod ran the job within {batch.start_deadline_seconds} s.",
        remedy=involved_in(seen).said(
            "Look at `kubectl describe job {job}`, or raise spec.startDeadlineSeconds of "
            "{definition}.",
            job=batch.key.name,
        ),
    )


def _wait_then_reject(seen: SeenRun, patience: int, reason: Reason, message: str) -> RunPlan:
    deadline = _awaited_since(seen) + timedelta(seconds=patience)
    if seen.now >= deadline:
        return reject(seen, reason, message)
    plan = write_status(seen, Phase.PENDING, reason, message)
    return RunPlan(status=plan.status, again_after=seconds_until(deadline, seen.now))


def _awaited_since(seen: SeenRun) -> datetime:
    """Return from when on the run is to be started: not while it was suspended."""
    conditions = {each.type: each for each in seen.run.status.conditions}
    if ConditionType.RECONCILING in conditions:
        return parse_time(conditions[ConditionType.RECONCILING].last_transition_time)
    return seen.now if conditions else parse_time(seen.run.metadata.creation_timestamp)
