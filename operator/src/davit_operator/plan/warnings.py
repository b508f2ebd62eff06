"""Which change of a status is worth an Event: what went wrong, or waits for somebody to act.

Nothing on the happy path is, since each Event is a write. The condition says the same, for as long
as it holds; an Event tells those who watch them, and is gone within the hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from davit_operator.api.conditions import Condition, ConditionType, Reason
from davit_operator.api.jobdefinition import JobDefinitionStatus
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.api.jobrun import JobRunStatus, Phase


class Action(StrEnum):
    """What the operator was about when it went wrong; as stable as a reason."""

    # The run was to end well, to start, and to be tried once more.
    RUN = "Run"
    START = "Start"
    RETRY = "Retry"
    # The newest revision was to be served, and its jobs were to be found.
    SERVE = "Serve"
    DISCOVER = "Discover"
    # The definition was to be there for JobRuns.
    OFFER = "Offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What an Event of type Warning says."""

    reason: str
    message: str
    action: Action


_Status = JobRunStatus | JobRepositoryStatus | JobDefinitionStatus
# A run whose policy replaces it ends as it was asked to, and so does one that was cancelled.
_ENDED_BADLY = frozenset({Phase.FAILED, Phase.REJECTED})
# What a live run says when all is well, or comes right by itself: apply order must not matter, so
# a definition that is not there yet is no trouble before the run is Rejected for it. A run that
# somebody suspended waits for the same person.
_ALL_IS_WELL = frozenset(
    {
        Reason.DEFINITION_NOT_FOUND,
        Reason.NOT_DISCOVERED,
        Reason.QUEUED,
        Reason.SUSPENDED,
        Reason.STARTING,
        Reason.RUNNING,
        Reason.CANCELLING,
    }
)


def run_trouble(before: JobRunStatus, after: JobRunStatus) -> Trouble | None:
    """Return what is to be told of a run whose status was ``before``; None: nothing."""
    ready = _find(after.conditions, ConditionType.READY)
    if ready is None:
        return None
    if after.phase in _ENDED_BADLY:
        # It may have waited for the same reason, and that was told already.
        ended = f"{after.phase}: {ready.message}"
        return _trouble(ready, Action.RUN, ended) if after.phase != before.phase else None
    if ready.status != "Unknown" or ready.reason in _ALL_IS_WELL or not _is_news(ready, before):
        return None
    retried = ready.reason == Reason.RETRY_PENDING
    return _trouble(ready, Action.RETRY if retried else Action.START)


def repository_trouble(before: JobRepositoryStatus, after: JobRepositoryStatus) -> Trouble | None:
    """Return what is to be told of a repository whose status was ``before``; None: nothing."""
    ready = _find(after.conditions, ConditionType.READY)
    if ready is not None and ready.status == "False" and ready.reason != Reason.SUSPENDED:
        return _trouble(ready, Action.SERVE) if _is_news(ready, before) else None
    problems = _find(after.conditions, ConditionType.DISCOVERY_PROBLEMS)
    known = _find(before.conditions, ConditionType.DISCOVERY_PROBLEMS)
    if problems is None or (known is not None and known.message == problems.message):
        return None
    return _trouble(problems, Action.DISCOVER)


def definition_trouble(before: JobDefinitionStatus, after: JobDefinitionStatus) -> Trouble | None:
    """Return what is to be told of a definition whose status was ``before``; None: nothing."""
    ready = _find(after.conditions, ConditionType.READY)
    if ready is None or ready.status != "False" or not _is_news(ready, before):
        return None
    return _trouble(ready, Action.OFFER)


def _is_news(ready: Condition, before: _Status) -> bool:
    """Return whether the reason is another one than before: what is said of it may change often."""
    known = _find(before.conditions, ConditionType.READY)
    return known is None or known.reason != ready.reason


def _find(conditions: Sequence[Condition], kind: ConditionType) -> Condition | None:
    return next((each for each in conditions if each.type == kind), None)


def _trouble(said: Condition, action: Action, message: str = "") -> Trouble:
    return Trouble(reason=said.reason, message=message or said.message, action=action)
