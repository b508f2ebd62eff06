"""What a run's status says of its attempts: those before, and the one that its batch Job makes."""

from __future__ import annotations

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import MAX_ATTEMPTS, Attempt
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.times import format_time


def current_attempt(seen: SeenRun) -> Attempt | None:
    """Return what the status says of the attempt that the batch Job makes; None: nothing yet."""
    number = seen.batch_job.attempt if seen.batch_job else 0
    return next((each for each in seen.run.status.attempts if each.number == number), None)


def speaks_of_another(seen: SeenRun) -> bool:
    """Return whether log, files and progress in the status are those of an earlier attempt."""
    attempts = seen.run.status.attempts
    return bool(seen.batch_job and attempts and attempts[-1].number < seen.batch_job.attempt)


def attempts_after(seen: SeenRun, ended_as: Reason | None = None) -> list[Attempt]:
    """Return the attempts as the next status lists them; ``ended_as``: how the last one ended."""
    known = seen.run.status.attempts
    if seen.batch_job is None:
        return [*known[:-1], _ended(known[-1], seen, ended_as)] if known and ended_as else known
    earlier = [each for each in known if each.number < seen.batch_job.attempt]
    current = _current(seen)
    made = [*earlier, _ended(current, seen, ended_as) if ended_as else current]
    return made[-MAX_ATTEMPTS:]


def _current(seen: SeenRun) -> Attempt:
    known, batch_job, pod = current_attempt(seen), seen.batch_job, seen.pod
    if batch_job is None:
        raise AssertionError("only a batch Job makes an attempt")
    # What was known of a pod that is gone stays, and so does how an attempt ended.
    attempt = known or Attempt(number=batch_job.attempt, batch_job=batch_job.key.name)
    if pod is None or attempt.reason:
        return attempt
    container, outcome = pod.runner, seen.outcome
    return Attempt(
        number=batch_job.attempt,
        batch_job=batch_job.key.name,
        pod=pod.key.name,
        node=pod.node or None,
        started_at=container.started_at or attempt.started_at,
        finished_at=container.finished_at or None,
        exit_code=outcome.exit_code if outcome else container.exit_code,
        image_id=container.image_id or None,
    )


def _ended(attempt: Attempt, seen: SeenRun, reason: Reason | None) -> Attempt:
    if reason is None or attempt.reason:
        return attempt
    finished_at = attempt.finished_at or format_time(seen.now)
    return attempt.model_copy(update={"reason": reason, "finished_at": finished_at})
