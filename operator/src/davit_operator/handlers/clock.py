"""The only place of the operator where time and chance come in."""

from __future__ import annotations

import random
import secrets
import socket
import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (the shell's clock)


def jitter() -> float:
    """Return a factor between 0.9 and 1.1, so that what began together does not stay together."""
    return random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, guards nothing)


def steady() -> float:
    """Return seconds on a clock that nobody sets, and that goes on while the process is stopped."""
    return time.monotonic()


def identity() -> str:
    """Return a name that no other process has, or had: a pod's containers are started anew."""
    return f"{socket.gethostname()}_{secrets.token_hex(4)}"
