"""What ``run()`` returned: in the status where it fits, as a file otherwise."""

from __future__ import annotations

from typing import Any

from davit_contract import places
from davit_operator.plan.plain import plain_json

RESULT_FILE = "result.json"


class UnfitResultError(ValueError):
    """The result cannot stand in a status."""


def inline_result(text: str) -> Any:
    """Return the value of a result's JSON.

    Raises:
        UnfitResultError: it is longer than a status holds, or the API server would not take it.
    """
    if len(text.encode(errors="replace")) > places.MAX_RESULT_BYTES:
        raise UnfitResultError
    try:
        return plain_json(text)
    except ValueError as error:
        raise UnfitResultError from error


def is_inline(text: str) -> bool:
    """Return whether a result's JSON stands in the status."""
    try:
        inline_result(text)
    except UnfitResultError:
        return False
    return True
