"""How a log is printed: readable lines, or its records as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from davit._command.streams import complain
from davit_contract import encode
from davit_contract.printed import LogRecord

if TYPE_CHECKING:
    from davit._command.terminal import Screen
    from davit_contract.printed import ProgressRecord
    from davit_kubectl.seam import Filter


class Teller(Protocol):
    """Takes what a log has to tell. All of it raises OutputLost where nobody listens."""

    def record(self, record: LogRecord | ProgressRecord) -> None:
        """Tell a record."""

    def note(self, text: str) -> None:
        """Tell something about the log that does not stand in it, once."""

    def ended(self) -> None:
        """Hear that nothing more comes."""


class Printed:
    """Prints a log on a screen."""

    def __init__(self, screen: Screen, shown: Filter, *, as_json: bool = False) -> None:
        self._screen = screen
        self._filter = shown
        self._as_json = as_json
        self._noted: set[str] = set()

    def record(self, record: LogRecord | ProgressRecord) -> None:
        """Print a record that the filter takes; a progress only on a terminal."""
        if isinstance(record, LogRecord):
            if self._filter.takes(record):
                self._print(record)
        elif not self._as_json:
            self._screen.progress(record)

    def note(self, text: str) -> None:
        """Say on standard error what does not stand in the log, each sentence once."""
        if text not in self._noted:
            self._noted.add(text)
            self._screen.end_progress()
            complain(f"note: {text}")

    def ended(self) -> None:
        """Take the progress away."""
        self._screen.end_progress()

    def _print(self, record: LogRecord) -> None:
        if self._as_json:
            self._screen.say(encode(record))
        else:
            self._screen.log(record)


class LastOnes:
    """Keeps the last records that the filter takes, and gives them to another in the end."""

    def __init__(self, count: int, shown: Filter, to: Teller) -> None:
        from collections import deque  # noqa: PLC0415 (only for --tail)

        self._kept: deque[LogRecord] = deque(maxlen=count)
        self._filter = shown
        self._to = to

    def record(self, record: LogRecord | ProgressRecord) -> None:
        """Keep a record."""
        if isinstance(record, LogRecord) and self._filter.takes(record):
            self._kept.append(record)

    def note(self, text: str) -> None:
        """Pass a note on at once."""
        self._to.note(text)

    def ended(self) -> None:
        """Tell what was kept."""
        for record in self._kept:
            self._to.record(record)
        self._kept.clear()
