"""A stream of bytes as lines of text, without the secrets in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from davit._runner.redact import Clean, Redactor

# A line that never ends is passed on in pieces of about this size.
MAX_PENDING_BYTES = 64 * 1024
# The two high bits of every byte of a UTF-8 character but its first.
_CONTINUATION = 0x80


class LineSplitter:
    """Collects bytes and gives back whole lines, without their ends.

    Each comes with an answer: does it continue the one before?
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._pending = bytearray()
        # Whole lines that may be the beginning of a secret of several.
        self._held = ""
        self._continued = False

    @property
    def holds_lines(self) -> bool:
        """Whether lines wait for what follows them."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[tuple[Clean, bool]]:
        """Return the lines that ``data`` completes."""
        found = []
        end = data.rfind(b"\n") + 1
        if end:
            block = self._held + _decoded(self._pending + data[:end])
            held = self._redactor.lines_held_back(block)
            # From the beginning of a line on.
            keep = block.rfind("\n", 0, len(block) - held) + 1 if held else len(block)
            self._held = block[keep:]
            found = self._lines(self._redactor.redact(block[:keep]))
            self._pending.clear()
        self._pending += data[end:]
        while len(self._pending) > MAX_PENDING_BYTES:
            found += self.released()
            found.append(self._piece())
        return found

    def drop(self, data: bytes) -> int:
        """Forget ``data`` and what was waiting for it; return how many lines it ends."""
        self._held = ""
        self._pending.clear()
        return data.count(b"\n")

    def released(self) -> list[tuple[Clean, bool]]:
        """Return the whole lines that waited for what follows them."""
        block, self._held = self._held, ""
        return self._lines(self._redactor.redact(block, cut=True)) if block else []

    def end(self) -> list[tuple[Clean, bool]]:
        """Return what is left, a last line without an end included."""
        found = self.released()
        if self._pending:
            text = _decoded(self._pending).removesuffix("\r")
            found.append((self._redactor.redact(text, cut=True), self._continued))
            self._pending.clear()
        return found

    def _lines(self, block: Clean) -> list[tuple[Clean, bool]]:
        if not block:
            return []
        lines = block.split("\n")
        if not lines[-1]:
            del lines[-1]
        continued, self._continued = self._continued, False
        found = [(line, False) for line in lines]
        if continued and found:
            found[0] = (found[0][0], True)
        return found  # type: ignore[return-value]  # a line of clean text is clean

    def _piece(self) -> tuple[Clean, bool]:
        cut = _character_boundary(self._pending, MAX_PENDING_BYTES)
        clean, rest = self._redactor.split(_decoded(self._pending[:cut]))
        self._pending[:cut] = rest.encode()
        continued, self._continued = self._continued, True
        return clean, continued


def _decoded(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _character_boundary(data: bytes | bytearray, cut: int) -> int:
    """Return the last place at or before ``cut`` that is not inside a UTF-8 character."""
    for place in range(cut, max(cut - 4, 0), -1):
        if data[place] & 0xC0 != _CONTINUATION:
            return place
    return cut
