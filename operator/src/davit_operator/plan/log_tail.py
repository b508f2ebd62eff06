"""The last records of a log, as far as they fit into a status: it is in every list of runs."""

from __future__ import annotations

from collections import deque

from davit_contract import LogRecord
from davit_operator.api.run_output import MAX_TAIL_LINES, LogLine

MAX_TAIL_BYTES = 8 * 1024
# What is kept of the last record where it alone is longer than the tail may be.
_CUT_CHARACTERS = 1_000
_CUT_MARK = " [...]"


class Tail:
    """Keeps the last records whose compact JSON fits into ``MAX_TAIL_BYTES``."""

    def __init__(self) -> None:
        self._lines: deque[tuple[LogLine, int]] = deque()
        self._bytes = 0
        # True while no record was left out or cut: the tail is the whole log.
        self.is_whole = True

    def add(self, record: LogRecord) -> None:
        """Add the newest record; the oldest make room for it."""
        line = _line(record)
        size = _size(line)
        if size > MAX_TAIL_BYTES:
            self.is_whole = False
            line = line.model_copy(update={"message": line.message[:_CUT_CHARACTERS] + _CUT_MARK})
            size = _size(line)
        self._lines.append((line, size))
        self._bytes += size
        while self._bytes > MAX_TAIL_BYTES or len(self._lines) > MAX_TAIL_LINES:
            self.is_whole = False
            self._bytes -= self._lines.popleft()[1]

    def lines(self) -> tuple[LogLine, ...]:
        """Return the records, oldest first."""
        return tuple(line for line, _ in self._lines)


def _size(line: LogLine) -> int:
    """Return the bytes of ``line`` in a status, with its comma."""
    return len(line.model_dump_json(by_alias=True, exclude_none=True).encode()) + 1


def _line(record: LogRecord) -> LogLine:
    return LogLine(
        sequence=record.sequence,
        time=record.time,
        level=record.level,
        grouping=record.grouping,
        message=record.message,
        object=record.object or None,
        continued=record.continued or None,
    )
