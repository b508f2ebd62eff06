"""The logger that jobs get: Nautobot's two extra levels, and a group for every line."""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import Any

from davit.exceptions import SoftTimeLimitExceeded

SUCCESS = 25
FAILURE = 35
MAX_GROUPING = 100
MAX_OBJECT = 200
# Nautobot's group for lines that no function logged.
DEFAULT_GROUPING = "main"
# The wire's names of the levels, and Python's numbers.
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "success": SUCCESS,
    "warning": logging.WARNING,
    "failure": FAILURE,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_FROM_THE_WORST = tuple(reversed(LEVELS.items()))
_NAMES = {number: name for name, number in LEVELS.items()}

logging.addLevelName(SUCCESS, "SUCCESS")
logging.addLevelName(FAILURE, "FAILURE")

_LOGGING_FILE = logging.Logger.info.__code__.co_filename
_FORMATTER = logging.Formatter("%(message)s")


class JobLogger(logging.Logger):
    """A logger that also has ``success()`` and ``failure()``."""

    def success(self, msg: object, *args: object, stacklevel: int = 1, **options: Any) -> None:
        """Log ``msg`` at level SUCCESS (25), between info and warning."""
        if self.isEnabledFor(SUCCESS):
            self._log(SUCCESS, msg, args, stacklevel=stacklevel + 1, **options)

    def failure(self, msg: object, *args: object, stacklevel: int = 1, **options: Any) -> None:
        """Log ``msg`` at level FAILURE (35), between warning and error; the job goes on."""
        if self.isEnabledFor(FAILURE):
            self._log(FAILURE, msg, args, stacklevel=stacklevel + 1, **options)

    def findCaller(  # noqa: N802 (logging's name)
        self,
        stack_info: bool = False,
        stacklevel: int = 1,
    ) -> tuple[str, int, str, str | None]:
        """Return who logs: as the base class does, but for nearly every line in half the time."""
        if stack_info or stacklevel != 1:
            # One level more: this frame.
            return super().findCaller(stack_info, stacklevel + 1)
        frame = sys._getframe(1)
        while frame.f_code.co_filename == _LOGGING_FILE and frame.f_back is not None:
            frame = frame.f_back
        return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, None


@cache
def get_task_logger(name: str) -> JobLogger:
    """Return the logger ``name``, with ``success()`` and ``failure()``."""
    logger = logging.getLogger(name)
    if not isinstance(logger, JobLogger):
        # Whoever made it first asked the standard library; both must stay one logger.
        logger.__class__ = JobLogger
    assert isinstance(logger, JobLogger)  # noqa: S101 (tells mypy what the line above did)
    return logger


def level_of(record: logging.LogRecord) -> str:
    """Return the wire's name of the level at or below ``record``'s number."""
    if record.levelno in _NAMES:
        return _NAMES[record.levelno]
    for name, number in _FROM_THE_WORST:
        if record.levelno >= number:
            return name
    return "debug"


def text_of(record: logging.LogRecord) -> str:
    """Return the message, with the traceback that ``exc_info`` asked for.

    One that cannot be formatted is said as it is, and where: a line is never lost for that.
    """
    try:
        if record.exc_info or record.exc_text or record.stack_info:
            return _FORMATTER.format(record)
        # The same in a third of the time, for nearly every line.
        return record.getMessage()
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (the author's objects turned into text)
        place = f"{record.filename}:{record.lineno}"
        cause = f"{type(error).__name__}: {safe_text(error)}"
        return f"{safe_text(record.msg)} [not formatted, {place}: {cause}]"


def grouping_of(record: logging.LogRecord) -> str:
    """Return ``extra={"grouping": ...}``, or the name of the function that logged."""
    grouping = getattr(record, "grouping", None)
    if grouping is None:
        grouping = DEFAULT_GROUPING if record.funcName in (None, "<module>") else record.funcName
    return safe_text(grouping)[:MAX_GROUPING]


def object_of(record: logging.LogRecord) -> str:
    """Return the text of ``extra={"object": ...}``, or ``""``."""
    item = getattr(record, "object", None)
    return "" if item is None else safe_text(item)[:MAX_OBJECT]


def message_text(message: object, arguments: tuple[object, ...]) -> str:
    """Return the text that logging makes of the two; the message alone where that fails."""
    record = logging.LogRecord("", 0, "", 0, message, arguments, None)
    try:
        return record.getMessage()
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # noqa: BLE001 (the author's objects turned into text)
        return safe_text(message)


def safe_text(item: object) -> str:
    """Return ``str(item)``, even where the author's ``__str__`` fails."""
    try:
        return str(item)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (the author's code)
        return f"<its __str__ raised {type(error).__name__}>"
