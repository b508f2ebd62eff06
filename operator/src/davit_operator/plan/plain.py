"""JSON from strangers that the API server certainly takes, and that costs little to handle."""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 64
# What JavaScript, Go and Python all count exactly.
MAX_COUNT = 2**53
# The API server reads larger numbers as floats, and those end here.
_MAX_NUMBER = 2**1023


def plain_json(text: str) -> Any:
    """Return the value of the JSON ``text``.

    Raises:
        ValueError: it is none, or holds what cannot be stored: NaN, endless numbers, halves of
            characters, or more than ``MAX_DEPTH`` levels.
    """
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _check(value)
    return value


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [below for item in level for below in _below(item)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _below(item: Any) -> list[Any]:
    """Return what ``item`` holds; raise ValueError where it is something that cannot be stored."""
    if isinstance(item, dict):
        return [*item, *item.values()]
    if isinstance(item, list):
        return item
    if isinstance(item, str):
        # Half a character (a lone surrogate) is a UnicodeEncodeError, which is a ValueError.
        item.encode()
    # NaN compares with nothing.
    elif item is not None and not -_MAX_NUMBER < item < _MAX_NUMBER:
        raise ValueError("a number that cannot be stored")
    return []
