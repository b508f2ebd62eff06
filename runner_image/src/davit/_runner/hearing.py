"""What the child's pipes bring, understood: records for the log, documents, the child's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._runner.frames import FrameReader, Sent
from davit._runner.lines import LineSplitter
from davit._runner.progress import Progress
from davit._runner.records import RUNNER_GROUPING
from davit._runner.verdict import Verdict
from davit_contract import ErrorInfo, OutcomeReason, PartType

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._runner.fork import Child
    from davit._runner.frames import Frame
    from davit._runner.records import RecordWriter

STREAM_LEVELS = {"stdout": "info", "stderr": "warning"}
_REASONS = frozenset(OutcomeReason)
_KINDS = frozenset(PartType)
# What processes that the job started may say, too, beside logs: it is not how the run ends.
_ANYONES = frozenset({"progress", "secrets"})
_A_FILE = ("document", PartType.FILE)


class Hearing:
    """Hears one child out; ``take_first`` gets each frame before, and returns True to keep it."""

    def __init__(
        self, writer: RecordWriter, child: Child, take_first: Callable[[Frame], bool]
    ) -> None:
        self.verdict: Verdict | None = None
        self.busy_with = ""
        # Whether lines wait for what follows them.
        self.holds_lines = False
        self.progress = Progress(writer.progress)
        self._writer = writer
        self._take_first = take_first
        # The process whose word counts.
        self._child = child.pid
        self._frames = FrameReader(child.marker)
        self._splitters = {name: LineSplitter(writer.redactor) for name in STREAM_LEVELS}

    def take(self, stdout: bytes, stderr: bytes) -> None:
        """Take what was read together: raw stderr first, then frames and output as they came."""
        if stderr:
            self._output("stderr", stderr)
        if not stdout:
            return
        name, pieces = "", list[bytes]()
        for item in self._frames.feed(stdout):
            said_as, data = ("stdout", item) if isinstance(item, bytes) else _printed(item.frame)
            # Prints travel line by line; they are split, and searched, together.
            if pieces and said_as != name:
                self._output(name, b"".join(pieces))
                pieces = []
            if said_as:
                name = said_as
                pieces.append(data)
            elif isinstance(item, Sent):
                self._take(item)
        if pieces:
            self._output(name, b"".join(pieces))

    def release(self) -> None:
        """Write the lines that wait for what follows them: it did not come, or something else."""
        for name, splitter in self._splitters.items():
            self._writer.log_lines(STREAM_LEVELS[name], name, splitter.released())
        self.holds_lines = False

    def end(self) -> None:
        """Write whatever is left."""
        self._output("stdout", self._frames.end())
        for name, splitter in self._splitters.items():
            self._writer.log_lines(STREAM_LEVELS[name], name, splitter.end())
        self.progress.end()

    def _output(self, name: str, data: bytes) -> None:
        level, splitter = STREAM_LEVELS[name], self._splitters[name]
        if self._writer.is_spent(level):
            # A job that floods its log must not hold up its own limits.
            self._writer.drop_lines(level, splitter.drop(data), len(data))
            return
        self._writer.log_lines(level, name, splitter.feed(data))
        self.holds_lines = any(splitter.holds_lines for splitter in self._splitters.values())

    def _take(self, sent: Sent) -> None:
        frame = sent.frame
        if frame[0] == "log":
            self._log(frame)
            return
        if isinstance(frame[0], str) and self._hears(sent) and not self._take_first(frame):
            self._note(frame)

    def _hears(self, sent: Sent) -> bool:
        frame = sent.frame
        return sent.sender == self._child or frame[0] in _ANYONES or tuple(frame[:2]) == _A_FILE

    def _note(self, frame: Frame) -> None:
        """Take what a frame says about the run."""
        match frame:
            case ["document", str(kind), str(content) | int(content)] if kind in _KINDS:
                self._document(PartType(kind), content)
            case ["progress", int(done) | float(done), int(total) | float(total)]:
                self.progress.take(done, total)
            case ["secrets", [*texts]]:
                self._writer.redactor.add(text for text in texts if isinstance(text, str))
            case ["busy", str(path)]:
                self.busy_with = path
            case ["verdict", str(reason), error] if reason in _REASONS and self.verdict is None:
                self.verdict = Verdict(reason=OutcomeReason(reason), error=_error(error))

    def _log(self, frame: Frame) -> None:
        if self.holds_lines:
            self.release()
        try:
            _, level, grouping, message, item, *rest = frame
            # Fails where one is no text; patterns that say so take as long as all the rest.
            "".join((level, grouping, message, item))
        except (TypeError, ValueError):
            return
        self._writer.log(level, grouping, message, item, rest=_count(rest))

    def _document(self, kind: PartType, text: str | int) -> None:
        """Write a document; one that is too large comes as its size alone."""
        if isinstance(text, str):
            if self._writer.document(kind, text):
                return
            text = len(text)
        self._writer.dropped_result |= kind is PartType.RESULT
        message = f"A {kind} of {text:,} characters was too large to keep."
        self._writer.log("warning", RUNNER_GROUPING, message)


def _printed(frame: Frame) -> tuple[str, bytes]:
    """Return the stream and the bytes of what was printed; ``""`` of a frame that says else."""
    if frame[0] == "output":
        match frame:
            case ["output", "stdout" | "stderr" as name, str(text)]:
                return name, text.encode("latin-1", "replace")
    return "", b""


def _count(rest: list[object]) -> int:
    return rest[0] if rest and isinstance(rest[0], int) else 0


def _error(said: object) -> ErrorInfo | None:
    match said:
        case [str(kind), str(message), str(trace)]:
            return ErrorInfo(type=kind, message=message, traceback=trace)
    return None
