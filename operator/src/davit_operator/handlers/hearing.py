"""How long each watch has been silent: a dead connection looks like a quiet cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import aiohttp

from davit_operator.effects.resources import resource_in
from davit_operator.handlers.clock import steady


@dataclass(slots=True)
class _Ear:
    heard: float
    # What is listened to, and how much of it was heard.
    content: aiohttp.StreamReader | None = None
    received: int = 0


class Hearing:
    """Watches by the plural of what they watch. What counts is what came, never what was asked."""

    def __init__(self, plurals: Iterable[str]) -> None:
        self._ears = {plural: _Ear(steady()) for plural in plurals}

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """Listen to a watch; a list is heard as a whole. Others are not counted."""
        ear = self._ears.get(resource_in(response.url.path))
        if ear is None:
            return
        if "watch" in response.url.query:
            self._listen(ear)
            ear.content, ear.received = response.content, 0
        else:
            ear.heard = steady()

    def ages(self) -> dict[str, float]:
        """Return for how many seconds each watch has said nothing."""
        for ear in self._ears.values():
            self._listen(ear)
        moment = steady()
        return {plural: moment - ear.heard for plural, ear in self._ears.items()}

    def _listen(self, ear: _Ear) -> None:
        content = ear.content
        if content is None:
            return
        if content.total_bytes > ear.received:
            ear.received, ear.heard = content.total_bytes, steady()
        # Where nothing happens a watch says nothing, and its server ends it: a dead line does not.
        if content.is_eof():
            ear.content, ear.heard = None, steady()
