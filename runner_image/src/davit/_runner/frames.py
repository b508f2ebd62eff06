"""What the child tells the supervisor: small JSON lists, amid what it prints.

Frames travel through the pipe that is also the child's standard output, so that log lines and the
output of the programs that a job starts keep their order. A frame is cut into chunks that the
kernel writes whole, each behind a marker that no output holds by chance, and marked with the
sender's process and the frame's number: threads, and processes that the author forked, never garble
one another, and a frame whose writing a signal interrupted is forgotten.
"""

from __future__ import annotations

import json
import os
import select
import threading
from typing import Any

Frame = list[Any]

_CHUNK_BYTES = select.PIPE_BUF - 96
_FIELDS = 4
# A frame is one log message at most, and those are cut before.
_MAX_FRAME_BYTES = 8 * 1024 * 1024
_MARKER_START = b"\x1e"


def new_marker() -> bytes:
    """Return a marker for the frames of one child."""
    return b"%sdavit-%s " % (_MARKER_START, os.urandom(12).hex().encode())


class FrameWriter:
    """The child's end."""

    def __init__(self, fd: int, marker: bytes) -> None:
        self._fd = fd
        self._marker = marker
        self._number = 0
        # Reentrant: a signal's handler may log while its thread is writing.
        self._lock = threading.RLock()
        os.register_at_fork(after_in_child=self._renew_lock)

    def send(self, *frame: Any) -> None:
        """Send ``frame``; it has left this process when this returns."""
        data = json.dumps(frame).encode()
        with self._lock:
            self._number += 1
            head = b"%s%d %d" % (self._marker, os.getpid(), self._number)
            for start in range(0, len(data), _CHUNK_BYTES):
                more = start + _CHUNK_BYTES < len(data)
                chunk = data[start : start + _CHUNK_BYTES]
                os.write(self._fd, b"%s %d %s\n" % (head, more, chunk))

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()


class FrameReader:
    """The supervisor's end: takes frames and output apart again."""

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._pending = b""
        self._unfinished: dict[bytes, tuple[bytes, bytearray]] = {}

    def feed(self, data: bytes) -> list[bytes | Frame]:
        """Return the output (bytes) and the frames that ``data`` completes, in their order."""
        found: list[bytes | Frame] = []
        rest = self._pending + data
        while (place := rest.find(self._marker)) >= 0:
            end = rest.find(b"\n", place)
            if end < 0:
                break
            found.append(rest[:place])
            found += _parsed(self._joined(rest[place + len(self._marker) : end]))
            rest = rest[end + 1 :]
        if place < 0:
            place = self._where_a_marker_may_begin(rest)
        found.append(rest[:place])
        self._pending = rest[place:]
        return [item for item in found if item]

    def end(self) -> bytes:
        """Return what is left: output that looked like the beginning of a frame."""
        rest, self._pending = self._pending, b""
        return b"" if rest.startswith(self._marker) else rest

    def _where_a_marker_may_begin(self, text: bytes) -> int:
        place = text.rfind(_MARKER_START, max(0, len(text) - len(self._marker)))
        return place if place >= 0 and self._marker.startswith(text[place:]) else len(text)

    def _joined(self, line: bytes) -> bytes:
        parts = line.split(b" ", _FIELDS - 1)
        if len(parts) != _FIELDS:
            return b""
        sender, number, more, chunk = parts
        before_number, text = self._unfinished.pop(sender, (b"", bytearray()))
        if before_number != number:
            text = bytearray()
        text += chunk
        if more != b"1":
            return bytes(text)
        if len(text) <= _MAX_FRAME_BYTES:
            self._unfinished[sender] = (number, text)
        return b""


def _parsed(text: bytes) -> list[Frame]:
    """Return the frame in ``text``, if it is one."""
    if not text:
        return []
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        # Only the author's own writes into this pipe can get here.
        return []
    return [frame] if isinstance(frame, list) and frame else []
