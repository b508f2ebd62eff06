"""What ends the command early: a sentence for its user, and an exit code.

Failure             something cannot be done
├── BadUsage        what was typed cannot be done, or does not fit the job's variables
├── ApiError        the API server said no
│   ├── NotFound
│   └── Forbidden   its user may not
└── Unreachable     the API server did not answer
"""

from __future__ import annotations

# The exit codes; a run's outcome is among them where the command waits for it.
OK = 0
FAILED = 1
BAD_USAGE = 2
CANCELLED = 3
# 128 + SIGINT, as shells have it.
INTERRUPTED = 130

# Too many requests, and the server's own troubles.
_PASSING = frozenset({429, 500, 502, 503, 504})
_FORBIDDEN = 403
_NOT_FOUND = 404


class Failure(Exception):  # noqa: N818 (names the situation)
    """Ends the command; the text says what happened and what to do."""

    code = FAILED


class BadUsage(Failure):
    """What the user typed cannot be done."""

    code = BAD_USAGE


class ApiError(Failure):
    """The API server refused a call; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_passing(self) -> bool:
        """Return whether trying again later may do."""
        return self.status in _PASSING


class NotFound(ApiError):  # noqa: N818 (as the API names it)
    """There is no such object, or no such kind."""


class Forbidden(ApiError):  # noqa: N818 (as the API names it)
    """Who asks may not, or an admission rule refuses."""


class Unreachable(Failure):
    """The API server did not answer."""


def api_error(status: int, message: str) -> ApiError:
    """Return the error for an HTTP status."""
    kinds: dict[int, type[ApiError]] = {_NOT_FOUND: NotFound, _FORBIDDEN: Forbidden}
    return kinds.get(status, ApiError)(status, message)
