"""The status of a run in each of its phases: what stands beside what, and which conditions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from davit_contract import Outcome
from davit_operator.api.cancellation import CancelEnd, Cancellation
from davit_operator.api.conditions import (
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)
from davit_operator.api.jobrun import JobRunStatus, Phase, RunError
from davit_operator.api.run_output import LogCountsStatus, RunLog
from davit_operator.plan.attempts import attempts_after, speaks_of_another
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import LogReading, SeenPod, SeenRun
from davit_operator.plan.results import UnfitResultError, inline_result
from davit_operator.plan.retries import Retry
from davit_operator.plan.times import format_time, parse_time

_RESULT_DROPPED = (
    "The result was left out: the log of a pod has no room for it. Return less, or leave files."
)
_FORGED = (
    "There are records in the log that the runner did not write, and others are missing for them: "
    "the job wrote to the runner's own output. Let it print, or use self.logger."
)


def waiting_status(seen: SeenRun, phase: Phase, reason: Reason, message: str) -> JobRunStatus:
    """Return the status of a run that lives."""
    return _status(seen, phase, _alive(reason, message)).model_copy(
        update={"started_at": _started_at(seen), **_said_so_far(seen)}
    )


def held_status(seen: SeenRun, phase: Phase, verdicts: list[Verdict]) -> JobRunStatus:
    """Return the status of a run that is not to be started yet."""
    return _status(seen, phase, verdicts)


def rejected_status(seen: SeenRun, reason: Reason, message: str) -> JobRunStatus:
    """Return the status of a run that was never started, and never will be."""
    return _status(seen, Phase.REJECTED, _ended_badly(reason, message)).model_copy(
        update={
            "finished_at": format_time(seen.now),
            "error": RunError(reason=reason, message=message),
        }
    )


def succeeded_status(seen: SeenRun, outcome: Outcome, log: LogReading) -> JobRunStatus:
    """Return the status of a run whose job returned."""
    message = "The job returned."
    verdicts = [
        Verdict(type=kind, status="True", reason=Reason.SUCCEEDED, message=message)
        for kind in (ConditionType.READY, ConditionType.FINISHED, ConditionType.SUCCEEDED)
    ]
    failed = Verdict(
        type=ConditionType.FAILED, status="False", reason=Reason.SUCCEEDED, message=message
    )
    status = _status(seen, Phase.SUCCEEDED, [*verdicts, failed], Reason.SUCCEEDED)
    return status.model_copy(update=_ending(outcome, log))


def failed_status(seen: SeenRun, diagnosis: Diagnosis) -> JobRunStatus:
    """Return the status of a run that was started and did not succeed."""
    message = f"{diagnosis.message} {diagnosis.remedy}"
    return _ended_status(seen, Phase.FAILED, diagnosis, _ended_badly(diagnosis.reason, message))


def cancelled_status(
    seen: SeenRun, diagnosis: Diagnosis, how: CancelEnd | None = None
) -> JobRunStatus:
    """Return the status of a run that was ended because somebody, or a newer run, asked for it."""
    message = f"{diagnosis.message} {diagnosis.remedy}"
    verdicts = _ended_badly(diagnosis.reason, message)
    status = _ended_status(seen, Phase.CANCELLED, diagnosis, verdicts)
    return status.model_copy(update={"cancellation": cancellation(seen, how)})


def retrying_status(seen: SeenRun, diagnosis: Diagnosis, retry: Retry) -> JobRunStatus:
    """Return the status of a run that failed and is tried again: what failed stands beside."""
    message = (
        f"Attempt {retry.number - 1} ended: {diagnosis.message} "
        f"Attempt {retry.number} begins at {format_time(retry.at)}."
    )
    verdicts = _alive(Reason.RETRY_PENDING, message)
    status = _ended_status(seen, Phase.PENDING, diagnosis, verdicts)
    waits = {"finished_at": None, "duration_seconds": None}
    return status.model_copy(update={**waits, "next_attempt_at": format_time(retry.at)})


def cancellation(seen: SeenRun, end: CancelEnd | None = None) -> Cancellation | None:
    """Return who wanted the run ended, and how that ended; None: nobody did."""
    if not seen.run.spec.cancel:
        return None
    known = seen.run.status.cancellation
    seen_at = (known and known.requested_at) or (seen.pod.cancelled_at if seen.pod else "")
    return Cancellation(
        requested_by=seen.run.spec.cancel_requested_by,
        requested_at=seen_at or format_time(seen.now),
        end=end,
    )


def _ended_status(
    seen: SeenRun, phase: Phase, diagnosis: Diagnosis, verdicts: list[Verdict]
) -> JobRunStatus:
    status = _status(seen, phase, verdicts, diagnosis.reason)
    outcome = seen.outcome
    raised = outcome.error if outcome else None
    traceback = raised.traceback if raised and not _hides_log(seen) else None
    error = RunError(
        type=(raised and raised.type) or None,
        message=raised.message if raised else diagnosis.message,
        traceback=traceback or None,
        reason=diagnosis.reason,
        remedy=diagnosis.remedy,
    )
    log = seen.log or LogReading()
    ending = _ending(outcome, log) if outcome else _ending_unknown(seen, log)
    return status.model_copy(update={**ending, "error": error})


def _status(
    seen: SeenRun, phase: Phase, verdicts: list[Verdict], ended_as: Reason | None = None
) -> JobRunStatus:
    """Return what all phases have; ``ended_as`` is how the attempt ended, if it did."""
    run = seen.run
    generation = run.metadata.generation
    return JobRunStatus(
        phase=phase,
        observed_generation=generation,
        definition=seen.batch_job.definition if seen.batch_job else run.status.definition,
        attempts=attempts_after(seen, ended_as),
        cancellation=cancellation(seen, CancelEnd.TOO_LATE if ended_as else None),
        conditions=conditions_after(
            run.status.conditions, verdicts, generation=generation, now=format_time(seen.now)
        ),
    )


def _started_at(seen: SeenRun) -> str | None:
    return seen.pod.runner.started_at or None if seen.pod else None


def _alive(reason: Reason, message: str) -> list[Verdict]:
    return [
        Verdict(type=ConditionType.READY, status="Unknown", reason=reason, message=message),
        Verdict(type=ConditionType.RECONCILING, status="True", reason=reason, message=message),
    ]


def _ended_badly(reason: Reason, message: str) -> list[Verdict]:
    def verdict(kind: ConditionType, *, holds: bool) -> Verdict:
        status = "True" if holds else "False"
        return Verdict(type=kind, status=status, reason=reason, message=message)

    return [
        verdict(ConditionType.READY, holds=False),
        verdict(ConditionType.STALLED, holds=True),
        verdict(ConditionType.FINISHED, holds=True),
        verdict(ConditionType.SUCCEEDED, holds=False),
        verdict(ConditionType.FAILED, holds=True),
    ]


def _ending(outcome: Outcome, log: LogReading) -> dict[str, object]:
    """Return times and log as the runner's Outcome tells them."""
    took = parse_time(outcome.finished_at) - parse_time(outcome.started_at)
    told = log_status(log)
    lost = log.last_sequence != outcome.last_sequence or log.missing
    said = told.model_copy(
        update={
            "counts": LogCountsStatus(**asdict(outcome.counts)),
            "dropped_records": outcome.dropped_records or None,
            "incomplete": bool(lost or log.refused) or None,
            "message": log.refused or (_lost(outcome, log) if lost else None),
        }
    )
    return {
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "duration_seconds": _duration(took),
        **_said(log),
        **_result(outcome, log),
        "log": said,
    }


def _lost(outcome: Outcome, log: LogReading) -> str:
    if log.last_sequence > outcome.last_sequence:
        return _FORGED
    count = max(outcome.last_sequence - log.last_sequence, 0) + log.missing
    return f"{count:,} of {outcome.last_sequence:,} records could not be read from the node."


def _ending_unknown(seen: SeenRun, log: LogReading) -> dict[str, object]:
    """Return times and log where the runner left no Outcome: what the kubelet says."""
    pod: SeenPod | None = seen.pod
    started, finished = (pod.runner.started_at, pod.runner.finished_at) if pod else ("", "")
    started = started or seen.run.status.started_at or ""
    began = parse_time(started) if started else None
    # The kubelet of a lost node never says when; its clock may be ahead of ours.
    over = parse_time(finished) if finished else max(seen.now, began or seen.now)
    told = log_status(log) if log.last_sequence else seen.run.status.log
    why = log.refused or "The runner's last word is missing, and with it how long its log is."
    update = {"incomplete": True, "message": why}
    return {
        "started_at": started or None,
        "finished_at": finished or format_time(over),
        "duration_seconds": _duration(over - began) if began else None,
        **(_said(log) if log.last_sequence else _said_before(seen)),
        "log": (told or RunLog()).model_copy(update=update) if started else None,
    }


def log_status(log: LogReading) -> RunLog:
    """Return what a status says of a log."""
    return RunLog(
        counts=log.counts,
        tail=[] if log.hidden else list(log.tail),
        last_sequence=log.last_sequence,
        chunks=log.chunks or None,
        message=log.refused or None,
    )


def _said(log: LogReading) -> dict[str, object]:
    files, message = list(log.files) or None, log.files_message or None
    return {"progress": log.progress, "files": files, "files_message": message}


def _said_before(seen: SeenRun) -> dict[str, object]:
    before = JobRunStatus() if speaks_of_another(seen) else seen.run.status
    files, message = before.files, before.files_message
    return {"progress": before.progress, "files": files, "files_message": message}


def _said_so_far(seen: SeenRun) -> dict[str, object]:
    """Return what a live run has said: the news where there are any."""
    if seen.log is None:
        before = None if speaks_of_another(seen) else seen.run.status.log
        return {**_said_before(seen), "log": before}
    return {**_said(seen.log), "log": log_status(seen.log)}


def _hides_log(seen: SeenRun) -> bool:
    return seen.batch_job is not None and seen.batch_job.hides_log


def _duration(took: timedelta) -> float:
    return max(0.0, round(took.total_seconds(), 3))


def _result(outcome: Outcome, log: LogReading) -> dict[str, object]:
    if outcome.dropped_result:
        told = f"{log.files_message} {_RESULT_DROPPED}".lstrip()
        return {"result_truncated": True, "files_message": told}
    if log.result is None:
        return {}
    try:
        return {"result": inline_result(log.result)}
    except UnfitResultError:
        return {"result_truncated": True}
