"""What a pod prints: one message a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from davit_contract.messages import VERSION, PartType


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One line of a job's log."""

    type: Literal["log"] = "log"
    version: int = VERSION
    # Counts every record of a pod from 1, without gaps.
    sequence: int
    # RFC 3339, UTC, microseconds: ``2026-11-22T06:30:00.123456Z``.
    time: str
    # debug info success warning failure error critical
    level: str
    grouping: str
    message: str
    # ``str()`` of ``extra={"object": ...}``, at most 200 characters.
    object: str = ""
    # True when this record continues the message of the one before (a line is at most 16 KiB).
    continued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRecord:
    """What ``self.progress(done, total)`` said last."""

    type: Literal["progress"] = "progress"
    version: int = VERSION
    sequence: int
    time: str
    done: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecord:
    """One piece of a JSON document that may be longer than a line."""

    type: PartType
    version: int = VERSION
    sequence: int
    time: str
    # Pieces of one document follow one another: ``part`` counts from 1 to ``parts``.
    part: int
    parts: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file that the job made with ``self.create_file()``; names need not be unique."""

    version: int = VERSION
    # At most 255 characters, without path separators.
    name: str
    size_bytes: int
    # ``sha256:<64 hex>`` of the content.
    digest: str
    # The content as base64; empty where it stands elsewhere.
    data: str = ""
    # Name of the file in the run's folder of the volume for large files, where it stands there.
    stored: str = ""
