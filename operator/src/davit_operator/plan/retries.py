"""Whether another attempt follows one that ended badly, and when.

The author's code never runs twice unless asked: only while no container of an attempt was ever
seen to run is it tried again for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from davit_contract import OutcomeReason
from davit_operator.api.conditions import Reason
from davit_operator.api.execution import Retries as RetryRules
from davit_operator.api.jobrun import Attempt
from davit_operator.plan.attempts import current_attempt
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.observed import SeenRun

# What the job did, or what was done to it for its own sake.
JOB_REASONS = frozenset(
    {
        Reason.JOB_FAILED,
        Reason.JOB_CRASHED,
        Reason.OUT_OF_MEMORY,
        Reason.SOFT_TIME_LIMIT_EXCEEDED,
        Reason.TIME_LIMIT_EXCEEDED,
    }
)
# What befell its pod.
INFRASTRUCTURE_REASONS = frozenset(
    {Reason.EVICTED, Reason.PREEMPTED, Reason.NODE_LOST, Reason.OUTCOME_LOST}
)
# So often at most is an attempt for nothing that never ran: a node may evict each of them.
_FREE_ATTEMPTS = 5
_MAX_DOUBLINGS = 16
_SILENT_NODE = frozenset({"DeletionByTaintManager", "DeletionByPodGC"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The attempt that follows."""

    number: int
    at: datetime


def retry_after(seen: SeenRun, diagnosis: Diagnosis) -> Retry | None:
    """Return which attempt follows the one that ``diagnosis`` ended; None: none does."""
    if seen.batch_job is None or seen.run.spec.cancel:
        return None
    if seen.definition is None or not seen.definition.spec.enabled:
        return None
    if not _is_asked_for(seen, diagnosis.reason, seen.definition.spec.retries):
        return None
    number = seen.batch_job.attempt + 1
    return Retry(number=number, at=seen.now + pause_before(number, seen.definition.spec.retries))


def may_be_followed(seen: SeenRun) -> bool:
    """Return whether another attempt may follow this one, which is about to end, or has."""
    outcome = seen.outcome
    succeeded = outcome is not None and outcome.reason is OutcomeReason.SUCCEEDED
    if seen.definition is None or succeeded or seen.run.spec.cancel:
        return False
    rules = seen.definition.spec.retries
    return bool(rules.limit or rules.infrastructure_limit)


def pause_before(number: int, rules: RetryRules) -> timedelta:
    """Return how long the attempt of that number waits after the one before it."""
    doublings = min(number - 2, _MAX_DOUBLINGS)
    return timedelta(seconds=min(rules.backoff_seconds * 2**doublings, rules.max_backoff_seconds))


def retries_left(attempts: list[Attempt], rules: RetryRules) -> int:
    """Return how many more attempts follow when the job fails in the next one."""
    return max(0, rules.limit - _count(attempts, JOB_REASONS))


def _is_asked_for(seen: SeenRun, reason: Reason, rules: RetryRules) -> bool:
    attempts = seen.run.status.attempts
    earlier = [each for each in attempts if seen.batch_job and each.number < seen.batch_job.attempt]
    if reason in JOB_REASONS:
        return not _is_clean_failure(seen) and _count(earlier, JOB_REASONS) < rules.limit
    if reason not in INFRASTRUCTURE_REASONS:
        return False
    if not may_have_run(seen):
        return sum(each.started_at is None for each in earlier) < _FREE_ATTEMPTS
    began = [each for each in earlier if each.started_at is not None]
    return _count(began, INFRASTRUCTURE_REASONS) < rules.infrastructure_limit


def may_have_run(seen: SeenRun) -> bool:
    """Return whether the author's code may have run in this attempt."""
    known, pod = current_attempt(seen), seen.pod
    if pod is None or (known is not None and known.started_at):
        # Of a pod that is gone nobody knows it.
        return True
    runner = pod.runner
    # A node that stopped reporting may have started what it was given.
    silent = bool(pod.node) and (pod.deleting or pod.disruption in _SILENT_NODE)
    return runner.running or runner.terminated or bool(runner.started_at) or silent


def _is_clean_failure(seen: SeenRun) -> bool:
    """Return whether the job itself said that it failed, by ``self.fail()``: that is its answer."""
    outcome = seen.outcome
    return (
        outcome is not None
        and outcome.error is not None
        and not (outcome.error.type or outcome.reason.value != Reason.JOB_FAILED)
    )


def _count(attempts: list[Attempt], reasons: frozenset[Reason]) -> int:
    return sum(each.reason in reasons for each in attempts)
