"""The logger that jobs get: Nautobot's two extra levels, and a group for every line."""

from __future__ import annotations

import logging
from typing import Any

SUCCESS = 25
FAILURE = 35
MAX_GROUPING = 100
MAX_OBJECT = 200
# Nautobot's group for lines that no function logged.
DEFAULT_GROUPING = "main"

logging.addLevelName(SUCCESS, "SUCCESS")
logging.addLevelName(FAILURE, "FAILURE")

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
    for number, name in (
        (logging.CRITICAL, "critical"),
        (logging.ERROR, "error"),
        (FAILURE, "failure"),
        (logging.WARNING, "warning"),
        (SUCCESS, "success"),
        (logging.INFO, "info"),
    ):
        if record.levelno >= number:
            return name
    return "debug"


def text_of(record: logging.LogRecord) -> str:
    """Return the message, with the traceback that ``exc_info`` asked for."""
    return _FORMATTER.format(record)


def grouping_of(record: logging.LogRecord) -> str:
    """Return ``extra={"grouping": ...}``, or the name of the function that logged."""
    grouping = getattr(record, "grouping", None)
    if grouping is None:
        grouping = DEFAULT_GROUPING if record.funcName in (None, "<module>") else record.funcName
    return str(grouping)[:MAX_GROUPING]


def object_of(record: logging.LogRecord) -> str:
    """Return the text of ``extra={"object": ...}``, or ``""``."""
    item = getattr(record, "object", None)
    return "" if item is None else str(item)[:MAX_OBJECT]
