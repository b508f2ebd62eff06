"""Everything a pod says, numbered, stamped, cut to lines and held to the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._runner.text import encodable, pieces
from davit_contract import LogCounts, LogRecord, PartRecord, PartType, ProgressRecord, encode
from davit_contract.places import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from davit._runner.budget import Budget

    Record = LogRecord | PartRecord | ProgressRecord

URGENT_LEVELS = frozenset({"warning", "failure", "error", "critical"})
RUNNER_GROUPING = "runner"
MAX_GROUPING = 100
MAX_OBJECT = 200
# Room for a sequence number that is longer than the one the line was measured with.
_MARGIN = 16
# Characters that fit a line however they are escaped.
_SHORT = 1024


def record_line(record: Record) -> bytes:
    """Return ``record`` as it is printed: one line of JSON."""
    return encode(record).encode() + b"\n"


class RecordWriter:
    """Writes records; ``write`` receives each one with its line."""

    def __init__(
        self, write: Callable[[Record, bytes], None], budget: Budget, now: Callable[[], str]
    ) -> None:
        self.last_sequence = 0
        self.dropped_records = 0
        self._write = write
        self._budget = budget
        self._now = now
        self._counts = dict.fromkeys(LogCounts.__dataclass_fields__, 0)

    @property
    def counts(self) -> LogCounts:
        """How many log records were emitted, those that were dropped included."""
        return LogCounts(**self._counts)

    def log(
        self, level: str, grouping: str, message: str, item: str = "", *, continued: bool = False
    ) -> None:
        """Write a log record, as several that continue one another when it is long."""
        if level not in self._counts:
            level = "info"
        if not continued:
            self._counts[level] += 1
        urgent = level in URGENT_LEVELS
        # Looked at first, because a job that floods its log must not hold up its own limits.
        if not self._budget.is_spent(urgent=urgent):
            records = self._log_records((level, grouping, message, item), continued=continued)
            lines = [record_line(record) for record in records]
            if self._budget.take_log(lines, urgent=urgent):
                self._commit(records, lines)
                return
        self.dropped_records += 1
        if self.dropped_records == 1:
            self._mark(
                "The log is longer than the budget of "
                f"{self._budget.log_limit // 1024:,} KiB: from here on records are dropped and "
                "counted. Warnings and worse are kept a little longer."
            )

    def document(self, part_type: PartType, text: str) -> bool:
        """Write a JSON document in pieces; False when the budget has no room for all of it."""
        empty = self._part(part_type, 0, 0, "")
        room = MAX_LINE_BYTES - len(record_line(empty)) - 2 * _MARGIN
        texts = pieces(encodable(text), room)
        records = [
            self._part(part_type, number, len(texts), piece)
            for number, piece in enumerate(texts, start=1)
        ]
        lines = [record_line(record) for record in records]
        if not self._budget.take_document(lines):
            self.dropped_records += len(records)
            return False
        self._commit(records, lines)
        return True

    def close(self) -> None:
        """Say how much was dropped, if anything was."""
        if self.dropped_records:
            self._mark(f"{self.dropped_records} records were dropped.")

    def _mark(self, message: str) -> None:
        self._counts["warning"] += 1
        records = self._log_records(("warning", RUNNER_GROUPING, message, ""), continued=False)
        lines = [record_line(record) for record in records]
        if self._budget.take_end(lines):
            self._commit(records, lines)

    def _log_records(self, parts: tuple[str, str, str, str], *, continued: bool) -> list[LogRecord]:
        level, grouping, message, item = (encodable(text) for text in parts)
        now = self._now()

        def record(number: int, text: str) -> LogRecord:
            return LogRecord(
                sequence=self.last_sequence + 1 + number,
                time=now,
                level=level,
                grouping=grouping[:MAX_GROUPING],
                message=text,
                object=item[:MAX_OBJECT],
                continued=continued or number > 0,
            )

        if len(message) <= _SHORT:
            return [record(0, message)]
        room = MAX_LINE_BYTES - len(record_line(record(1, ""))) - _MARGIN
        return [record(number, text) for number, text in enumerate(pieces(message, room))]

    def _part(self, part_type: PartType, number: int, count: int, data: str) -> PartRecord:
        return PartRecord(
            type=part_type,
            sequence=self.last_sequence + max(number, 1),
            time=self._now(),
            part=number,
            parts=count,
            data=data,
        )

    def _commit(self, records: Sequence[Record], lines: list[bytes]) -> None:
        self.last_sequence += len(lines)
        for record, line in zip(records, lines, strict=True):
            self._write(record, line)
