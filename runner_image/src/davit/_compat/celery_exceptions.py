"""What ``celery.exceptions`` has for a job; names and arguments are Celery's."""

from __future__ import annotations

_MODULE = "celery.exceptions"


class CeleryError(Exception):
    """Base of Celery's exceptions."""

    __module__ = _MODULE


class TaskPredicate(CeleryError):  # noqa: N818 (Celery's name)
    """Base of the exceptions that say what shall become of a task."""

    __module__ = _MODULE


class Ignore(TaskPredicate):
    """Ends a task of Celery without a result; here the run fails, as each has an end."""

    __module__ = _MODULE


class Reject(TaskPredicate):
    """Gives a task of Celery back to its queue; here the run fails, as there is no queue."""

    __module__ = _MODULE

    def __init__(self, reason: object = None, requeue: bool = False) -> None:
        self.reason = reason
        self.requeue = requeue
        super().__init__(reason, requeue)


class Retry(TaskPredicate):
    """Asks Celery for another try; here the run fails, and its definition says how many tries."""

    __module__ = _MODULE

    def __init__(
        self, message: str | None = None, exc: BaseException | None = None, when: object = None
    ) -> None:
        self.message = message
        self.exc = exc
        self.when = when
        super().__init__(message, exc, when)

    def __str__(self) -> str:
        return self.message or (str(self.exc) if self.exc else "Retry")


class MaxRetriesExceededError(CeleryError):
    """Says that a task was tried often enough; davit never raises it."""

    __module__ = _MODULE


class TimeLimitExceeded(Exception):  # noqa: N818 (Celery's name)
    """Says that the hard time limit was over; davit never raises it: the process is killed."""

    __module__ = _MODULE


class WorkerLostError(Exception):
    """Says that a worker of Celery died; davit never raises it."""

    __module__ = _MODULE
