"""How a run ended, in a line; and its result, readable."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from davit_contract import Outcome

_MINUTE = 60
_HOUR = 3600
# A result that is longer stands on lines of its own.
_ONE_LINE = 88


def summary(outcome: Outcome) -> str:
    """Return ``Succeeded after 0.02 s: 1 info, 2 success``."""
    counts = [
        f"{count} {level}"
        for level in outcome.counts.__dataclass_fields__
        if (count := getattr(outcome.counts, level))
    ]
    if outcome.dropped_records:
        counts.append(f"{outcome.dropped_records} records dropped")
    begun, ended = map(datetime.fromisoformat, (outcome.started_at, outcome.finished_at))
    duration = duration_text((ended - begun).total_seconds())
    return f"{outcome.reason} after {duration}: {', '.join(counts) or 'nothing logged'}"


def duration_text(seconds: float) -> str:
    """Return ``1.25 s``, ``2 min 05 s`` or ``3 h 07 min``."""
    if seconds < _MINUTE:
        return f"{seconds:.2f} s"
    if seconds < _HOUR:
        return f"{int(seconds) // _MINUTE} min {int(seconds) % _MINUTE:02d} s"
    return f"{int(seconds) // _HOUR} h {int(seconds) % _HOUR // _MINUTE:02d} min"


def result_text(value: Any) -> str:
    """Return ``value`` as JSON, on one line where it fits one."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _ONE_LINE else json.dumps(value, ensure_ascii=False, indent=2)


def number_text(value: float) -> str:
    """Return ``1,000`` or ``0.25``."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.2f}"
