"""What a run looks like: its log as it is made, on a terminal with colours and a progress line."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple, TextIO

from davit._command.summary import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from davit_contract import LogRecord, ProgressRecord

_LEVEL_COLOURS = {
    "debug": "2",
    "info": "36",
    "success": "32",
    "warning": "33",
    "failure": "31",
    "error": "31",
    "critical": "1;31",
}
_LONGEST_LEVEL = len("SUCCESS")
_BAR_CELLS = 30
_NARROWEST_WITH_BAR = 50
# Everything below the space but tab and line feed, and DEL and its eight-bit kin: a log may hold
# what a device said, and a terminal would obey it.
_CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"
}


class OutputLost(Exception):  # noqa: N818 (names the situation)
    """The stream takes no more."""

    def __init__(self, cause: OSError) -> None:
        self.cause = cause
        super().__init__(
            f"The output cannot be written: {cause.strerror}. Make room, or send it elsewhere."
        )


class Look(NamedTuple):
    """What a stream can show."""

    colours: bool
    # A line can be redrawn in place.
    redraws: bool


def look_of(stream: TextIO, environment: Mapping[str, str]) -> Look:
    """Return what ``stream`` can show: see https://no-color.org and https://force-color.org."""
    is_terminal = stream.isatty() and environment.get("TERM", "dumb") != "dumb"
    forced = any(
        environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    )
    colours = (is_terminal or forced) and not environment.get("NO_COLOR")
    return Look(colours=colours, redraws=is_terminal)


class Screen:
    """Shows log lines, and below them, where it can be redrawn, the progress.

    All of it raises OutputLost where the stream takes no more.
    """

    def __init__(self, stream: TextIO, look: Look) -> None:
        self._stream = stream
        self._look = look
        self._progress = ""

    def log(self, record: LogRecord) -> None:
        """Show a line of the log."""
        self.say(self._log_text(record))

    def say(self, text: str) -> None:
        """Show ``text`` as it is, above the progress."""
        erase = "\r\x1b[K" if self._progress else ""
        self._write(f"{erase}{text}\n{self._fitted()}")

    def progress(self, record: ProgressRecord) -> None:
        """Show how far the job is; where a line cannot be redrawn, nothing is shown."""
        if self._look.redraws:
            self._progress = progress_text(record.done, record.total)
            self._write(f"\r{self._fitted()}\x1b[K")

    def end_progress(self) -> None:
        """Take the progress away."""
        if self._progress:
            self._progress = ""
            self._write("\r\x1b[K")

    def painted(self, text: str, colour: str) -> str:
        """Return ``text`` in a colour, where there are colours."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self._look.colours and text else text

    def _log_text(self, record: LogRecord) -> str:
        message = shown(record.message)
        if record.continued:
            return message
        level = record.level.upper().ljust(_LONGEST_LEVEL)
        level = self.painted(level, _LEVEL_COLOURS.get(record.level, "0"))
        # In UTC, as everything that davit prints.
        clock = self.painted(record.time[11:19], "2")
        grouping = self.painted(shown(f"{record.grouping}:"), "2")
        about = f" [{shown(record.object)}]" if record.object else ""
        return f"{clock} {level} {grouping} {message}{about}"

    def _fitted(self) -> str:
        """Return the progress as wide as the terminal is now: a wrapped line cannot be redrawn."""
        if not self._progress:
            return ""
        columns = shutil.get_terminal_size().columns - 1
        text = self._progress
        if columns < _NARROWEST_WITH_BAR:
            text = text.rpartition("] ")[2]
        return text[:columns]

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            raise OutputLost(error) from error


def progress_text(done: float, total: float) -> str:
    """Return a progress bar: ``[=====>    ]  50 % (3 of 6)``."""
    numbers = f"{number_text(done)} of {number_text(total)}"
    if total <= 0:
        return numbers
    share = min(max(done / total, 0.0), 1.0)
    filled = int(share * _BAR_CELLS)
    bar = ("=" * filled + ">" * (filled < _BAR_CELLS)).ljust(_BAR_CELLS)
    return f"[{bar}] {int(share * 100):3d} % ({numbers})"


def shown(text: str) -> str:
    """Return ``text`` with the characters that would steer a terminal written out."""
    return text.translate(_CONTROLS)
