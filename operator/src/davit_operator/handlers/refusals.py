"""Which definitions of each repository the API server refused; what it remembers may be lost."""

from __future__ import annotations

from datetime import datetime

from davit_operator.api.base import ObjectKey
from davit_operator.handlers.clock import jitter
from davit_operator.plan.attempt import Wish
from davit_operator.plan.unwritten import Unwritten, unwritten_after


class Refusals:
    """Keeps a repository from being discovered over and over for what cannot be written."""

    def __init__(self) -> None:
        self._known: dict[ObjectKey, Unwritten] = {}

    def known(self, key: ObjectKey) -> Unwritten | None:
        """Return what could not be written of the repository when it was discovered last."""
        return self._known.get(key)

    def note(
        self, key: ObjectKey, wish: Wish, class_paths: frozenset[str], moment: datetime
    ) -> None:
        """Remember what could not be written; nothing: all was."""
        before = self._known.pop(key, None)
        if class_paths:
            self._known[key] = unwritten_after(before, wish, class_paths, moment, jitter())

    def forget(self, key: ObjectKey) -> None:
        """Forget a repository that is gone."""
        self._known.pop(key, None)
