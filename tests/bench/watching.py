"""Sees objects change, and says when: what a client of the API server can know at best."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, NamedTuple

from tests.faults.access import access
from tests.integration.kube import path_of


class Seen(NamedTuple):
    """An object, and when it came: seconds since 1970."""

    at: float
    thing: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the object's name."""
        return str(self.thing["metadata"]["name"])


class Watching:
    """All states of the objects of one kind in a namespace, from now on, in their order."""

    def __init__(self, kubeconfig: Path, kind: str, namespace: str) -> None:
        self.seen: list[Seen] = []
        self._access = access(kubeconfig)
        self._path = path_of(kind, namespace)
        answer = self._asked("")
        threading.Thread(target=self._read, args=(answer,), daemon=True).start()

    def of(self, name: str) -> Iterator[Seen]:
        """Yield the states of one object."""
        return (each for each in list(self.seen) if each.name == name)

    def _asked(self, version: str) -> IO[bytes]:
        request = urllib.request.Request(  # noqa: S310 (the API server)
            f"{self._access.server}{self._path}?watch=true&resourceVersion={version}",
            headers=dict(self._access.headers),
        )
        answer: IO[bytes] = urllib.request.urlopen(  # noqa: S310 (the API server)
            request, context=self._access.tls
        )
        return answer

    def _read(self, answer: IO[bytes]) -> None:
        # It ends with its server; a server cuts who is too slow for it.
        with suppress(urllib.error.URLError):
            while True:
                with suppress(OSError, HTTPException), answer:
                    for line in answer:
                        self.seen.append(Seen(time.time(), json.loads(line)["object"]))
                newest = self.seen[-1].thing["metadata"]["resourceVersion"] if self.seen else ""
                answer = self._asked(newest)
