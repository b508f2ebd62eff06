"""A log as it stands in objects: JobLogs, and the tail in the JobRun's status."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from davit_contract.printed import LogRecord, ProgressRecord
from davit_kubectl.failures import Forbidden, NotFound
from davit_kubectl.records import unpacked
from davit_kubectl.resources import LOGS
from davit_operator.api.names import log_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from davit_kubectl.records import Record
    from davit_kubectl.run_view import RunView
    from davit_kubectl.seam import Seam
    from davit_kubectl.server import Server
    from davit_kubectl.shown_log import Teller

MAY_NOT_READ = (
    "You may not read joblogs in namespace {namespace}: where the pod is gone, only the end of the "
    "log is shown, which stands in the JobRun."
)
REMOVED = "Older pieces of the log were removed: its beginning is not complete."
DAMAGED = "JobLog {name} cannot be read: {cause}. Its records are missing."


class _Piece(NamedTuple):
    first: int
    # Everything up to here stands in it.
    last: int
    records: list[Record]


class Pieces:
    """Reads the pieces of one attempt's log, each at most once."""

    def __init__(self, server: Server, teller: Teller) -> None:
        self._server = server
        self._teller = teller
        # Index of the next JobLog to read.
        self._next = 0
        self.may_read = True

    def after(self, run: RunView, seam: Seam) -> Iterator[LogRecord | ProgressRecord]:
        """Yield what the objects say and ``seam`` does not know yet."""
        yield from self.stored(run, seam)
        yield from self.tail(run, seam)

    def stored(self, run: RunView, seam: Seam) -> Iterator[LogRecord | ProgressRecord]:
        """Yield what JobLogs say."""
        for piece in self._job_logs(run, seam):
            yield from seam.news(piece.records)
            seam.reach(piece.last)

    def tail(self, run: RunView, seam: Seam) -> Iterator[LogRecord | ProgressRecord]:
        """Yield what the run's status says.

        Of a run that goes on the tail is taken only where nothing can be missing before it: the
        next JobLog will tell the rest, where it may be read.
        """
        tail = run.tail
        is_all_there_is = run.has_whole_tail or run.is_finished or not self.may_read
        if is_all_there_is or seam.is_followed_by(tail):
            yield from seam.news(tail)
        if run.is_finished and (self.may_read or not run.chunks):
            seam.reach(run.last_sequence or 0)

    def _job_logs(self, run: RunView, seam: Seam) -> Iterator[_Piece]:
        if not self.may_read:
            return
        chunks = run.chunks
        if seam.told and self._next == 0:
            yield from reversed(list(self._newest_first(run, seam, chunks)))
        else:
            for index in range(self._next, chunks):
                piece = self._read(run, index)
                if piece is not None:
                    yield piece
        self._next = max(self._next, chunks)

    def _newest_first(self, run: RunView, seam: Seam, chunks: int) -> Iterator[_Piece]:
        """Yield the last pieces, back to the one that goes on where the seam ends."""
        for index in reversed(range(chunks)):
            piece = self._read(run, index)
            if piece is None:
                continue
            if piece.last > seam.told:
                yield piece
            if piece.first <= seam.told + 1:
                return

    def _read(self, run: RunView, index: int) -> _Piece | None:
        if not self.may_read:
            return None
        name = log_name(run.batch_job, index)
        try:
            spec = self._server.get(LOGS.at(run.namespace, name))["spec"]
        except Forbidden:
            self.may_read = False
            self._teller.note(MAY_NOT_READ.format(namespace=run.namespace))
            return None
        except NotFound:
            self._teller.note(REMOVED)
            return None
        try:
            records = list(unpacked(spec["data"]))
        except ValueError as error:
            self._teller.note(DAMAGED.format(name=name, cause=error))
            records = []
        return _Piece(spec["firstSequence"], spec["lastSequence"], records)
