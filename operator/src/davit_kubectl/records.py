"""From the bytes of a log to its records. Authors' code ran there: nothing is trusted."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from davit_contract.messages import VERSION
from davit_contract.printed import LogRecord, ProgressRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A piece of a document (a file, a result): only its number is of interest here.
Record = LogRecord | ProgressRecord | int

# The runner's lines have 16 KiB at most; what is longer is no record, and must not fill memory.
MAX_LINE_BYTES = 64 * 1024
# Of one JobLog when unpacked; davit-operator packs 256 KiB.
MAX_UNPACKED_BYTES = 4 * 1024 * 1024
# What JavaScript, Go and Python all count exactly.
_MAX_COUNT = 2**53
_GZIP = 31
_RECORD_START = b'{"type":"'


class Lines:
    """Puts lines together from pieces as they arrive."""

    def __init__(self) -> None:
        self._rest = b""
        # The rest of a line that is too long is passed over.
        self._skips = False

    def feed(self, data: bytes) -> Iterator[Record]:
        """Yield the records whose lines ``data`` ends."""
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            skipped, self._skips = self._skips, False
            record = None if skipped else record_in(line)
            if record is not None:
                yield record
        if len(rest) > MAX_LINE_BYTES:
            self._skips = True
        self._rest = b"" if self._skips else rest


def record_in(line: bytes) -> Record | None:
    """Return the record that stands in ``line``; None where there is none."""
    if not line.startswith(_RECORD_START) or len(line) > MAX_LINE_BYTES:
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return None
    return from_json(data)


def from_json(data: dict[str, Any]) -> Record | None:
    """Return the record with these fields; None where they are not a record's."""
    sequence = data.get("sequence")
    if type(sequence) is not int or not 1 <= sequence <= _MAX_COUNT:
        return None
    make = _MAKERS.get(str(data.get("type", "log")), _piece)
    return make(sequence, data)


def _log(sequence: int, data: dict[str, Any]) -> LogRecord | None:
    time, level, grouping, message = (
        data.get(key, "") for key in ("time", "level", "grouping", "message")
    )
    about = data.get("object") or ""
    if not all(isinstance(text, str) for text in (time, level, grouping, message, about)):
        return None
    return LogRecord(
        sequence=sequence, time=time, level=level, grouping=grouping, message=message,
        object=about, continued=data.get("continued") is True,
    )  # fmt: skip


def _progress(sequence: int, data: dict[str, Any]) -> ProgressRecord | None:
    done, total = data.get("done"), data.get("total")
    if not isinstance(done, int | float) or not isinstance(total, int | float):
        return None
    if not all(abs(number) < float("inf") for number in (done, total)):
        return None
    return ProgressRecord(sequence=sequence, time=str(data.get("time")), done=done, total=total)


def _piece(sequence: int, _: dict[str, Any]) -> int:
    return sequence


_MAKERS: dict[str, Callable[[int, dict[str, Any]], Record | None]] = {
    "log": _log,
    "progress": _progress,
}


def unpacked(data: str) -> Iterator[Record]:
    """Yield the records of a JobLog's ``spec.data``.

    Raises:
        ValueError: it is not what davit-operator writes.
    """
    try:
        unpacker = zlib.decompressobj(_GZIP)
        text = unpacker.decompress(b64decode(data, validate=True), MAX_UNPACKED_BYTES)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"it is no Base64 of gzip: {error}") from error
    if not unpacker.eof:
        raise ValueError(f"it is cut, or larger than {MAX_UNPACKED_BYTES:,} bytes when unpacked")
    yield from Lines().feed(text if text.endswith(b"\n") else text + b"\n")
