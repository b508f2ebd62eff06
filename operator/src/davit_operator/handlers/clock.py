"""The only place of the operator where time and chance come in."""

from __future__ import annotations

import random
import secrets
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from davit_operator.engine.server_clock import ServerClock

# Until the server speaks, this machine's time must do.
_server = ServerClock(datetime.now(UTC), time.monotonic())  # noqa: TID251 (the shell's clock)


def now() -> datetime:
    """Return the time, in UTC, as the API server has it: it is the one that dates objects."""
    return _server.now(steady())


def hear(date: str) -> None:
    """Learn the time from the header ``Date`` of an answer just come."""
    with suppress(ValueError):
        _server.hear(parsedate_to_datetime(date), steady())


def jitter() -> float:
    """Return a factor between 0.9 and 1.1, so that what began together does not stay together."""
    return random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, guards nothing)


def steady() -> float:
    """Return seconds on a clock that nobody sets, and that goes on while the process is stopped."""
    return time.monotonic()


def identity() -> str:
    """Return a name that no other process has, or had: a pod's containers are started anew."""
    return f"{socket.gethostname()}_{secrets.token_hex(4)}"
