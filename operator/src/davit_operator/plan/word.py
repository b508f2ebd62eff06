"""The word that a pod is told to end: when, and for whom. It stands in an annotation of the pod."""

from __future__ import annotations

from datetime import datetime

from davit_operator.plan.times import format_time


def written_word(now: datetime, replaced_by: str = "") -> str:
    """Return the annotation's text; ``replaced_by`` is the run that wants the place."""
    return f"{format_time(now)} {replaced_by}".rstrip()


def read_word(text: str) -> tuple[str, str]:
    """Return when the pod was told, RFC 3339, and the run that wants its place; empty: neither."""
    moment, _, name = text.partition(" ")
    return moment, name
