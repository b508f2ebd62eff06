"""What can go wrong with the API server, in our own words; the client's exceptions end here.

ApiError            the server said no
├── Conflict        somebody wrote meanwhile, or the name is taken
└── NotFound
Unreachable         the server said nothing
"""

from __future__ import annotations

_REFUSED = frozenset({400, 403, 422})
# Too many requests, and the server's own troubles.
_PASSING = frozenset({429, 500, 502, 503, 504})


class ApiError(Exception):
    """The API server refused a call; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message

    @property
    def is_refusal(self) -> bool:
        """Return whether it will be said again: not readable, forbidden, not valid."""
        return self.status in _REFUSED


class Conflict(ApiError):  # noqa: N818 (as the API names it)
    """Somebody else wrote the object meanwhile, or the name is taken."""


class NotFound(ApiError):  # noqa: N818 (as the API names it)
    """There is no such object."""


class Unreachable(Exception):  # noqa: N818 (a state of the server, not of ours)
    """The API server did not answer."""


def is_passing(error: BaseException) -> bool:
    """Return whether the server is busy or away for now."""
    if isinstance(error, ApiError):
        return error.status in _PASSING
    return isinstance(error, Unreachable)


def is_expected(error: BaseException) -> bool:
    """Return whether ``error`` belongs to the day: trying again will do."""
    return isinstance(error, Conflict | NotFound) or is_passing(error)
