"""A log as the pod says it: everything that it printed, from the kubelet."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from davit_contract.places import RUNNER_CONTAINER
from davit_kubectl.failures import Failure, Unreachable
from davit_kubectl.records import Lines
from davit_kubectl.resources import PODS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from queue import Queue

    from davit_kubectl.records import Record
    from davit_kubectl.run_view import RunView
    from davit_kubectl.server import Server

MAY_NOT_READ = (
    "You may not read pods/log in namespace {namespace}: while the run lives, its log is shown as "
    "davit stores it, which is some seconds late."
)


class Said(NamedTuple):
    """Records that the pod's log brought; ``stream`` tells which reader it was."""

    stream: PodStream
    records: list[Record]


class Ended(NamedTuple):
    """The stream is over; ``error`` says why, where it is not the pod's end."""

    stream: PodStream
    error: Failure | None


def printed(server: Server, run: RunView, since: str = "") -> Iterator[Record]:
    """Yield what the pod has printed up to now, from the time ``since`` on (RFC 3339).

    Raises:
        ApiError: the pod is gone, has not begun, or its log may not be read.
        Unreachable: the server does not answer.
    """
    path = f"{PODS.at(run.namespace, run.pod)}/log"
    query = {"container": RUNNER_CONTAINER, "sinceTime": whole_second(since)}
    with server.stream(path, **query) as stream:
        lines = Lines()
        for piece in stream.pieces():
            yield from lines.feed(piece)


def whole_second(time: str) -> str:
    """Return ``time`` rounded down, so that nothing is left out: what comes twice is skipped."""
    return f"{time[:19]}Z" if time else ""


class PodStream:
    """Follows a pod's log in a thread of its own, which puts what it reads into ``events``.

    The queue is bounded: who reads too slowly makes the kubelet wait, and nobody's memory grow.
    """

    def __init__(self, server: Server, run: RunView, since: str, events: Queue[object]) -> None:
        self._server = server
        self._path = f"{PODS.at(run.namespace, run.pod)}/log"
        self._since = whole_second(since)
        self._events = events
        self.pod = run.pod
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        error: Failure | None = None
        try:
            query = {"container": RUNNER_CONTAINER, "follow": "true", "sinceTime": self._since}
            with self._server.stream(self._path, **query) as stream:
                lines = Lines()
                for piece in stream.pieces():
                    records = list(lines.feed(piece))
                    if records:
                        self._events.put(Said(self, records))
        except Failure as failure:
            error = failure
        except Exception as other:  # noqa: BLE001 (a thread's failure must reach the one that waits)
            error = Unreachable(f"The log's stream broke: {type(other).__name__}: {other}.")
        self._events.put(Ended(self, error))
