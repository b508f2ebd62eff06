"""Follows a run to its end: its phase from a watch, its log from the pod, and from objects.

The log's end is known by the run's last phase and ``status.log.lastSequence``, never by the end of
a stream: those are cut by every restart of a server in between.
"""

from __future__ import annotations

import sys
import time
from queue import Empty, Queue
from typing import TYPE_CHECKING

from davit_kubectl.failures import ApiError, Forbidden
from davit_kubectl.pieces import Pieces
from davit_kubectl.pod_log import MAY_NOT_READ, Ended, PodStream, Said
from davit_kubectl.seam import Seam
from davit_kubectl.telling import note_loss, tell_all
from davit_kubectl.watching import Lost, Seen, Trouble, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from davit_kubectl.records import Record
    from davit_kubectl.run_view import RunView
    from davit_kubectl.server import Server
    from davit_kubectl.shown_log import Teller

_NOT_FOUND = 404
_WAITING_EVENTS = 64
# The kubelet may show the end of a log up to a second after the container has ended.
_LAST_WORDS_SECONDS = 3.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0
MISSING = (
    "The end of the log could not be read: record {last} is the last one, and {told} the last that "
    "was read."
)


def until_finished(server: Server, run: RunView, note: Callable[[str], None]) -> RunView:
    """Return the run once it is finished; ``note`` hears where the server is away meanwhile.

    Raises:
        Failure: it is gone, or may not be read any more.
    """
    if run.is_finished:
        return run
    events: Queue[object] = Queue(_WAITING_EVENTS)
    Watcher(server, run, events)
    while True:
        event = events.get()
        if isinstance(event, Lost):
            raise event.error
        if isinstance(event, Trouble):
            note(f"{event.error} It is asked again.")
        if isinstance(event, Seen) and event.run.is_finished:
            return event.run


def goes_on(run: RunView) -> str:
    """Return what a user is told who stops watching."""
    # A terminal shows ^C on the line before.
    begin = "\n" if sys.stderr.isatty() else ""
    command = f"kubectl davit cancel {run.name} -n {run.namespace}"
    return f"{begin}{run.name} goes on. To cancel it: {command}"


class Following:
    """Tells a run's log as it is written, from ``seam`` on."""

    def __init__(self, server: Server, run: RunView, seam: Seam, teller: Teller) -> None:
        self._server = server
        self._run = run
        self._seam = seam
        self._teller = teller
        self._pieces = Pieces(server, teller)
        self._events: Queue[object] = Queue(_WAITING_EVENTS)
        self._stream: PodStream | None = None
        self._may_stream = True
        self._failures = 0
        # Moments of the monotonic clock.
        self._reopens_at = 0.0
        self._finished_at = 0.0
        self._heard_at = 0.0

    def until_end(self) -> RunView:
        """Tell the log up to its end, and return the finished run.

        Raises:
            Failure: the run is gone, or may not be read any more.
        """
        if not self._run.is_finished:
            Watcher(self._server, self._run, self._events)
        self._see(self._run)
        while not self._is_told():
            self._open_stream()
            try:
                self._take(self._events.get(timeout=self._patience()))
            except Empty:
                continue
        self._tell_rest()
        self._teller.ended()
        return self._run

    def _take(self, event: object) -> None:
        if isinstance(event, Said):
            if event.stream is self._stream:
                self._heard_at = time.monotonic()
                self._tell(event.records)
        elif isinstance(event, Ended):
            if event.stream is self._stream:
                self._end_stream(event)
        elif isinstance(event, Seen):
            self._see(event.run)
        elif isinstance(event, Trouble):
            self._teller.note(f"{event.error} It is asked again.")
        elif isinstance(event, Lost):
            raise event.error

    def _see(self, run: RunView) -> None:
        if run.phase != self._run.phase:
            # A container that was waited for may run by now.
            self._failures, self._reopens_at = 0, 0.0
        self._run = run
        if run.attempt != self._seam.attempt:
            self._begin(run.attempt)
        if run.is_finished and not self._finished_at:
            self._finished_at = time.monotonic()
        if not self._may_stream:
            self._tell_pieces()

    def _begin(self, attempt: int) -> None:
        """Turn to another attempt: its log is another one."""
        if self._seam.told:
            self._teller.note(f"Attempt {attempt} begins.")
        self._seam = Seam(attempt)
        self._pieces = Pieces(self._server, self._teller)
        self._stream, self._failures, self._reopens_at = None, 0, 0.0

    def _tell(self, records: Iterable[Record]) -> None:
        for record in self._seam.news(records):
            self._failures = 0
            self._teller.record(record)

    def _tell_pieces(self) -> None:
        for record in self._pieces.after(self._run, self._seam):
            self._teller.record(record)

    # --- the stream

    def _open_stream(self) -> None:
        run = self._run
        wanted = run.pod and self._may_stream and self._stream is None
        if wanted and not run.is_finished and time.monotonic() >= self._reopens_at:
            self._stream = PodStream(self._server, run, self._seam.time, self._events)

    def _end_stream(self, event: Ended) -> None:
        """Have the stream opened again in a while, unless it never will be."""
        self._stream = None
        if isinstance(event.error, Forbidden):
            self._may_stream = False
            self._teller.note(MAY_NOT_READ.format(namespace=self._run.namespace))
            self._tell_pieces()
            return
        if isinstance(event.error, ApiError) and event.error.status == _NOT_FOUND:
            # The pod was deleted; what davit has stored is told until the run ends.
            self._tell_pieces()
        pause = min(_FIRST_PAUSE_SECONDS * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        self._reopens_at = time.monotonic() + pause

    def _patience(self) -> float | None:
        """Return the seconds after which there is something to do though nothing happens."""
        moments = []
        if self._finished_at:
            moments.append(max(self._finished_at, self._heard_at) + _LAST_WORDS_SECONDS)
        if self._stream is None and self._run.pod and self._may_stream:
            moments.append(self._reopens_at)
        return max(min(moments) - time.monotonic(), 0.01) if moments else None

    # --- the end

    def _is_told(self) -> bool:
        run = self._run
        if not run.is_finished:
            return False
        last = run.last_sequence
        if last is not None and self._seam.told >= last:
            return True
        quiet = time.monotonic() - max(self._finished_at, self._heard_at)
        return self._stream is None or quiet >= _LAST_WORDS_SECONDS

    def _tell_rest(self) -> None:
        """Tell what the stream did not bring: from the pod while it is there, else from objects."""
        run, last = self._run, self._run.last_sequence
        if last is None or self._seam.told < last:
            tell_all(self._server, run, self._seam, self._teller, self._pieces)
        if last is not None and self._seam.told < last:
            self._teller.note(MISSING.format(last=last, told=self._seam.told))
        note_loss(run, self._teller)
