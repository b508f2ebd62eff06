"""The child's own output, sent to the supervisor: logging of every logger, print, descriptors."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from davit import _logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._runner.frames import FrameWriter

# A longer message is cut: it would crowd everything else out of the log, and must fit a frame
# where each of its characters is an escape.
MAX_MESSAGE = 512 * 1024
# How much of a print travels at once.
_PIECE_BYTES = 32 * 1024


class FrameHandler(logging.Handler):
    """Sends each log record as a frame."""

    def __init__(self, frames: FrameWriter) -> None:
        super().__init__()
        self._frames = frames

    def handle(self, record: logging.LogRecord) -> bool:
        """Send ``record``, without logging's own lock: frames have one."""
        if self.filters and not self.filter(record):
            return False
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Send ``record``, or as much of a very long one as is read anyway."""
        if getattr(record, "skip_db_logging", False):
            return
        level, grouping = _logs.level_of(record), _logs.grouping_of(record)
        message, item = _logs.text_of(record), _logs.object_of(record)
        if len(message) <= MAX_MESSAGE:
            self._frames.send_log(level, grouping, message, item)
        else:
            rest = len(message) - MAX_MESSAGE
            self._frames.send("log", level, grouping, message[:MAX_MESSAGE], item, rest)


def capture_logging(frames: FrameWriter, level: str, own_loggers: list[str]) -> None:
    """Send what any logger says from now on.

    ``level`` holds for the author's own loggers. Libraries start at INFO at the lowest: their debug
    lines are many, and hold passwords (netmiko's do); ``logging.getLogger("netmiko").setLevel()``
    in a job opens one up.
    """
    number = logging.getLevelName(level)
    number = number if isinstance(number, int) else logging.DEBUG
    root = logging.getLogger()
    root.addHandler(FrameHandler(frames))
    root.setLevel(max(number, logging.INFO))
    for name in own_loggers:
        logging.getLogger(name).setLevel(number)


class _Stream(io.RawIOBase):
    """A file whose bytes go where frames go, so that prints and log lines keep their order."""

    def __init__(self, name: str, fd: int, send: Callable[[memoryview], None]) -> None:
        self.name = name
        self._fd = fd
        self._send = send

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the real descriptor, for the processes that the author starts."""
        return self._fd

    def write(self, data: Any) -> int:
        """Send ``data``, whatever kind of buffer it is; return its length."""
        view = memoryview(data).cast("B")
        self._send(view)
        return len(view)


def capture_prints(frames: FrameWriter) -> None:
    """Send what Python code writes to ``sys.stdout`` and ``sys.stderr`` from now on."""

    def send_error_output(data: memoryview) -> None:
        # Not through descriptor 2: that is another pipe, and knows no order with this one.
        for start in range(0, len(data), _PIECE_BYTES):
            piece = bytes(data[start : start + _PIECE_BYTES])
            frames.send("output", "stderr", piece.decode("latin-1"))

    sys.stdout = _text_stream(_Stream("stdout", 1, frames.write))
    sys.stderr = _text_stream(_Stream("stderr", 2, send_error_output))


def _text_stream(stream: Any) -> io.TextIOWrapper:
    # Without a buffer of bytes: one keeps, and says again, what a signal interrupted after it was
    # said; io.TextIOWrapper does not, and gathers whole lines by itself.
    return io.TextIOWrapper(
        stream, encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


def redirect_descriptors(stdout: int, stderr: int) -> None:
    """Make the pipes ``stdout`` and ``stderr`` descriptors 1 and 2; nothing can be read from 0."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target, inheritable=True)
        os.close(source)
