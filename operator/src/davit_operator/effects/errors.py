"""What can go wrong with the API server, in our own words; the client's exceptions end here.

ApiError            the server said no
├── Conflict        somebody wrote meanwhile, or the name is taken
├── NotFound
└── NamespaceTerminating
Unreachable         the server said nothing
└── NotLeading      it was not asked
"""

from __future__ import annotations

_REFUSED = frozenset({400, 403, 422})
# A token that was replaced a moment ago, too many requests, and the server's own troubles.
_PASSING = frozenset({401, 429, 500, 502, 503, 504})
# A server that says "in an hour" is asked sooner: what waits are people.
_LONGEST_PAUSE_SECONDS = 30.0


class ApiError(Exception):
    """The API server refused a call; ``status`` is the HTTP status.

    ``retry_after`` is for how many seconds it does not want to be asked again.
    """

    def __init__(self, status: int, message: str, retry_after: float = 0) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message
        self.retry_after = retry_after

    @property
    def is_refusal(self) -> bool:
        """Return whether it will be said again: not readable, forbidden, not valid."""
        return self.status in _REFUSED


class Conflict(ApiError):  # noqa: N818 (as the API names it)
    """Somebody else wrote the object meanwhile, or the name is taken."""


class NotFound(ApiError):  # noqa: N818 (as the API names it)
    """There is no such object."""


class NamespaceTerminating(ApiError):  # noqa: N818 (as the API names it)
    """The namespace is being deleted, and takes nothing new: what stands there goes with it."""


class Unreachable(Exception):  # noqa: N818 (a state of the server, not of ours)
    """The API server did not answer."""


class NotLeading(Unreachable):
    """A write was not sent: this replica does not know that it still leads."""


def is_passing(error: BaseException) -> bool:
    """Return whether the server is busy or away for now."""
    if isinstance(error, ApiError):
        return error.status in _PASSING
    return isinstance(error, Unreachable)


def pause_after(error: BaseException) -> float | None:
    """Return how many seconds to wait at least before trying again; None: that may not help."""
    if isinstance(error, ApiError) and (
        isinstance(error, Conflict | NotFound | NamespaceTerminating) or is_passing(error)
    ):
        return min(error.retry_after, _LONGEST_PAUSE_SECONDS)
    return 0.0 if is_passing(error) else None
