"""The objects that hold what does not fit into a run's status: JobLogs and JobFiles."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter

from davit_contract import places
from davit_contract.printed import FileContent
from davit_operator.api.base import ObjectKey
from davit_operator.api.jobfile import JobFileSpec
from davit_operator.api.joblog import MAX_DATA_CHARACTERS, JobLogSpec, RunReference
from davit_operator.api.jobrun import RunFile
from davit_operator.api.kinds import API_VERSION, JOB_FILE, JOB_LOG, JOB_RUN, Kind
from davit_operator.api.names import MANAGED_BY, RUN_UID_LABEL, file_name, log_name
from davit_operator.plan.log_chunks import Chunk
from davit_operator.plan.pods import Manifest, owner_reference
from davit_operator.plan.records import decode

# Base64 of whole groups of three bytes, so that pieces may be decoded one by one.
_PART_BYTES = MAX_DATA_CHARACTERS // 4 * 3
_CONTENT = TypeAdapter(FileContent)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAttempt:
    """One attempt of a run: whose logs and files an object holds."""

    run: ObjectKey
    uid: str
    batch_job: str
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file, and the JobFiles that hold it."""

    file: RunFile
    objects: tuple[Manifest, ...]


def job_log(attempt: RunAttempt, chunk: Chunk) -> Manifest:
    """Return the JobLog of a piece of the attempt's log."""
    spec = JobLogSpec(
        run_ref=_reference(attempt),
        attempt=attempt.number,
        index=chunk.number,
        first_sequence=chunk.first_sequence,
        last_sequence=chunk.last_sequence,
        data=chunk.data(),
    )
    name = log_name(attempt.batch_job, chunk.number)
    return _manifest(JOB_LOG, attempt, name, spec.model_dump(by_alias=True))


def job_files(attempt: RunAttempt, index: int, document: str) -> WrittenFile | None:
    """Return the file in ``document``, JSON of a FileContent; None where it is none, or too large.

    ``index`` is its place among the attempt's files, from 0.
    """
    found = decode(_CONTENT, document)
    if found is None or not 1 <= len(found.name) <= places.MAX_FILE_NAME_CHARACTERS:
        return None
    try:
        content = b64decode(found.data, validate=True)
    except binascii.Error:
        return None
    return None if len(content) > places.MAX_FILE_BYTES else _file(attempt, index, found, content)


def _file(attempt: RunAttempt, index: int, found: FileContent, content: bytes) -> WrittenFile:
    pieces = [content[at : at + _PART_BYTES] for at in range(0, len(content), _PART_BYTES)] or [b""]
    digest = f"sha256:{sha256(content).hexdigest()}"
    objects = []
    for part, piece in enumerate(pieces, start=1):
        spec = JobFileSpec(
            run_ref=_reference(attempt),
            attempt=attempt.number,
            name=found.name,
            size_bytes=len(content),
            digest=digest,
            part=part,
            parts=len(pieces),
            data=b64encode(piece).decode(),
        )
        name = file_name(attempt.batch_job, index, part)
        objects.append(_manifest(JOB_FILE, attempt, name, spec.model_dump(by_alias=True)))
    names = [each["metadata"]["name"] for each in objects]
    file = RunFile(name=found.name, size_bytes=len(content), digest=digest, parts=names)
    return WrittenFile(file=file, objects=tuple(objects))


def _reference(attempt: RunAttempt) -> RunReference:
    return RunReference(name=attempt.run.name, uid=attempt.uid)


def _manifest(kind: Kind, attempt: RunAttempt, name: str, spec: Manifest) -> Manifest:
    owner = owner_reference(API_VERSION, JOB_RUN.name, attempt.run.name, attempt.uid)
    return {
        "apiVersion": API_VERSION,
        "kind": kind.name,
        "metadata": {
            "name": name,
            "namespace": attempt.run.namespace,
            "labels": {
                "app.kubernetes.io/managed-by": MANAGED_BY,
                RUN_UID_LABEL: attempt.uid,
            },
            "ownerReferences": [owner],
        },
        "spec": spec,
    }
