"""Which requests for a look were made, by annotation, and when they were seen first."""

from __future__ import annotations

from datetime import UTC, datetime

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.names import REQUESTED_AT_ANNOTATION

LONG_AGO = datetime.fromtimestamp(0, UTC)


class Requests:
    """The last request of each repository. After a restart those that were answered are old."""

    def __init__(self) -> None:
        self._known: dict[ObjectKey, tuple[str, datetime]] = {}

    def since(self, repository: JobRepository, moment: datetime) -> datetime:
        """Return since when a look must be that answers the request; ``moment`` is now."""
        key, asked = repository.metadata.key, request_of(repository)
        known = self._known.get(key)
        if known is None and asked == (repository.status.last_handled_reconcile_at or ""):
            moment = LONG_AGO
        if known is None or known[0] != asked:
            self._known[key] = asked, moment
        return self._known[key][1]

    def forget(self, key: ObjectKey) -> None:
        """Forget a repository that is gone."""
        self._known.pop(key, None)


def request_of(repository: JobRepository) -> str:
    """Return what asks for a look: any word that was not there before."""
    return repository.metadata.annotations.get(REQUESTED_AT_ANNOTATION, "")
