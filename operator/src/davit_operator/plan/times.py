"""Times of the API as datetimes and back; the clock itself is the shell's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def parse_time(text: str) -> datetime:
    """Return the RFC 3339 time ``text``, in UTC.

    Raises:
        ValueError: ``text`` is no such time.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def format_time(moment: datetime) -> str:
    """Return ``moment`` as the API writes times: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(duration: str) -> int:
    """Return the seconds of a duration such as ``60s`` or ``1h30m``.

    Raises:
        ValueError: ``duration`` has another form; the CRD's schema refuses those.
    """
    found = _DURATION.fullmatch(duration)
    if not found:
        raise ValueError(f"{duration!r} is no duration such as 60s, 5m or 1h30m")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest
