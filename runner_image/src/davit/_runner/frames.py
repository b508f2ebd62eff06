"""What the child tells the supervisor: small JSON lists over one pipe, in order.

A frame travels in chunks that the kernel writes whole, each marked with the sender's process and
the frame's number: threads, and processes that the author forked, never garble one another, and a
frame whose writing a signal interrupted is forgotten.
"""

from __future__ import annotations

import json
import os
import select
import threading
from typing import Any

Frame = list[Any]

_CHUNK_BYTES = select.PIPE_BUF - 64
_FIELDS = 4
# A frame is one log message at most, and those are cut before.
_MAX_FRAME_BYTES = 8 * 1024 * 1024


class FrameWriter:
    """The child's end."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._number = 0
        # Reentrant: a signal's handler may log while its thread is writing.
        self._lock = threading.RLock()
        os.register_at_fork(after_in_child=self._renew_lock)

    def send(self, *frame: Any) -> None:
        """Send ``frame``; it has left this process when this returns."""
        data = json.dumps(frame).encode()
        with self._lock:
            self._number += 1
            head = b"%d %d" % (os.getpid(), self._number)
            for start in range(0, len(data), _CHUNK_BYTES):
                more = start + _CHUNK_BYTES < len(data)
                chunk = data[start : start + _CHUNK_BYTES]
                os.write(self._fd, b"%s %d %s\n" % (head, more, chunk))

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()


class FrameReader:
    """The supervisor's end."""

    def __init__(self) -> None:
        self._pending = b""
        self._unfinished: dict[bytes, tuple[bytes, bytearray]] = {}

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes; what is no frame is left out."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        found = (self._joined(line) for line in lines)
        return [frame for text in found if text for frame in _parsed(text)]

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
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        # Only the author's own writes into this pipe can get here.
        return []
    return [frame] if isinstance(frame, list) and frame else []
