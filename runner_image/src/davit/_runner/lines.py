"""A stream of bytes as lines of text."""

from __future__ import annotations

# A line that never ends is passed on in pieces of this size.
MAX_PENDING_BYTES = 64 * 1024
# The two high bits of every byte of a UTF-8 character but its first.
_CONTINUATION = 0x80


class LineSplitter:
    """Collects bytes and gives back whole lines, without their ends."""

    def __init__(self) -> None:
        self._pending = b""
        self._continued = False

    def feed(self, data: bytes) -> list[tuple[str, bool]]:
        """Return the lines that ``data`` completes, each with: does it continue the one before."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        found = [self._taken(line, ends=True) for line in lines]
        while len(self._pending) > MAX_PENDING_BYTES:
            cut = _character_boundary(self._pending, MAX_PENDING_BYTES)
            piece, self._pending = self._pending[:cut], self._pending[cut:]
            found.append(self._taken(piece, ends=False))
        return found

    def end(self) -> list[tuple[str, bool]]:
        """Return the last line, if the stream did not end with a line end."""
        piece, self._pending = self._pending, b""
        return [self._taken(piece, ends=True)] if piece else []

    def _taken(self, line: bytes, *, ends: bool) -> tuple[str, bool]:
        continued, self._continued = self._continued, not ends
        return line.removesuffix(b"\r").decode("utf-8", "replace"), continued


def _character_boundary(data: bytes, cut: int) -> int:
    """Return the last place at or before ``cut`` that is not inside a UTF-8 character."""
    for place in range(cut, max(cut - 4, 0), -1):
        if data[place] & 0xC0 != _CONTINUATION:
            return place
    return cut
