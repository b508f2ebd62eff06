"""Watches that pass through a proxy: a test makes them dumb, cuts them, or mixes what they tell."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

_EXPIRED = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "Expired",
    "message": "too old resource version: 1 (2)",
    "code": 410,
}
GONE = json.dumps({"type": "ERROR", "object": _EXPIRED}).encode() + b"\n"


@dataclass(eq=False)
class _Stream:
    path: str
    loop: asyncio.AbstractEventLoop
    told: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    is_dumb: bool = False
    # What waits to be mixed.
    held: list[bytes] = field(default_factory=list)

    def tell(self, line: bytes | None) -> None:
        self.told.put_nowait(line)


class Streams:
    """The watches of a proxy; the test calls from its own thread."""

    def __init__(self) -> None:
        # Whether events come mixed, and twice; else as the server sends them.
        self.mixed: random.Random | None = None
        self.mix_seconds = 0.3
        self.opened: list[str] = []
        self.swallowed: list[bytes] = []
        self._open: list[_Stream] = []

    def silence(self, plural: str) -> None:
        """Swallow what comes on the watches of a kind that are open now; they stay open."""
        for stream in self._of(plural):
            stream.is_dumb = True

    def cut(self, plural: str) -> None:
        """End the watches of a kind that are open now."""
        self._tell(plural, None)

    def expire(self, plural: str) -> None:
        """Say 410 Gone on the watches of a kind that are open now."""
        self._tell(plural, GONE, None)

    def count(self, plural: str) -> int:
        """Return how many watches of a kind were opened, ever."""
        return len([path for path in self.opened if path.endswith(f"/{plural}")])

    async def passed(self, path: str, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """Yield what the client is to hear of a watch."""
        stream = _Stream(path, asyncio.get_running_loop())
        self.opened.append(path)
        self._open.append(stream)
        reading = asyncio.ensure_future(self._read(stream, pieces))
        try:
            while (line := await stream.told.get()) is not None:
                yield line
        finally:
            self._open.remove(stream)
            reading.cancel()

    async def _read(self, stream: _Stream, pieces: AsyncIterator[bytes]) -> None:
        rest = b""
        # A server that dies ends its watches in the middle of anything.
        with suppress(aiohttp.ClientError):
            async for piece in pieces:
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    self._hear(stream, line + b"\n")
        self._release(stream)
        if not stream.is_dumb:
            stream.tell(None)

    def _hear(self, stream: _Stream, line: bytes) -> None:
        if stream.is_dumb:
            self.swallowed.append(line)
        elif self.mixed is None:
            stream.tell(line)
        else:
            if not stream.held:
                stream.loop.call_later(self.mix_seconds, self._release, stream)
            stream.held.append(line)

    def _release(self, stream: _Stream) -> None:
        held, stream.held = stream.held, []
        chance = self.mixed
        for line in held if chance is None else mixed(held, chance):
            stream.tell(line)

    def _tell(self, plural: str, *lines: bytes | None) -> None:
        for stream in self._of(plural):
            for line in lines:
                stream.loop.call_soon_threadsafe(stream.tell, line)

    def _of(self, plural: str) -> list[_Stream]:
        return [stream for stream in list(self._open) if stream.path.endswith(f"/{plural}")]


def mixed(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """Return watch events in another order, then all again: as after a reconnect.

    Those of one object keep theirs, as the API server promises.
    """
    by_object: dict[str, list[bytes]] = defaultdict(list)
    for line in lines:
        metadata = json.loads(line)["object"]["metadata"]
        by_object[metadata.get("uid", "bookmark")].append(line)
    once = list(itertools.chain(*_interleaved(list(by_object.values()), chance)))
    return once + list(itertools.chain(*_interleaved(list(by_object.values()), chance)))


def _interleaved(rows: list[list[bytes]], chance: random.Random) -> list[list[bytes]]:
    rows = [list(row) for row in rows]
    told = []
    while rows:
        row = chance.choice(rows)
        told.append([row.pop(0)])
        if not row:
            rows.remove(row)
    return told
