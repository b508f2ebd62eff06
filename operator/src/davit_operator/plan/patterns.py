"""Search for an author's pattern in a requester's text, where that certainly takes no time.

Python's ``re`` backtracks: ``^(a+)+$`` keeps it busy for years, and with it every run of the
cluster. What might is left to the pod, which tries it under its own time limit.
"""

from __future__ import annotations

import re

_MAX_PATTERN = 1_000
_MAX_STEPS = 1_000_000
# An escaped character, or a set of characters: one step, whatever stands in it.
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_EXACT_COUNT = re.compile(r"(?<!\))\{\d+\}")


def is_missing(pattern: str, text: str) -> bool:
    """Return True where ``pattern`` is certainly not found in ``text``; False: the pod finds out.

    ``pattern`` is not trusted: it may be none at all.
    """
    if len(pattern) > _MAX_PATTERN or _steps(pattern, len(text)) > _MAX_STEPS:
        return False
    try:
        return re.search(pattern, text) is None
    except (re.error, OverflowError, RecursionError):
        return False


def _steps(pattern: str, length: int) -> float:
    """Return more steps than a search takes: each repeat and each choice multiplies them."""
    plain = _ATOM.sub("x", pattern).replace("(?:", "(")
    plain = _EXACT_COUNT.sub("", plain)
    if re.search(r"\)[*+{]", plain):
        # A repeated group may hold repeats or choices: their number is beyond all bounds.
        return float("inf")
    choices = plain.count("|") + plain.count("?")
    repeats = sum(plain.count(mark) for mark in "*+{")
    starts = 0 if plain.startswith("^") and "|" not in plain else 1
    return (length + 1.0) ** min(repeats + starts, 20) * 2.0 ** min(choices, 100)
