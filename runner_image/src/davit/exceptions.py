"""Every exception that davit raises in, or about, an author's code."""

from __future__ import annotations

import sys
from typing import Any


class RunJobTaskFailed(Exception):  # noqa: N818 (Nautobot's name)
    """Raise it to fail a job with a message."""


class AbortTransaction(Exception):  # noqa: N818 (Nautobot's name)
    """Raise it inside a block that you catch, to undo what the block did."""


class SoftTimeLimitExceeded(Exception):  # noqa: N818 (Celery's name)
    """Raised inside ``run()`` when the soft time limit is over; a job may catch it to clean up."""


def soft_time_limit_exceeded() -> SoftTimeLimitExceeded:
    """Return the exception to raise; it is also that of a real Celery, where a job imported one."""
    own: Any = SoftTimeLimitExceeded
    theirs = getattr(sys.modules.get("celery.exceptions"), own.__name__, own)
    kind = own if theirs is own else type(own.__name__, (own, theirs), {"__str__": own.__str__})
    error: SoftTimeLimitExceeded = kind("The soft time limit was exceeded.")
    return error


class JobCancelled(BaseException):
    """Raised inside a job that was cancelled.

    It is no ``Exception``, so that a loop with ``except Exception`` does not swallow it.
    """


class InvalidInputs(ValueError):  # noqa: N818 (the name is also the reason that users read)
    """The inputs do not fit the job's variables; ``errors`` has every message by variable."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__(
            "\n".join(f"{name}: {text}" for name, texts in errors.items() for text in texts)
        )


class JobNotFound(LookupError):  # noqa: N818 (names the situation, like the others here)
    """No registered job class has the wanted class path."""


class RegistrationError(TypeError):
    """``register_jobs()`` was given what cannot be a job; ``path`` and ``line`` say where it is."""

    def __init__(self, message: str, path: str = "", line: int = 0) -> None:
        self.path = path
        self.line = line
        super().__init__(f"{message} ({path}:{line})" if path else message)
