"""From the bytes of a pod's log to its records. Authors' code ran there: nothing is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from davit_operator.plan.records import Record, record_in

# The runner's lines have 16 KiB at most; what is longer is no record, and must not fill memory.
MAX_LINE_BYTES = 64 * 1024
_RECORD_START = b'{"type":"'


class Line(NamedTuple):
    """A record, and the line that it stood in, without its end."""

    record: Record
    raw: bytes


class LineReader:
    """Puts lines together from pieces as they arrive, and leaves out what is no record."""

    def __init__(self) -> None:
        self._rest = b""
        # The rest of a line that is too long is passed over.
        self._skips = False

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the records whose lines ``data`` ends."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = b""
        for line in lines:
            skipped, self._skips = self._skips, False
            if not skipped and line.startswith(_RECORD_START) and len(line) <= MAX_LINE_BYTES:
                record = record_in(line)
                if record is not None:
                    yield Line(record, line)
        if len(rest) > MAX_LINE_BYTES:
            self._skips = True
        elif not self._skips:
            self._rest = rest
