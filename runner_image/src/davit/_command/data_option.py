"""What ``--data`` holds: JSON, or ``@`` and the file that holds it. For both commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

DATA_EXAMPLE = """--data '{"who": "Ada"}'"""


def read_data(text: str) -> Any:
    """Return the value of the option.

    Raises:
        ValueError: it is no JSON, or names a file that cannot be read; the text says so.
    """
    if text.startswith("@"):
        text = _content(text[1:])
    try:
        return strict_json(text)
    except ValueError as error:
        raise ValueError(
            f"--data is not valid JSON: {error}. Write it as in {DATA_EXAMPLE}."
        ) from error


def strict_json(text: str) -> Any:
    """Return the value of the JSON, which Python's reader takes more of than JSON is.

    Raises:
        ValueError: it is none; the text goes on after a colon.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise ValueError(
            f'--data names the file "{path}", which cannot be read: {cause}.'
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
