"""The files that a run made: checked and bounded, since it is a pod that says what they are."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from davit_contract import FileContent, places
from davit_operator.api.jobfile import DIGEST, MAX_FILES, JobFileSpec
from davit_operator.api.joblog import MAX_DATA_CHARACTERS
from davit_operator.api.kinds import JOB_FILE
from davit_operator.api.names import file_name
from davit_operator.api.run_output import ClaimedFile, FileKind, RunFile
from davit_operator.plan.pods import Manifest
from davit_operator.plan.records import decode
from davit_operator.plan.results import RESULT_FILE
from davit_operator.plan.run_objects import RunAttempt, run_object

# Base64 of whole groups of three bytes, so that pieces may be decoded one by one.
PART_BYTES = MAX_DATA_CHARACTERS // 4 * 3
_CONTENT = TypeAdapter(FileContent)
_DIGEST = re.compile(DIGEST)


class WrittenFile(NamedTuple):
    """A file, and the JobFiles that hold it."""

    file: RunFile
    objects: tuple[Manifest, ...]


class UnfitFileError(ValueError):
    """A file that is not kept; the message says why."""


class RunFiles:
    """The files of one attempt.

    They are numbered as they come, so that who reads the log again, after a restart, gives the
    same names to the same files.
    """

    def __init__(self, attempt: RunAttempt) -> None:
        self._attempt = attempt
        self._documents = 0
        self._bytes = 0
        self._files: list[RunFile] = []
        self._result: RunFile | None = None
        # How many were left out, why the first one was, and whether the result was.
        self._left_out, self._why = 0, ""
        self._result_refused = False

    @property
    def listed(self) -> tuple[RunFile, ...]:
        """Return the files that are written."""
        return (*self._files, self._result) if self._result else tuple(self._files)

    @property
    def message(self) -> str:
        """Return which files are missing, and why; empty where none is."""
        more = self._left_out - 1
        return f"{self._why} {more} more files were left out." if more > 0 else self._why

    def next(self, document: str) -> WrittenFile | None:
        """Return what is to be written of a FileContent's JSON; None where it is left out."""
        try:
            found = _named(document)
            if found.stored:
                return WrittenFile(self._claimed(found), ())
            content = _content(found)
            self._make_room(found.name, len(content))
        except UnfitFileError as why:
            self._documents += 1
            self._leave_out(str(why))
            return None
        return _written(self._attempt, self._documents, found.name, content)

    def keep(self, file: RunFile) -> None:
        """List the file that ``next`` gave: it is written."""
        self._documents += 1
        if file.persistent_volume_claim is None:
            self._bytes += file.size_bytes
        self._files.append(file)

    def refuse(self, file: RunFile, why: str) -> None:
        """Leave out the file that ``next`` gave: it cannot be written."""
        self._documents += 1
        self._leave_out(_sentence(file.name, why))

    def result(self, text: str) -> WrittenFile | None:
        """Return what is to be written of a result's JSON; None where that was decided before."""
        if self._result is not None or self._result_refused:
            return None
        content = text.encode(errors="replace")
        if len(content) > places.MAX_RESULT_FILE_BYTES:
            self.refuse_result(f"it has {len(content):,} bytes")
            return None
        return _written(self._attempt, "result", RESULT_FILE, content, FileKind.RESULT)

    def keep_result(self, file: RunFile) -> None:
        """List the result's file: it is written."""
        self._result = file

    def refuse_result(self, why: str) -> None:
        """Leave out the result's file."""
        self._result_refused = True
        self._leave_out(_sentence(RESULT_FILE, why))

    def _claimed(self, found: FileContent) -> RunFile:
        """Return the file that stands on the attempt's volume; nobody here can look at it."""
        folder = self._attempt.folder
        if folder is None or not is_file_name(found.stored):
            raise UnfitFileError(_sentence(found.name, "it is on no volume of the run"))
        if not (0 <= found.size_bytes <= folder.max_bytes and _DIGEST.fullmatch(found.digest)):
            raise UnfitFileError(_sentence(found.name, "its size or its digest cannot be"))
        self._count(found.name)
        place = ClaimedFile(claim_name=folder.claim_name, path=f"{folder.path}/{found.stored}")
        return RunFile(
            name=found.name,
            size_bytes=found.size_bytes,
            digest=found.digest,
            persistent_volume_claim=place,
        )

    def _count(self, name: str) -> None:
        if len(self._files) >= MAX_FILES:
            raise UnfitFileError(_sentence(name, f"a run may have {MAX_FILES} files"))

    def _make_room(self, name: str, size: int) -> None:
        self._count(name)
        if self._bytes + size > places.MAX_FILES_BYTES:
            limit = f"{places.MAX_FILES_BYTES:,}"
            raise UnfitFileError(
                _sentence(name, f"the files of a run may have {limit} bytes together")
            )

    def _leave_out(self, why: str) -> None:
        self._left_out += 1
        self._why = self._why or why


def _named(document: str) -> FileContent:
    found = decode(_CONTENT, document)
    if found is None or not is_file_name(found.name):
        raise UnfitFileError("A file was left out: the pod's word for it cannot be read.")
    return found


def _content(found: FileContent) -> bytes:
    try:
        content = b64decode(found.data, validate=True)
    except binascii.Error:
        raise UnfitFileError(_sentence(found.name, "its content is no Base64")) from None
    if len(content) > places.MAX_FILE_BYTES:
        limit = f"{places.MAX_FILE_BYTES:,}"
        raise UnfitFileError(_sentence(found.name, f"it has more than {limit} bytes"))
    if (found.digest, found.size_bytes) != (digest_of(content), len(content)):
        raise UnfitFileError(_sentence(found.name, "its content is not what its digest says"))
    return content


def is_file_name(name: str) -> bool:
    """Return whether ``name`` is one that create_file() takes: a person's computer does, too."""
    return (
        1 <= len(name) <= places.MAX_FILE_NAME_CHARACTERS
        and name not in {".", ".."}
        and name.isprintable()
        and not {"/", "\\"} & set(name)
    )


def digest_of(content: bytes) -> str:
    """Return the digest as the wire and the API write it."""
    return f"sha256:{sha256(content).hexdigest()}"


def _sentence(name: str, why: str) -> str:
    return f'File "{name}" was left out: {why}.'


def _written(
    attempt: RunAttempt, index: int | str, name: str, content: bytes, kind: FileKind | None = None
) -> WrittenFile:
    pieces = [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)] or [b""]
    told: dict[str, Any] = {"name": name, "size_bytes": len(content), "digest": digest_of(content)}
    objects = []
    for part, piece in enumerate(pieces, start=1):
        spec = JobFileSpec(
            run_ref=attempt.reference,
            attempt=attempt.number,
            part=part,
            parts=len(pieces),
            data=b64encode(piece).decode(),
            **told,
        )
        place = file_name(attempt.batch_job, index, part)
        objects.append(run_object(JOB_FILE, attempt, place, spec.model_dump(by_alias=True)))
    parts = [each["metadata"]["name"] for each in objects]
    return WrittenFile(RunFile(kind=kind, parts=parts, **told), tuple(objects))
