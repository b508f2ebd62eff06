"""Failures that end in a condition; everything else that is raised is ours, and is retried.

Blocked             has a Reason and a message for the user
├── Stalled         the user must change something; no retry until spec or world changes
└── Waiting         a dependency failed or is on its way; retried with backoff
"""

from __future__ import annotations

from davit_operator.api.conditions import Reason


class Blocked(Exception):  # noqa: N818 (named for the condition it becomes)
    """A step could not be done, for a reason that belongs into a condition."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Stalled(Blocked):
    """Only a change by the user helps."""


class Waiting(Blocked):
    """Trying again later may help."""
