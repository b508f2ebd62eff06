"""How much of the operator the logs of live runs may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLimits:
    """What all runs share, and what one of them may have."""

    # How many pods are listened to at once. More take turns, of so many seconds.
    streams: int = 128
    turn_seconds: float = 10.0
    # A connection that says nothing for so long may be dead: another one is opened.
    quiet_seconds: float = 300.0
    # What is read of one run while it lives: so much at once, and each second beyond it. A runner
    # prints 7 MiB in all; a job that found a way around it must not keep the operator busy.
    burst_bytes: int = 32 * 1024 * 1024
    bytes_a_second: int = 32 * 1024
    # How long a run that printed more is left alone; its end is read all the same.
    rest_seconds: float = 300.0
