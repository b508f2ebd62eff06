"""What one attempt of a run has said so far: the one thing that all readers of its log feed."""

from __future__ import annotations

from davit_contract import LogRecord, PartRecord, PartType, ProgressRecord, places
from davit_operator.api.joblog import MAX_CHUNKS
from davit_operator.api.run_output import LogCountsStatus, RunProgress
from davit_operator.plan.log_chunks import Chunks
from davit_operator.plan.log_lines import Line
from davit_operator.plan.log_tail import Tail
from davit_operator.plan.observed import LogReading
from davit_operator.plan.records import Documents, is_time

# Characters of a document; runs print none of other kinds. A file's is Base64 with its name.
_LIMITS = {
    PartType.RESULT: places.MAX_RESULT_FILE_BYTES,
    PartType.FILE: 2 * places.MAX_FILE_BYTES,
}
_LEFT_OUT = (
    "{:,} log records were left out: a run has at most "
    f"{MAX_CHUNKS} JobLogs. Log less, or leave files."
)


class AttemptLog:
    """Takes each record once, in order, whichever stream brings it first."""

    def __init__(self) -> None:
        self.last_sequence = 0
        # Of the last record that a live run's status shows: results and files wait for its end.
        self.last_shown = 0
        # When the last record was written, RFC 3339: a stream that is cut goes on from there.
        self.last_time = ""
        self.chunks = Chunks()
        self.tail = Tail()
        # Files that are complete, as JSON of a FileContent, until they are written.
        self.files: list[str] = []
        self._missing = 0
        self._counts = dict.fromkeys(LogCountsStatus.model_fields, 0)
        self._progress: RunProgress | None = None
        # JSON of what run() returned.
        self.result: str | None = None
        self._documents = {kind: Documents(limit) for kind, limit in _LIMITS.items()}

    def take(self, line: Line, until: int = 0) -> None:
        """Take a record, unless it was taken before.

        ``until`` is the last sequence number where that is known: a record beyond is forged.
        """
        record = line.record
        if record.sequence <= self.last_sequence or (until and record.sequence > until):
            return
        self._missing += record.sequence - self.last_sequence - 1
        self.last_sequence = record.sequence
        if is_time(record.time):
            self.last_time = record.time
        if not isinstance(record, PartRecord):
            self.last_shown = record.sequence
        if isinstance(record, LogRecord):
            self._take_log(record, line.raw)
        elif isinstance(record, ProgressRecord):
            self._progress = RunProgress(done=record.done, total=record.total)
        else:
            self._take_part(record)

    def is_complete(self, until: int) -> bool:
        """Return whether everything was read up to record ``until``."""
        return self.last_sequence >= until and not self._missing

    def reading(self) -> LogReading:
        """Return what stands in a run's status of all this."""
        return LogReading(
            counts=LogCountsStatus(**self._counts),
            tail=self.tail.lines(),
            result=self.result,
            progress=self._progress,
            last_sequence=self.last_sequence,
            missing=self._missing,
            chunks=self.chunks.count,
            refused=_LEFT_OUT.format(self.chunks.left_out) if self.chunks.left_out else "",
        )

    def _take_log(self, record: LogRecord, raw: bytes) -> None:
        if not record.continued:
            level = record.level if record.level in self._counts else "info"
            self._counts[level] += 1
        self.tail.add(record)
        self.chunks.add(record.sequence, raw)

    def _take_part(self, record: PartRecord) -> None:
        documents = self._documents.get(record.type)
        document = documents.add(record) if documents else None
        if document is None:
            return
        if record.type is PartType.RESULT:
            self.result = document
        elif record.type is PartType.FILE:
            self.files.append(document)
