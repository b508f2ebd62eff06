"""When a piece of a log becomes a JobLog, and what stands in it."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections import deque
from math import inf
from typing import NamedTuple

from davit_operator.api.joblog import MAX_CHUNKS

# One JobLog's records before compression: with what Base64 adds they fit though nothing shrank.
MAX_CHUNK_BYTES = 256 * 1024
FIRST_PAUSE_SECONDS = 10.0
# A pause is a third of the log's age, and so many are written because it is time, which takes 60
# hours; the others are kept for what a runner's whole budget fills, and for the last one.
_AGE_A_PAUSE = 3
_KEPT = 30


class Chunk(NamedTuple):
    """The content of a JobLog; ``number`` is its index."""

    number: int
    first_sequence: int
    last_sequence: int
    lines: bytes

    def data(self) -> str:
        """Return what ``spec.data`` holds; the same for the same lines, whoever writes it."""
        return b64encode(gzip.compress(self.lines, mtime=0)).decode()


class Chunks:
    """The records that no JobLog holds yet, and how many JobLogs there are."""

    def __init__(self) -> None:
        self.count = 0
        # What JobLogs hold already, up to this record.
        self.written = 0
        # Records that no JobLog will hold.
        self.left_out = 0
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._stopped = False

    def add(self, sequence: int, raw: bytes) -> None:
        """Have a log record wait for its JobLog, unless one holds it."""
        if sequence <= self.written:
            return
        if self._stopped:
            self.left_out += 1
            return
        self._waiting.append((sequence, raw))
        self._bytes += len(raw) + 1

    def wait(self, age: float, since_last: float) -> float:
        """Return in how many seconds a JobLog is due, 0: now; infinite when none will be.

        ``age`` is the log's, ``since_last`` that of the last JobLog, in seconds.
        """
        if not self._waiting or self.count >= MAX_CHUNKS - _KEPT:
            return inf
        return max(0.0, FIRST_PAUSE_SECONDS - since_last, age / _AGE_A_PAUSE - since_last)

    @property
    def is_full(self) -> bool:
        """Return whether a whole JobLog waits."""
        return self._bytes >= MAX_CHUNK_BYTES

    def next(self, last_sequence: int) -> Chunk | None:
        """Return the next JobLog; None where nothing waits.

        ``last_sequence`` is that of the last record of any kind that was read: the last JobLog
        says that far, so that readers know when they have everything.
        """
        if not self._waiting:
            return None
        taken: list[tuple[int, bytes]] = []
        size = 0
        for sequence, raw in self._waiting:
            if taken and size + len(raw) + 1 > MAX_CHUNK_BYTES:
                break
            taken.append((sequence, raw))
            size += len(raw) + 1
        last = last_sequence if len(taken) == len(self._waiting) else taken[-1][0]
        lines = b"".join(raw + b"\n" for _, raw in taken)
        return Chunk(self.count, taken[0][0], last, lines)

    def wrote(self, count: int, last_sequence: int) -> None:
        """Say that ``count`` JobLogs hold everything up to ``last_sequence``."""
        self.count = max(self.count, count)
        self.written = max(self.written, last_sequence)
        while self._waiting and self._waiting[0][0] <= self.written:
            self._bytes -= len(self._waiting.popleft()[1]) + 1
        if self.count >= MAX_CHUNKS:
            self.stop()

    def stop(self) -> None:
        """Hold nothing more: there will be no other JobLog."""
        self._stopped = True
        self.left_out += len(self._waiting)
        self._waiting.clear()
        self._bytes = 0
