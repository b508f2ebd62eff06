"""How a run ended: what is said of it, and with which code the command exits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from davit._command.streams import complain, say
from davit._command.summary import duration_text, result_text
from davit._command.terminal import shown
from davit_kubectl.failures import BAD_USAGE, CANCELLED, FAILED, OK

if TYPE_CHECKING:
    from davit._command.terminal import Screen
    from davit_kubectl.run_view import RunView

_CODES = {"Succeeded": OK, "Failed": FAILED, "Cancelled": CANCELLED, "Rejected": BAD_USAGE}
# The runner refuses inputs only after the run was started, and so not rejected.
_BAD_INPUTS = "InvalidInputs"


def exit_code(run: RunView) -> int:
    """Return the exit code of a finished run."""
    return BAD_USAGE if run.reason == _BAD_INPUTS else _CODES.get(run.phase, FAILED)


def say_outcome(run: RunView, screen: Screen) -> None:
    """Print what came of a finished run; why it did not succeed goes to standard error."""
    if run.phase != "Succeeded":
        for line in failure_lines(run):
            complain(line)
    if run.status.get("result") is not None:
        say(f"Result: {shown(result_text(run.status['result']))}")
    elif run.status.get("resultTruncated"):
        say(f"Result: too large to show; kubectl davit result {run.name}")
    for file in run.files:
        say(shown(f"File: {file['name']} ({file['sizeBytes']:,} bytes)"))
    colour = "1;32" if run.phase == "Succeeded" else "1;31"
    say(screen.painted(summary(run), colour))


def failure_lines(run: RunView) -> list[str]:
    """Return what went wrong, and what to do."""
    error = run.error
    lines = []
    if error.get("traceback"):
        lines.append(shown(error["traceback"].rstrip()))
    elif error.get("message") or run.message:
        lines.append(shown(error.get("message") or run.message))
    if error.get("remedy"):
        lines.append(shown(error["remedy"]))
    return lines


def summary(run: RunView) -> str:
    """Return ``Succeeded after 0.02 s: 1 info, 2 success``, as the command ``davit`` does."""
    counts = [f"{count} {level}" for level, count in run.counts.items()]
    if run.dropped:
        counts.append(f"{run.dropped} records dropped")
    took = run.status.get("durationSeconds")
    after = f" after {duration_text(took)}" if took is not None else ""
    ended = run.phase if run.phase == "Succeeded" else run.reason
    return f"{ended}{after}: {', '.join(counts) or 'nothing logged'}"


def age(moment: str, now: datetime) -> str:
    """Return how long ago an RFC 3339 time was, as kubectl says it: ``5s``, ``3m10s``, ``2d``."""
    seconds = max(int((now - datetime.fromisoformat(moment)).total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    steps = (
        (120, f"{seconds}s"),
        (600, f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"),
        (3 * 3600, f"{minutes}m"),
        (8 * 3600, f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"),
        (48 * 3600, f"{hours}h"),
    )
    return next((text for limit, text in steps if seconds < limit), f"{days}d")
