"""Which runs give up their JobLogs and JobFiles when a namespace has too many of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.joblog import MAX_DATA_CHARACTERS
from davit_operator.api.jobrun import JobRunStatus
from davit_operator.api.names import RUN_UID_LABEL, SIZE_ANNOTATION
from davit_operator.api.run_output import RunFile, RunLog

MEBIBYTE = 1024 * 1024
# Where room is made, a little more is made: else each write had to make its own.
_TIDY = 0.9
_SIZE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """What stands in a namespace of one run."""

    run: ObjectKey
    uid: str
    size: int
    # When the last of it was written, RFC 3339: close to when the run ended.
    written_at: str


def stored_size(raw: Mapping[str, Any]) -> int:
    """Return the bytes of a JobLog or JobFile, of its metadata; the most where it does not say."""
    text = raw["metadata"].get("annotations", {}).get(SIZE_ANNOTATION, "")
    return int(text) if _SIZE.fullmatch(text) else MAX_DATA_CHARACTERS


class Census:
    """Sums up by run what stands in a namespace; never holds more than a line for each."""

    def __init__(self) -> None:
        self._runs: dict[str, StoredRun] = {}

    def add(self, raw: Mapping[str, Any]) -> None:
        """Count a JobLog or JobFile, of its metadata."""
        metadata = raw["metadata"]
        uid = metadata["labels"][RUN_UID_LABEL]
        owner = next((each["name"] for each in metadata.get("ownerReferences", ())), "")
        known = self._runs.get(uid)
        self._runs[uid] = StoredRun(
            run=ObjectKey(metadata["namespace"], owner),
            uid=uid,
            size=stored_size(raw) + (known.size if known else 0),
            written_at=max(metadata["creationTimestamp"], known.written_at if known else ""),
        )

    def runs(self) -> tuple[StoredRun, ...]:
        """Return the runs, the one first that was the first to end."""
        return tuple(sorted(self._runs.values(), key=lambda run: (run.written_at, run.uid)))


class Ownership:
    """Which runs were deleted without their JobLogs and JobFiles (``--cascade=orphan``)."""

    def __init__(self) -> None:
        self._owned: set[tuple[str, str]] = set()
        self._left: set[tuple[str, str]] = set()

    def add(self, raw: Mapping[str, Any]) -> None:
        """Note a JobLog or JobFile, of its metadata."""
        metadata = raw["metadata"]
        run = metadata["namespace"], metadata["labels"][RUN_UID_LABEL]
        (self._owned if metadata.get("ownerReferences") else self._left).add(run)

    def left_behind(self) -> list[tuple[str, str]]:
        """Return namespace and uid of runs none of whose objects has an owner."""
        return sorted(self._left - self._owned)


def surplus(
    runs: Sequence[StoredRun], limit: int, room: int, is_live: Callable[[StoredRun], bool]
) -> tuple[StoredRun, ...]:
    """Return the runs that must go, the oldest first, so that ``room`` bytes more fit ``limit``.

    Runs that live keep what they have.
    """
    used = sum(run.size for run in runs)
    if used + room <= limit:
        return ()
    gone = []
    for run in runs:
        if used + room <= limit * _TIDY:
            break
        if not is_live(run):
            gone.append(run)
            used -= run.size
    return tuple(gone)


def for_room(namespace: str, limit: int) -> str:
    """Return why a namespace's oldest runs lose their JobLogs and JobFiles, as a status says it."""
    return (
        f"to make room: the JobLogs and JobFiles of namespace {namespace} may have "
        f"{limit // MEBIBYTE:,} MiB, and the oldest runs lose theirs first."
    )


def without_objects(status: JobRunStatus, why: str) -> JobRunStatus:
    """Return the status of a run whose JobLogs and JobFiles are deleted, once more the same.

    Names, sizes and digests of files stay, and so do the end of the log and its counts.
    """
    return status.model_copy(update={**_without_logs(status, why), **_without_files(status, why)})


def _without_logs(status: JobRunStatus, why: str) -> dict[str, Any]:
    log = status.log
    if log is None or not log.chunks:
        return {}
    count = sum(log.counts.model_dump().values())
    told = f"{_were(log.chunks, 'JobLog')} removed that held this log of {count:,} records, {why}"
    update = {"chunks": None, "incomplete": True, "message": _joined(log.message, told)}
    return {"log": RunLog.model_copy(log, update=update)}


def _without_files(status: JobRunStatus, why: str) -> dict[str, Any]:
    files = status.files or []
    gone = [file for file in files if file.parts]
    if not gone:
        return {}
    told = f"{_were(len(gone), 'file')} removed {why}"
    return {
        "files": [_removed(file) if file.parts else file for file in files],
        "files_message": _joined(status.files_message, told),
    }


def _removed(file: RunFile) -> RunFile:
    return file.model_copy(update={"parts": [], "removed": True})


def _were(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count} {what}s were"


def _joined(before: str | None, told: str) -> str:
    return f"{before} {told}" if before else told
