"""What became of one commit of one repository; a failure is remembered, so that it costs less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Waiting
from davit_operator.plan.artifact import PublishedArtifact
from davit_operator.plan.polling import retry_pause

# Only the user can mend it, but nothing that we watch tells when that was done.
_LOOKED_AFTER = frozenset({Reason.ARTIFACT_CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an attempt is for; another repository, spec, request or commit begins a new one."""

    uid: str
    generation: int
    requested_at: str
    # Empty for an image, which may come to be another one at any time.
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How far the code of one commit came.

    ``failures`` are those in a row: they go on counting when the code is fetched again, since that
    is no success before the discovery was one.
    """

    wish: Wish
    artifact: PublishedArtifact | None = None
    refused: Blocked | None = None
    # When a refusal is tried again; None: not until the wish is another one.
    until: datetime | None = None
    failures: int = 0


def attempt_for(wish: Wish, known: Attempt | None, now: datetime) -> Attempt:
    """Return the attempt to go on with: the known one, or a new one where that is due."""
    if known is None or known.wish != wish:
        return Attempt(wish=wish)
    if known.until is not None and known.until <= now:
        return Attempt(wish=wish, failures=known.failures)
    return known


def refused(
    attempt: Attempt, cause: Blocked, interval: timedelta, now: datetime, jitter: float
) -> Attempt:
    """Return the attempt that ``cause`` ended; it is tried again where that may help."""
    failures = attempt.failures + 1
    until = None
    if isinstance(cause, Waiting):
        until = now + retry_pause(failures, interval) * jitter
    elif cause.reason in _LOOKED_AFTER or not attempt.wish.commit:
        until = now + interval * jitter
    return replace(attempt, artifact=None, refused=cause, until=until, failures=failures)
