"""Where one source of a log ends and another goes on: each record is told once, none is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from davit_contract.printed import LogRecord, ProgressRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from davit_kubectl.records import Record

LEVELS = ("debug", "info", "success", "warning", "failure", "error", "critical")


class Seam:
    """How far an attempt's log was told; sequence numbers count from 1 in each attempt."""

    def __init__(self, attempt: int = 1) -> None:
        self.attempt = attempt
        # Everything up to this record was told.
        self.told = 0
        # When the last record was printed, RFC 3339; empty before the first.
        self.time = ""

    def news(self, records: Iterable[Record]) -> Iterator[LogRecord | ProgressRecord]:
        """Yield those records that were not told yet; from now on they are."""
        for record in records:
            sequence = record if isinstance(record, int) else record.sequence
            if sequence <= self.told:
                continue
            self.told = sequence
            if not isinstance(record, int):
                self.time = record.time
                yield record

    def reach(self, sequence: int) -> None:
        """Say that there is nothing more to tell up to ``sequence``."""
        self.told = max(self.told, sequence)

    def is_followed_by(self, tail: list[LogRecord]) -> bool:
        """Return whether nothing can be missing between what was told and ``tail``.

        The tail is the end of a log that goes on; what came before it may stand in no status.
        """
        return bool(tail) and tail[0].sequence <= self.told + 1


class Filter(NamedTuple):
    """Which records of a log are shown."""

    level: str = "debug"
    grouping: str = ""
    # Nothing older, RFC 3339 in UTC; empty: everything.
    since: str = ""

    def takes(self, record: LogRecord) -> bool:
        """Return whether ``record`` is shown; what has a level of its own always is."""
        known = record.level in LEVELS
        enough = not known or LEVELS.index(record.level) >= LEVELS.index(self.level)
        grouped = not self.grouping or record.grouping == self.grouping
        return enough and grouped and record.time >= self.since


def since_text(moment: datetime) -> str:
    """Return ``moment`` as records say it, so that texts compare as times do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
