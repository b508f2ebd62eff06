"""Everything a pod says, numbered, stamped, without secrets, cut to lines, held to the budget."""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from davit._runner.budget import cost
from davit._runner.credentials import redacted, redacted_data
from davit._runner.output import Output
from davit._runner.redact import Redactor
from davit._runner.text import encodable, pieces
from davit_contract import VERSION, PartType
from davit_contract.places import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from davit._runner.budget import Budget
    from davit._runner.redact import Clean
    from davit_contract import LogCounts, LogRecord, PartRecord, ProgressRecord

    Record = LogRecord | PartRecord | ProgressRecord

LEVELS = ("debug", "info", "success", "warning", "failure", "error", "critical")
URGENT_LEVELS = frozenset({"warning", "failure", "error", "critical"})
RUNNER_GROUPING = "runner"
MAX_GROUPING = 100
MAX_OBJECT = 200
# Room for a sequence number that is longer than the one the line was measured with.
_MARGIN = 16
# Characters that fit a line however they are escaped.
_SHORT = 1024


class RecordWriter:
    """Writes records to ``output``: lines of JSON, each a message of ``davit_contract``.

    They are put together by hand: that takes a tenth of the time, and a test compares them with
    the contract's own. A function as ``output`` receives each record with its line.
    """

    def __init__(
        self,
        output: Output | Callable[[Record, bytes], None],
        budget: Budget,
        now: Callable[[], str],
    ) -> None:
        self.output = output if isinstance(output, Output) else _Listener(output)
        self.redactor = Redactor()
        self.last_sequence = 0
        self.dropped_records = 0
        self.dropped_result = False
        self._counts = dict.fromkeys(LEVELS, 0)
        self._budget = budget
        self._now = now
        self._dropped_characters = 0
        self._is_cut_off = False

    @property
    def counts(self) -> LogCounts:
        """How many log records were said, those that were dropped included."""
        from davit_contract import LogCounts  # noqa: PLC0415 (asked for once, at the end)

        return LogCounts(**self._counts)

    def log(
        self, level: str, grouping: str, message: str, item: str = "", *, rest: int = 0
    ) -> None:
        """Write a log record, as several that continue one another when it is long.

        ``rest`` is how many characters of the message were cut off before.
        """
        level = self._counted(level)
        if self.is_spent(level):
            self._drop(len(message) + rest)
        elif rest or len(item) >= MAX_OBJECT or len(grouping) >= MAX_GROUPING:
            self._log(level, self._clean_of_cut((grouping, message, item), rest), continued=False)
        else:
            self._log(level, self.redactor.redact_all((grouping, message, item)), continued=False)

    def log_lines(self, level: str, grouping: str, lines: Iterable[tuple[Clean, bool]]) -> None:
        """Write a log record for each line; those that continue the one before are marked so."""
        clean_grouping, nothing = self.redactor.redact_all((grouping, ""))
        for line, continued in lines:
            if not continued:
                self._counts[level] += 1
            if self.is_spent(level):
                self._drop(len(line))
            else:
                self._log(level, (clean_grouping, line, nothing), continued=continued)

    def is_spent(self, level: str) -> bool:
        """Return True when no log record of that level can be written any more."""
        return self._budget.is_spent(urgent=level in URGENT_LEVELS)

    def drop_lines(self, level: str, count: int, characters: int) -> None:
        """Count lines that were not even looked at, because there is no room for any."""
        self._counts[level] += count
        self._drop(characters, count)

    def progress(self, done: float, total: float, *, last: bool) -> bool:
        """Write how far the job is; False when there is no room for it. There is for the last."""
        head = self._head("progress", self.last_sequence + 1)
        line = f'{head},"done":{done!r},"total":{total!r}}}\n'.encode()
        take = self._budget.take_end if last else self._budget.take_progress
        fits = take(cost([line]))
        if fits:
            self._commit([line])
        return fits

    def document(self, part_type: PartType, text: str) -> bool:
        """Write a JSON document in pieces; False when the budget has no room for all of it."""
        try:
            clean = self._clean_document(part_type, text)
        except ValueError:
            # A document that cannot be looked through may hold anything.
            return False
        room = MAX_LINE_BYTES - len(self._part_line(part_type, 0, 0, "")) - 2 * _MARGIN
        texts = pieces(encodable(clean), room)
        lines = [
            self._part_line(part_type, number, len(texts), piece)
            for number, piece in enumerate(texts, start=1)
        ]
        if not self._budget.take_document(cost(lines)):
            self.dropped_records += len(lines)
            self._dropped_characters += len(text)
            return False
        self._commit(lines)
        return True

    def close(self) -> None:
        """Say how much was dropped, if anything was, and leave nothing unwritten."""
        if self._dropped_characters:
            self._mark(
                f"{self.dropped_records} records were dropped: "
                f"{self._dropped_characters / 1024 / 1024:,.1f} MiB of text."
            )
        lost = self.output.close()
        self.last_sequence -= lost
        self.dropped_records += lost

    def _counted(self, level: str) -> str:
        """Return the level as it is written, one more of it counted."""
        if level not in self._counts:
            level = "info"
        self._counts[level] += 1
        return level

    def _clean_of_cut(self, texts: tuple[str, str, str], rest: int) -> tuple[Clean, ...]:
        """Return ``texts`` without secrets, and without the beginning of one where they end."""
        grouping, message, item = texts
        redact = self.redactor.redact
        clean = redact(message, cut=rest > 0)
        if rest:
            clean = redact(f"{clean}\n[{rest:,} more characters were cut]")
        clean_grouping = redact(grouping, cut=len(grouping) >= MAX_GROUPING)[:MAX_GROUPING]
        clean_item = redact(item, cut=len(item) >= MAX_OBJECT)[:MAX_OBJECT]
        return clean_grouping, clean, clean_item  # type: ignore[return-value]  # cut, still clean

    def _log(self, level: str, texts: tuple[Clean, ...], *, continued: bool) -> None:
        try:
            lines = self._log_lines(level, texts, continued=continued)
        except UnicodeEncodeError:
            # Lone surrogates.
            lines = self._log_lines(level, tuple(map(encodable, texts)), continued=continued)
        if self._budget.take_log(cost(lines), urgent=level in URGENT_LEVELS):
            self._commit(lines)
        else:
            self._drop(len(texts[1]))

    def _drop(self, characters: int, count: int = 1) -> None:
        self.dropped_records += count
        self._dropped_characters += characters
        if not self._is_cut_off:
            self._is_cut_off = True
            self._mark(
                "The log is longer than the budget of "
                f"{self._budget.log_limit // 1024:,} KiB: from here on records are dropped and "
                "counted. Warnings and worse are kept a little longer."
            )

    def _mark(self, message: str) -> None:
        self._counts["warning"] += 1
        texts = self.redactor.redact_all((RUNNER_GROUPING, message, ""))
        lines = self._log_lines("warning", texts, continued=False)
        if self._budget.take_end(cost(lines)):
            self._commit(lines)

    def _log_lines(self, level: str, texts: tuple[str, ...], *, continued: bool) -> list[bytes]:
        grouping, message, item = texts
        if len(message) <= _SHORT:
            return [self._log_line(level, texts, continued=continued)]
        room = MAX_LINE_BYTES - _MARGIN
        room -= len(self._log_line(level, (grouping, "", item), continued=True))
        return [
            self._log_line(level, (grouping, piece, item), at, continued=continued or at > 0)
            for at, piece in enumerate(pieces(message, room))
        ]

    def _log_line(
        self, level: str, texts: tuple[str, ...], number: int = 0, *, continued: bool
    ) -> bytes:
        grouping, message, item = texts
        quoted = encode_basestring
        return (
            f'{{"type":"log","version":{VERSION},"sequence":{self.last_sequence + 1 + number},'
            f'"time":"{self._now()}","level":"{level}","grouping":{quoted(grouping)},'
            f'"message":{quoted(message)},"object":{quoted(item)},'
            f'"continued":{"true" if continued else "false"}}}\n'
        ).encode()

    def _part_line(self, part_type: PartType, number: int, count: int, data: str) -> bytes:
        head = self._head(part_type, self.last_sequence + max(number, 1))
        data = encode_basestring(data)
        return f'{head},"part":{number},"parts":{count},"data":{data}}}\n'.encode()

    def _head(self, record_type: str, sequence: int) -> str:
        return (
            f'{{"type":"{record_type}","version":{VERSION},"sequence":{sequence},'
            f'"time":"{self._now()}"'
        )

    def _clean_document(self, part_type: PartType, text: str) -> str:
        """Return the document without secrets.

        Raises:
            ValueError: it is no JSON, or nested too deeply to be looked through.
        """
        if part_type is PartType.FILE:
            from davit._runner.clean_file import clean_file  # noqa: PLC0415 (many jobs leave none)

            clean, told = clean_file(text, self.redactor)
            if told:
                self.log("warning", RUNNER_GROUPING, told)
            return clean
        if part_type is PartType.DESCRIPTION:
            # Not by patterns: that of a variable "password" would lose its next word.
            return self.redactor.redact_json(text, str)
        patterns = redacted if part_type is PartType.PROBLEM else redacted_data
        return self.redactor.redact_json(text, patterns)

    def _commit(self, lines: list[bytes]) -> None:
        self.last_sequence += len(lines)
        for line in lines:
            self.output.write(line)


class _Listener(Output):
    """Hands each record on as the contract's message."""

    def __init__(self, take: Callable[[Record, bytes], None]) -> None:
        super().__init__(self._hand_on)
        self._take = take

    def _hand_on(self, line: bytes) -> None:
        from davit_contract import LogRecord, PartRecord, ProgressRecord  # noqa: PLC0415 (no pod needs them)

        data = json.loads(line)
        if data["type"] == "log":
            self._take(LogRecord(**data), line)
        elif data["type"] == "progress":
            self._take(ProgressRecord(**data), line)
        else:
            self._take(PartRecord(**{**data, "type": PartType(data["type"])}), line)
