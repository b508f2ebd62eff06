"""What a namespace looked like from moment to moment, as its own watches tell it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.kube import path_of
from tests.kubectl import Kubectl

Object = dict[str, Any]
KINDS = ("Pod", "Job", "JobRun", "Event")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An object as it was at a moment, in seconds of ``time.time()``."""

    at: float
    kind: str
    deleted: bool
    object: Object

    @property
    def name(self) -> str:
        """Return the object's name."""
        return str(self.object["metadata"]["name"])


class Witness:
    """All that was seen so far, in the order in which it came."""

    def __init__(self) -> None:
        self._sightings: list[Sighting] = []
        self._news = threading.Condition()

    def saw(self, kind: str, event: Object) -> None:
        """Keep what a watch said."""
        deleted = event["type"] == "DELETED"
        sighting = Sighting(at=time.time(), kind=kind, deleted=deleted, object=event["object"])
        with self._news:
            self._sightings.append(sighting)

    def all(self, kind: str) -> Iterator[Sighting]:
        """Yield what was seen of objects of the kind, oldest first."""
        with self._news:
            known = tuple(self._sightings)
        return (each for each in known if each.kind == kind)

    def first(self, kind: str, name: str, holds: Callable[[Object], object]) -> float | None:
        """Return when something was first seen to be true of the object."""
        found = (each.at for each in self.all(kind) if each.name == name and holds(each.object))
        return next(found, None)

    def last(self, kind: str) -> dict[str, Object]:
        """Return the objects that are there, by name."""
        found: dict[str, Object] = {}
        for each in self.all(kind):
            found.pop(each.name, None)
            if not each.deleted:
                found[each.name] = each.object
        return found


@contextmanager
def witnessed(kubectl: Kubectl) -> Iterator[Witness]:
    """Watch kubectl's namespace until the block ends."""
    witness = Witness()
    watches = [_watch(kubectl, kind, witness) for kind in KINDS]
    try:
        yield witness
    finally:
        for process, thread in watches:
            process.terminate()
            process.wait()
            thread.join()
            assert process.stdout is not None
            process.stdout.close()


def _watch(
    kubectl: Kubectl, kind: str, witness: Witness
) -> tuple[subprocess.Popen[bytes], threading.Thread]:
    path = f"{path_of(kind, kubectl.namespace)}?watch=true"
    process = subprocess.Popen([*kubectl.command(), "get", "--raw", path], stdout=subprocess.PIPE)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith(b"\n"):
                witness.saw(kind, json.loads(line))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return process, thread
