"""Text as it must be to cross the wire: valid UTF-8, and pieces that fit."""

from __future__ import annotations

from json.encoder import encode_basestring


def encodable(text: str) -> str:
    """Return ``text`` with lone surrogates, which UTF-8 cannot hold, written out as escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def json_bytes(text: str) -> int:
    """Return how many bytes ``text`` takes inside a JSON string."""
    return len(encode_basestring(text).encode()) - 2


def pieces(text: str, room: int) -> list[str]:
    """Return ``text`` cut so that each piece takes at most ``room`` bytes inside a JSON string."""
    found: list[str] = []
    start = 0
    while start < len(text) or not found:
        piece = text[start : start + room]
        size = json_bytes(piece)
        while size > room:
            # Shrinks towards the true size in a few steps, and by one character at least.
            piece = piece[: min(len(piece) - 1, len(piece) * room // size + 1)]
            size = json_bytes(piece)
        found.append(piece)
        start += len(piece)
    return found
