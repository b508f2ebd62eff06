"""JSON in, messages out: strict about versions, tolerant of unknown fields."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from davit_contract.messages import VERSION

M = TypeVar("M")


class MessageError(ValueError):
    """The text is no message of the expected type and version."""


def encode(message: Any) -> str:
    """Return ``message`` as one line of compact JSON.

    Raises:
        ValueError: a value in it is not JSON (NaN, infinity).
        TypeError: a value in it has no JSON form.
    """
    return _ENCODER.encode(message)


def _fields_of(message: Any) -> dict[str, Any]:
    """Return the fields of a message, at any depth, one level of it (asdict() copies them all)."""
    if not is_dataclass(message) or isinstance(message, type):
        raise TypeError(f"{type(message).__name__} has no JSON form")
    return {name: getattr(message, name) for name in message.__dataclass_fields__}


# Made once: json.dumps() with these arguments makes one for each call.
_ENCODER = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_fields_of
)


def decode(message_type: type[M], text: str) -> M:
    """Return the message of flat type ``message_type`` in ``text``, without its unknown fields.

    Types of the values are not checked: the side that trusts nobody does that (the operator).

    Raises:
        MessageError: not a JSON object, another version, or a field is missing.
    """
    if not is_dataclass(message_type):
        raise TypeError(f"{message_type.__name__} is not a message")
    try:
        data = json.loads(text)
    except ValueError as error:
        raise MessageError(f"{message_type.__name__} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise MessageError(f"{message_type.__name__} is not a JSON object.")
    if data.get("version") != VERSION:
        raise MessageError(
            f"{message_type.__name__} has version {data.get('version')!r}; "
            f"this side reads version {VERSION}."
        )
    known = {item.name for item in fields(message_type)}
    try:
        return message_type(**{key: value for key, value in data.items() if key in known})
    except TypeError as error:
        raise MessageError(f"{message_type.__name__} is incomplete: {error}") from error
