"""Definitions that the API server did not take: what is said of them, and when they are retried.

Only a discovery knows what to write, so that it is repeated: at once when spec, commit or request
are others, else less and less often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from davit_operator.api.jobrepository import Problem
from davit_operator.plan.attempt import Wish
from davit_operator.plan.definitions import DefinitionWrite
from davit_operator.plan.discovered import MAX_PROBLEM_CHARACTERS
from davit_operator.plan.polling import discovery_pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """What one discovery could not write; ``failures`` are those in a row."""

    wish: Wish
    class_paths: frozenset[str]
    until: datetime
    failures: int

    def is_due(self, wish: Wish, now: datetime) -> bool:
        """Return whether it is time for another discovery."""
        return wish != self.wish or now >= self.until


def unwritten_after(
    before: Unwritten | None, wish: Wish, class_paths: frozenset[str], now: datetime, jitter: float
) -> Unwritten:
    """Return what to remember of definitions that were refused; ``jitter`` is near 1."""
    is_repeated = before is not None and before.wish == wish
    failures = before.failures + 1 if before is not None and is_repeated else 1
    until = now + discovery_pause(failures) * jitter
    return Unwritten(wish=wish, class_paths=class_paths, until=until, failures=failures)


def problem_of(write: DefinitionWrite, why: str) -> Problem:
    """Return what the repository says of a definition that was refused; ``why`` is the server's."""
    definition, source = write.definition, write.status.source
    what = "could not be created" if write.create else "could not be updated"
    message = (
        f'JobDefinition "{definition.metadata.name}" of {definition.spec.class_path} {what}: '
        f"{why.rstrip('.')}. Mend what refuses it, such as an admission policy or a quota. It is "
        "tried again within an hour, or at once when the annotation davit.dev/requestedAt changes."
    )
    return Problem(path=source.path, line=source.line, message=message[:MAX_PROBLEM_CHARACTERS])
