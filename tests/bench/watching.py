"""Sees objects change, and says when: what a client of the API server can know at best."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

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
        known = access(kubeconfig)
        request = urllib.request.Request(  # noqa: S310 (the API server)
            f"{known.server}{path_of(kind, namespace)}?watch=true", headers=dict(known.headers)
        )
        self._answer = urllib.request.urlopen(request, context=known.tls)  # noqa: S310
        threading.Thread(target=self._read, daemon=True).start()

    def of(self, name: str) -> Iterator[Seen]:
        """Yield the states of one object."""
        return (each for each in list(self.seen) if each.name == name)

    def _read(self) -> None:
        # It ends with its server, at the latest.
        with suppress(OSError, HTTPException):
            for line in self._answer:
                self.seen.append(Seen(time.time(), json.loads(line)["object"]))
