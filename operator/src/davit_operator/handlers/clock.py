"""The only place of the operator where time and chance come in."""

from __future__ import annotations

import random
from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 (the shell's clock)


def jitter() -> float:
    """Return a factor between 0.9 and 1.1, so that what began together does not stay together."""
    return random.uniform(0.9, 1.1)  # noqa: S311 (spreads load, guards nothing)
