"""A job that writes to the runner's own output spoils its own log, and nothing else."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import asdict, replace
from gzip import decompress
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.builders import (
    STARTED,
    a_batch_job,
    a_log_record,
    a_pod,
    a_run,
    an_outcome,
    as_stored,
    ended,
    printed,
    seen_run,
)
from tests.unit.plan.printed import part

from davit_contract import OutcomeReason, PartType, ProgressRecord, encode
from davit_operator.api.jobfile import MAX_FILES, JobFileSpec
from davit_operator.api.joblog import MAX_CHUNKS, MAX_DATA_CHARACTERS, JobLogSpec
from davit_operator.api.jobrun import JobRunStatus
from davit_operator.plan.attempt_log import AttemptLog
from davit_operator.plan.log_lines import LineReader
from davit_operator.plan.log_objects import job_log
from davit_operator.plan.log_tail import MAX_TAIL_BYTES
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_files import RunFiles
from davit_operator.plan.run_objects import RunAttempt

SEEN = seen_run(run=a_run(), batch_job=a_batch_job(), pod=a_pod(ended()))
ATTEMPT = RunAttempt(
    run=SEEN.run.metadata.key, uid=SEEN.run.metadata.uid, batch_job=a_batch_job().key.name
)
_FIELDS = [
    "time",
    "level",
    "grouping",
    "message",
    "object",
    "continued",
    "done",
    "total",
    "part",
    "parts",
    "data",
    "version",
]
MAX_OBJECT_BYTES = 3 * 1024 * 1024 // 2

numbers = st.one_of(
    st.integers(-2, 60), st.integers(), st.floats(), st.sampled_from([2**53, 2**53 - 1, 2**63])
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", STARTED, "info", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.just(9_000)),
)
values = st.one_of(numbers, texts, st.none(), st.booleans(), st.lists(st.integers(), max_size=2))
kinds = st.sampled_from(["log", "progress", "result", "file", "description", "problem", "else"])
# The field that decides what a line is stands first, as the runner writes it.
forged = st.builds(
    lambda kind, fields: json.dumps(
        {"type": kind, "version": 1, **fields}, separators=(",", ":")
    ).encode(),
    kinds,
    st.fixed_dictionaries(
        {"sequence": numbers},
        optional=dict.fromkeys(_FIELDS, values),
    ),
)
# Right in all but who wrote it.
likely = st.builds(
    lambda sequence, text: encode(a_log_record(sequence, text)).encode(),
    st.integers(1, 80),
    texts.filter(lambda text: text.isprintable()),
)
files = st.builds(
    lambda sequence, text: encode(part(text, kind=PartType.FILE, sequence=sequence)).encode(),
    st.integers(1, 80),
    st.one_of(texts, st.just('{"version":1,"name":"a","size_bytes":0,"digest":"","data":""}')),
)
junk = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda one, times: one * times, st.binary(min_size=1, max_size=4), st.just(30_000)),
)
lies = st.lists(st.one_of(forged, likely, files, junk), max_size=8)


def truth() -> list[bytes]:
    """Return the lines of a runner that said everything that a runner can say."""
    records: list[Any] = [a_log_record(n, f"line {n}") for n in range(1, 31)]
    records[9] = ProgressRecord(sequence=10, time=STARTED, done=1, total=2)
    records[19] = part("42", sequence=20)
    records[24] = a_log_record(25, "more", continued=True)
    return printed(*records).splitlines(keepends=True)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Return a real log with lies anywhere in it, even in the middle of a line."""
    text = b"".join(truth())
    for lie in draw(lies):
        place = draw(st.integers(0, len(text)))
        end = draw(st.sampled_from([b"\n", b""]))
        text = text[:place] + draw(st.sampled_from([b"\n", b""])) + lie + end + text[place:]
    return text


class Reader:
    """What the operator does with a pod's bytes, without the API server."""

    def __init__(self) -> None:
        self.log = AttemptLog()
        self.files = RunFiles(ATTEMPT)
        self.objects: list[dict[str, Any]] = []

    def read(self, text: bytes, cuts: list[int], until: int = 0) -> None:
        reader = LineReader()
        places = sorted({0, *(cut % (len(text) + 1) for cut in cuts), len(text)})
        for begin, end in zip(places, [*places[1:], len(text)], strict=True):
            for line in reader.feed(text[begin:end]):
                self.log.take(line, until)
            self.write(everything=False)

    def write(self, *, everything: bool) -> None:
        chunks = self.log.chunks
        while everything or chunks.is_full:
            chunk = chunks.next(self.log.last_sequence)
            if chunk is None:
                break
            self.objects.append(job_log(ATTEMPT, chunk))
            chunks.wrote(chunk.number + 1, chunk.last_sequence)
        while self.log.files:
            written = self.files.next(self.log.files.pop(0))
            if written is not None:
                self.objects.extend(written.objects)
                self.files.keep(written.file)


def ended_status(reader: Reader, reason: OutcomeReason) -> JobRunStatus:
    """Return the status of a run whose outcome is known, and whose log was read."""
    reading = replace(
        reader.log.reading(), files=reader.files.listed, files_message=reader.files.message
    )
    seen: SeenRun = replace(SEEN, outcome=an_outcome(reason, last_sequence=30), log=reading)
    status = plan_run(seen).status
    assert status is not None
    return status


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def check_object(manifest: dict[str, Any]) -> None:
    """Check that the API server takes an object, and that its text can be read again."""
    assert size(manifest) <= MAX_OBJECT_BYTES
    spec = manifest["spec"]
    if manifest["kind"] != "JobLog":
        JobFileSpec.model_validate(spec)
        return
    read = JobLogSpec.model_validate(spec)
    assert read.first_sequence <= read.last_sequence
    assert len(read.data) <= MAX_DATA_CHARACTERS
    for line in decompress(b64decode(read.data)).splitlines():
        assert json.loads(line)["type"] == "log"


def check_status(status: JobRunStatus, reason: OutcomeReason) -> None:
    """Check that the API server takes the status, and that the run ended as its outcome says."""
    stored = as_stored(status)
    JobRunStatus.model_validate(stored)
    assert size(stored["log"]["tail"]) <= MAX_TAIL_BYTES
    assert stored["log"].get("chunks", 0) <= MAX_CHUNKS
    assert len(stored.get("files", [])) <= MAX_FILES + 1
    succeeded = reason is OutcomeReason.SUCCEEDED
    assert stored["phase"] == ("Succeeded" if succeeded else "Failed")
    outcome = an_outcome(reason, last_sequence=30)
    assert stored["log"]["counts"] == asdict(outcome.counts)
    if not succeeded:
        assert stored["error"]["reason"] == reason.value


@settings(phases=[Phase.generate])
@given(
    text=spoilt(),
    cuts=st.lists(st.integers(0, 2**21), max_size=5),
    live=st.integers(0, 2**16),
    reason=st.sampled_from([OutcomeReason.SUCCEEDED, OutcomeReason.JOB_FAILED]),
)
def test_whatever_a_job_forges_spoils_only_its_own_log(
    text: bytes, cuts: list[int], live: int, reason: OutcomeReason
) -> None:
    reader = Reader()
    # What was heard while it ran, and what is read at its end.
    reader.read(text[: live % (len(text) + 1)], cuts)
    reader.read(text, cuts, until=30)
    reader.write(everything=True)
    assert len([each for each in reader.objects if each["kind"] == "JobLog"]) <= MAX_CHUNKS
    for manifest in reader.objects:
        check_object(manifest)
    check_status(ended_status(reader, reason), reason)


def test_a_log_without_lies_is_read_whole() -> None:
    reader = Reader()
    reader.read(b"".join(truth()), [100, 1_000], until=30)
    reader.write(everything=True)
    status = ended_status(reader, OutcomeReason.SUCCEEDED)
    assert status.log is not None
    assert (status.result, status.log.incomplete) == (42, None)
    assert [line.sequence for line in status.log.tail] == [
        n for n in range(1, 31) if n not in (10, 20)
    ]


def test_a_flood_of_good_records_ends_in_64_job_logs() -> None:
    reader = Reader()
    flood = b"".join(printed(a_log_record(n, "x" * 60_000)) for n in range(1, 5 * MAX_CHUNKS))
    reader.read(flood, [])
    reader.write(everything=True)
    assert len(reader.objects) == MAX_CHUNKS
    assert reader.log.reading().refused
