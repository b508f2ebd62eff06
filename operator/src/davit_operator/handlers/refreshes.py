"""When the jobs of an image are discovered again: its name may stand for another image by now."""

from __future__ import annotations

from datetime import datetime, timedelta

from davit_operator.api.base import ObjectKey
from davit_operator.handlers.clock import jitter
from davit_operator.plan.polling import refresh_pause


class Refreshes:
    """When each repository is due; an operator that starts takes them all as just discovered."""

    def __init__(self) -> None:
        # When it was discovered last, and when it is again.
        self._known: dict[ObjectKey, tuple[datetime, datetime]] = {}

    def due(
        self, key: ObjectKey, interval: timedelta, since: datetime, moment: datetime
    ) -> datetime:
        """Return when the image is discovered again: at once, where that was asked for."""
        if key not in self._known:
            self.done(key, interval, moment)
        done, due = self._known[key]
        return since if since >= done else due

    def done(self, key: ObjectKey, interval: timedelta, moment: datetime) -> None:
        """Remember that a discovery ended well."""
        self._known[key] = moment, moment + refresh_pause(interval) * jitter()

    def forget(self, key: ObjectKey) -> None:
        """Forget a repository that is gone."""
        self._known.pop(key, None)
