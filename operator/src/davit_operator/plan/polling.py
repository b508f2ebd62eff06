"""When a source is looked at again: after its interval, sooner or later after a failure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from davit_operator.api.errors import Blocked, Waiting
from davit_operator.plan.sightings import Sighting

_FIRST_RETRY = timedelta(seconds=5)
# The longest pause after failures, where the interval is shorter or longer than these.
_LONGEST_RETRY = (timedelta(minutes=1), timedelta(minutes=5))
_MAX_DOUBLINGS = 16
# An image is discovered again by a pod, which costs more than a look.
_LEAST_REFRESH = timedelta(hours=1)
_FIRST_REPEAT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen, when that was asked, and when it is asked again."""

    found: Sighting | Blocked
    seen_at: datetime
    due: datetime
    failures: int = 0


def next_look(
    before: Look | None,
    found: Sighting | Blocked,
    seen_at: datetime,
    intervals: Iterable[timedelta],
    jitter: float,
) -> Look:
    """Return the look that found ``found``; the shortest of ``intervals`` says when the next is.

    ``jitter`` is a factor near 1.
    """
    interval = min(intervals)
    failures = (before.failures if before else 0) + 1 if isinstance(found, Blocked) else 0
    pause = retry_pause(failures, interval) if isinstance(found, Waiting) else interval
    return Look(found=found, seen_at=seen_at, due=seen_at + pause * jitter, failures=failures)


def hurried(look: Look, interval: timedelta) -> Look:
    """Return ``look``, due within ``interval``: one more wants it, and often."""
    return replace(look, due=min(look.due, look.seen_at + interval))


def tells_news(before: Look | None, after: Look) -> bool:
    """Return whether ``after`` says something that ``before`` did not."""
    return before is None or _gist(before.found) != _gist(after.found)


def retry_pause(failures: int, interval: timedelta) -> timedelta:
    """Return the pause after ``failures`` (from 1) in a row: doubled each time."""
    shortest, longest = _LONGEST_RETRY
    doubled = _FIRST_RETRY * 2.0 ** min(failures - 1, _MAX_DOUBLINGS)
    return min(doubled, max(shortest, min(interval, longest)))


def discovery_pause(failures: int) -> timedelta:
    """Return the pause after ``failures`` (from 1) discoveries in a row that did not suffice."""
    return min(_FIRST_REPEAT * 2.0 ** min(failures - 1, _MAX_DOUBLINGS), _LEAST_REFRESH)


def refresh_pause(interval: timedelta) -> timedelta:
    """Return how often an image is discovered again whose name may come to mean another one."""
    return max(interval, _LEAST_REFRESH)


def _gist(found: Sighting | Blocked) -> object:
    return found if isinstance(found, Sighting) else (type(found), found.reason, found.message)
