"""What a run says, and what it leaves: the part of a JobRun's status that its job makes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from davit_operator.api.base import ApiModel
from davit_operator.api.joblog import MAX_CHUNKS

MAX_TAIL_LINES = 512


class LogCountsStatus(ApiModel):
    """How many log records were written, by level."""

    debug: int = Field(default=0, ge=0, description="Records of level DEBUG.")
    info: int = Field(default=0, ge=0, description="Records of level INFO.")
    success: int = Field(default=0, ge=0, description="Records of level SUCCESS.")
    warning: int = Field(default=0, ge=0, description="Records of level WARNING.")
    failure: int = Field(default=0, ge=0, description="Records of level FAILURE.")
    error: int = Field(default=0, ge=0, description="Records of level ERROR.")
    critical: int = Field(default=0, ge=0, description="Records of level CRITICAL.")


class LogLine(ApiModel):
    """One record of the log."""

    sequence: int = Field(ge=1, description="Number of the record in the run's output.")
    time: str = Field(description="When it was written, RFC 3339, microseconds.")
    level: str = Field(description="debug, info, success, warning, failure, error or critical.")
    grouping: str = Field(default="", description="Group of records that it belongs to.")
    message: str = Field(description="The text.")
    object: str | None = Field(default=None, description="What it is about, where the job said so.")
    continued: bool | None = Field(
        default=None, description="True: it goes on with the message of the record before."
    )


class RunProgress(ApiModel):
    """What self.progress(done, total) said last."""

    done: float = Field(description="How much is done.")
    total: float = Field(description="How much there is to do.")


class FileKind(StrEnum):
    """What a file is, beside those of self.create_file()."""

    RESULT = "Result"


class ClaimedFile(ApiModel):
    """Where a file stands that is too large for JobFiles."""

    claim_name: str = Field(description="Name of the PersistentVolumeClaim.")
    path: str = Field(description="Path of the file on its volume.")


class RunFile(ApiModel):
    """A file that the job made with self.create_file(), or its result."""

    name: str = Field(description="Name, as the job chose it; two files may share one.")
    kind: FileKind | None = Field(
        default=None, description="Result: what run() returned, as JSON. Absent: the job made it."
    )
    size_bytes: int = Field(ge=0, description="Size in bytes.")
    digest: str = Field(description="sha256:… of the content.")
    parts: list[str] = Field(
        default_factory=list,
        max_length=16,
        description="Names of the JobFile objects that hold it, in their order.",
    )
    persistent_volume_claim: ClaimedFile | None = Field(
        default=None, description="Where the file stands when no JobFile holds it."
    )
    removed: bool | None = Field(
        default=None,
        description="True: its JobFiles were deleted, to make room in the namespace's storage.",
    )


class RunLog(ApiModel):
    """The end of the log, and how much there was."""

    counts: LogCountsStatus = Field(
        default_factory=LogCountsStatus, description="Records by level, of the whole run."
    )
    tail: list[LogLine] = Field(
        default_factory=list,
        max_length=MAX_TAIL_LINES,
        description=(
            "The last records: at most 8 KiB of JSON. Where chunks is 0, that is all there are."
        ),
    )
    last_sequence: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Sequence number of the last record that was read."
    )
    chunks: Annotated[int, Field(ge=0, le=MAX_CHUNKS)] | None = Field(
        default=None, description="How many JobLog objects hold the whole log."
    )
    dropped_records: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Records that the job's log budget had no room for."
    )
    incomplete: bool | None = Field(
        default=None, description="True: not all of the log could be read, or kept."
    )
    message: str | None = Field(default=None, description="What is missing, and why.")
