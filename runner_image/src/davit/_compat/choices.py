"""Nautobot's names for states, log levels and changes."""

from __future__ import annotations

from collections.abc import Iterator

Choices = tuple[tuple[str, str], ...]


class _ChoiceSetType(type):
    CHOICES: Choices

    def __iter__(cls) -> Iterator[tuple[str, str]]:
        return iter(cls.CHOICES)


class ChoiceSet(metaclass=_ChoiceSetType):
    """Values and their labels."""

    CHOICES: Choices = ()

    @classmethod
    def values(cls) -> list[str]:
        """Return the values."""
        return [value for value, _ in cls.CHOICES]

    @classmethod
    def as_dict(cls) -> dict[str, str]:
        """Return the labels by value."""
        return dict(cls.CHOICES)


class JobResultStatusChoices(ChoiceSet):
    """States of a run, which are those of a Celery task."""

    STATUS_FAILURE = "FAILURE"
    STATUS_IGNORED = "IGNORED"
    STATUS_PENDING = "PENDING"
    STATUS_RECEIVED = "RECEIVED"
    STATUS_REJECTED = "REJECTED"
    STATUS_RETRY = "RETRY"
    STATUS_REVOKED = "REVOKED"
    STATUS_STARTED = "STARTED"
    STATUS_SUCCESS = "SUCCESS"

    READY_STATES = frozenset({STATUS_SUCCESS, STATUS_FAILURE, STATUS_REVOKED})
    UNREADY_STATES = frozenset(
        {STATUS_PENDING, STATUS_RECEIVED, STATUS_STARTED, STATUS_REJECTED, STATUS_RETRY}
    )
    EXCEPTION_STATES = frozenset({STATUS_RETRY, STATUS_FAILURE, STATUS_REVOKED})
    PROPAGATE_STATES = frozenset({STATUS_FAILURE, STATUS_REVOKED})
    ALL_STATES = READY_STATES | UNREADY_STATES - {STATUS_REJECTED}
    CHOICES = tuple((state, state) for state in sorted(ALL_STATES))
    # From the highest on; None is the place of every other state.
    PRECEDENCE = (
        STATUS_SUCCESS, STATUS_FAILURE, None, STATUS_REVOKED, STATUS_STARTED, STATUS_RECEIVED,
        STATUS_REJECTED, STATUS_RETRY, STATUS_PENDING,
    )  # fmt: skip

    @classmethod
    def precedence(cls, state: str) -> int:
        """Return the place of ``state``: 0 is the highest."""
        return cls.PRECEDENCE.index(state if state in cls.PRECEDENCE else None)


class LogLevelChoices(ChoiceSet):
    """Levels of log lines."""

    LOG_DEBUG = "debug"
    LOG_INFO = "info"
    LOG_SUCCESS = "success"
    LOG_WARNING = "warning"
    LOG_FAILURE = "failure"
    LOG_ERROR = "error"
    LOG_CRITICAL = "critical"

    CHOICES = (
        (LOG_DEBUG, "Debug"),
        (LOG_INFO, "Info"),
        (LOG_SUCCESS, "Success"),
        (LOG_WARNING, "Warning"),
        (LOG_FAILURE, "Failure"),
        (LOG_ERROR, "Error"),
        (LOG_CRITICAL, "Critical"),
    )


class ObjectChangeActionChoices(ChoiceSet):
    """What happened to an object."""

    ACTION_CREATE = "create"
    ACTION_UPDATE = "update"
    ACTION_DELETE = "delete"

    CHOICES = (
        (ACTION_CREATE, "Created"),
        (ACTION_UPDATE, "Updated"),
        (ACTION_DELETE, "Deleted"),
    )


class ObjectChangeEventContextChoices(ChoiceSet):
    """Where a change came from."""

    CONTEXT_WEB = "web"
    CONTEXT_JOB = "job"
    CONTEXT_JOB_HOOK = "job-hook"
    CONTEXT_ORM = "orm"
    CONTEXT_UNKNOWN = "unknown"

    CHOICES = (
        (CONTEXT_WEB, "Web"),
        (CONTEXT_JOB, "Job"),
        (CONTEXT_JOB_HOOK, "Job hook"),
        (CONTEXT_ORM, "ORM"),
        (CONTEXT_UNKNOWN, "Unknown"),
    )
