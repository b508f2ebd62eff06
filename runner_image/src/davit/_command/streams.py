"""The two streams of the command, which may be closed, full, or read by nobody any more."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from davit._command.terminal import OutputLost, Screen, look_of


def prepare_streams() -> None:
    """Let both streams take any text, also where they were closed before the start."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 (as long as the process)
        # A log may hold what the locale's encoding cannot.
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)


def screen_on(stream: TextIO) -> Screen:
    """Return what shows a run on ``stream``."""
    return Screen(stream, look_of(stream, os.environ))  # noqa: TID251 (NO_COLOR and its kin)


def say(text: str) -> None:
    """Print ``text``.

    Raises:
        OutputLost: it cannot be printed.
    """
    try:
        print(text, flush=True)  # noqa: T201 (a command)
    except OSError as error:
        raise OutputLost(error) from error


def complain(text: str) -> None:
    """Print ``text`` on standard error; where that takes no more, there is nobody to tell."""
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 (a command)
    except OSError:
        _forget(sys.stderr)


def forget_output() -> None:
    """Let standard output take everything: at the end the interpreter would complain once more."""
    _forget(sys.stdout)


def _forget(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
