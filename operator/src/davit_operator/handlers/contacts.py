"""How many contacts there are with each server: one that hangs must not keep all workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

# After how long a contact is tried again that there was no room for.
BUSY_SECONDS = 1.0


class Contacts:
    """Counts contacts; the API server, whose name is empty, may have any number."""

    def __init__(self, at_one_server: int) -> None:
        self._at_one_server = at_one_server
        self._counts: Counter[str] = Counter()

    def is_full(self, server: str) -> bool:
        """Return whether the server has as many contacts as it may."""
        return bool(server) and self._counts[server] >= self._at_one_server

    @contextmanager
    def held(self, server: str) -> Iterator[None]:
        """Count one more until the block ends."""
        self._counts[server] += 1
        try:
            yield
        finally:
            self._counts[server] -= 1
            # Forgets those that are at nought.
            self._counts = +self._counts
