"""What the child tells the supervisor: small JSON lists, amid what it prints.

Frames travel through the pipe that is also the child's standard output, so that log lines and the
output of the programs that a job starts keep their order. A frame is cut into chunks that the
kernel writes whole, each behind a marker that no output holds by chance, and marked with the
sender's process and the frame's number: threads, and processes that the author forked, never garble
one another, and a frame whose writing a signal interrupted is forgotten.
"""

from __future__ import annotations

import errno
import json
import os
import re
import select
import threading
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

Frame = list[Any]

_CHUNK_BYTES = select.PIPE_BUF - 96
_FIELDS = 4
# A frame is one log message or one document at most, and those are cut, or refused, before.
MAX_FRAME_BYTES = 8 * 1024 * 1024
# As much of a secret as anything looks for.
MAX_SECRET = 64 * 1024
# What may wait for its end, of all senders together.
_MAX_UNFINISHED_BYTES = 2 * MAX_FRAME_BYTES
_MARKER_START = b"\x1e"
_PID = re.compile(rb"\d{1,10}")


def new_marker() -> bytes:
    """Return a marker for the frames of one child."""
    return b"%sdavit-%s " % (_MARKER_START, os.urandom(12).hex().encode())


class FrameWriter:
    """The child's end."""

    def __init__(self, fd: int, marker: bytes, way_back: str = "") -> None:
        self._fd = fd
        self._marker = marker
        # Where the system shows the pipe, should the author's code close every file that it finds.
        self._way_back = way_back
        self._number = 0
        # Reentrant: a signal's handler may log while its thread is writing.
        self._lock = threading.RLock()
        self._set_head()
        os.register_at_fork(after_in_child=self._begin_anew)

    def send(self, *frame: Any) -> None:
        """Send ``frame``; it has left this process when this returns."""
        self._send(json.dumps(frame).encode())

    def send_log(self, level: str, grouping: str, message: str, item: str) -> None:
        """Send a log frame: what ``send("log", ...)`` does, in half the time."""
        text, escaped = encode_basestring_ascii(message), encode_basestring_ascii
        self._send(
            f'["log", "{level}", {escaped(grouping)}, {text}, {escaped(item)}]'.encode("ascii")
        )

    def write(self, data: memoryview) -> None:
        """Send output of the job, which is no frame, in order with the frames."""
        with self._lock:
            while data:
                data = data[self._write(data) :]

    def _send(self, data: bytes) -> None:
        with self._lock:
            self._number += 1
            if len(data) <= _CHUNK_BYTES:
                self._write(b"%s%d 0 %s\n" % (self._head, self._number, data))
                return
            for start in range(0, len(data), _CHUNK_BYTES):
                more = start + _CHUNK_BYTES < len(data)
                chunk = data[start : start + _CHUNK_BYTES]
                self._write(b"%s%d %d %s\n" % (self._head, self._number, more, chunk))

    def _write(self, data: bytes | memoryview) -> int:
        try:
            return os.write(self._fd, data)
        except BrokenPipeError:
            # The supervisor is gone: nobody would hear of anything, or end this process.
            os._exit(1)
        except OSError as error:
            if error.errno != errno.EBADF or not self._way_back:
                raise
            self._fd = os.open(self._way_back, os.O_WRONLY)
            return os.write(self._fd, data)

    def _begin_anew(self) -> None:
        self._lock = threading.RLock()
        self._set_head()

    def _set_head(self) -> None:
        self._head = b"%s%d " % (self._marker, os.getpid())


class Sent(NamedTuple):
    """A frame, and the process that it says it comes from."""

    sender: int
    frame: Frame


class FrameReader:
    """The supervisor's end: takes frames and output apart again."""

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._pending = b""
        # By sender: the number of its frame, and what arrived of that.
        self._unfinished: dict[bytes, tuple[bytes, bytearray]] = {}

    def feed(self, data: bytes) -> list[bytes | Sent]:
        """Return the output (bytes) and the frames that ``data`` completes, in their order."""
        first, *rest = (self._pending + data).split(self._marker)
        self._pending = b""
        found: list[bytes | tuple[bytes, bytes]] = [first]
        for part in rest:
            line, end, output = part.partition(b"\n")
            if end:
                found += self._joined(line)
                found.append(output)
            elif part is rest[-1] and len(part) <= select.PIPE_BUF:
                self._pending = self._marker + part
        if not self._pending and isinstance(last := found[-1], bytes):
            place = self._where_a_marker_may_begin(last)
            found[-1], self._pending = last[:place], last[place:]
        return _parsed([item for item in found if item])

    def end(self) -> bytes:
        """Return what is left: output that looked like the beginning of a frame."""
        rest, self._pending = self._pending, b""
        return b"" if rest.startswith(self._marker) else rest

    def _where_a_marker_may_begin(self, text: bytes) -> int:
        place = text.rfind(_MARKER_START, max(0, len(text) - len(self._marker)))
        return place if place >= 0 and self._marker.startswith(text[place:]) else len(text)

    def _joined(self, line: bytes) -> list[tuple[bytes, bytes]]:
        """Return the sender and the text of the frame that the chunk ``line`` ends, if it does."""
        parts = line.split(b" ", _FIELDS - 1)
        if len(parts) != _FIELDS:
            return []
        sender, number, more, chunk = parts
        if more == b"0" and sender not in self._unfinished:
            return [(sender, chunk)]
        before_number, text = self._unfinished.pop(sender, (b"", bytearray()))
        if before_number != number:
            text = bytearray()
        text += chunk
        if more != b"1":
            return [(sender, bytes(text))]
        waiting = sum(len(other) for _, other in self._unfinished.values())
        if len(text) <= MAX_FRAME_BYTES and len(text) + waiting <= _MAX_UNFINISHED_BYTES:
            self._unfinished[sender] = (number, text)
        return []


def _parsed(items: list[bytes | tuple[bytes, bytes]]) -> list[bytes | Sent]:
    """Return ``items`` with their frames parsed, without those that are none."""
    texts = [item[1] for item in items if isinstance(item, tuple)]
    frames = _json_list(b"[%s]" % b",".join(texts))
    if frames is None or len(frames) != len(texts):
        # Only the author's own writes into this pipe can do that. It spoils no other frame.
        frames = [_json_list(text) for text in texts]
    following = iter(frames)
    found: list[bytes | Sent] = []
    for item in items:
        if isinstance(item, bytes):
            found.append(item)
        elif isinstance(frame := next(following), list) and frame and _PID.fullmatch(item[0]):
            found.append(Sent(int(item[0]), frame))
    return found


def _json_list(text: bytes) -> list[Any] | None:
    try:
        found = json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None
