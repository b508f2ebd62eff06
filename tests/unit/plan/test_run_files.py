"""The files of a run: what a pod says of them is checked, cut into objects, and bounded."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NAMESPACE, RUN_UID, a_batch_job

from davit_contract import FileContent, encode, places
from davit_operator.api.base import ObjectKey
from davit_operator.api.jobfile import MAX_FILES, JobFileSpec
from davit_operator.api.joblog import MAX_DATA_CHARACTERS
from davit_operator.api.run_output import FileKind
from davit_operator.plan.run_files import PART_BYTES, RunFiles, WrittenFile
from davit_operator.plan.run_objects import RunAttempt, size_of

ATTEMPT = RunAttempt(
    run=ObjectKey(NAMESPACE, "sync-vlans-x7"), uid=RUN_UID, batch_job=a_batch_job().key.name
)


def digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def said(content: bytes = b"a,b\n", **changes: Any) -> str:
    """Return what a runner says of a file."""
    told = FileContent(
        name="report.csv",
        size_bytes=len(content),
        digest=digest(content),
        data=b64encode(content).decode(),
    )
    return json.dumps({**json.loads(encode(told)), **changes})


def kept(files: RunFiles, document: str) -> WrittenFile:
    written = files.next(document)
    assert written is not None
    files.keep(written.file)
    return written


def content_of(written: WrittenFile) -> bytes:
    parts = [JobFileSpec.model_validate(each["spec"]) for each in written.objects]
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {part.parts for part in parts} == {len(parts)}
    return b"".join(b64decode(part.data) for part in parts)


def test_a_file_becomes_an_object_that_goes_with_its_run() -> None:
    written = kept(RunFiles(ATTEMPT), said())
    (manifest,) = written.objects
    metadata = manifest["metadata"]
    assert metadata["name"] == f"{ATTEMPT.batch_job}-file-0-1"
    assert metadata["labels"]["davit.dev/run-uid"] == RUN_UID
    assert [(o["kind"], o["uid"]) for o in metadata["ownerReferences"]] == [("JobRun", RUN_UID)]
    assert manifest["spec"] == {
        "runRef": {"name": "sync-vlans-x7", "uid": RUN_UID},
        "attempt": 1,
        "name": "report.csv",
        "sizeBytes": 4,
        "digest": digest(b"a,b\n"),
        "part": 1,
        "parts": 1,
        "data": "YSxiCg==",
    }


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        (0, 1),
        (1, 1),
        (PART_BYTES, 1),
        (PART_BYTES + 1, 2),
        (places.MAX_FILE_BYTES, 3),
    ],
    ids=["nothing", "a byte", "a whole part", "a byte more", "the largest"],
)
def test_a_file_is_cut_into_parts_that_join_to_it(size: int, parts: int) -> None:
    content = bytes(n % 251 for n in range(size))
    written = kept(RunFiles(ATTEMPT), said(content))
    assert content_of(written) == content
    assert len(written.objects) == parts
    assert written.file.parts == [each["metadata"]["name"] for each in written.objects]
    assert (written.file.size_bytes, written.file.digest) == (size, digest(content))
    for each in written.objects:
        assert len(each["spec"]["data"]) <= MAX_DATA_CHARACTERS
        assert len(json.dumps(each["spec"])) < size_of(each)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (said(digest=digest(b"other")), "its content is not what its digest says"),
        (said(size_bytes=5), "its content is not what its digest says"),
        (said(data="YSx!"), "its content is no Base64"),
        (said(bytes(places.MAX_FILE_BYTES + 1)), "it has more than 1,048,576 bytes"),
    ],
    ids=["another digest", "another size", "no Base64", "a byte too many"],
)
def test_a_file_that_is_not_what_it_says_is_left_out_by_name(document: str, why: str) -> None:
    files = RunFiles(ATTEMPT)
    assert files.next(document) is None
    assert files.message == f'File "report.csv" was left out: {why}.'
    assert files.listed == ()


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{",
        said(version=2),
        said(name=None),
        said(name=""),
        said(name=".."),
        said(name="../../etc/passwd"),
        said(name="a\\b"),
        said(name="a\nb"),
        said(name="x" * 256),
        said(data=7),
        '{"version":1}',
    ],
)
def test_what_is_no_file_is_left_out_without_a_word_of_it(document: str) -> None:
    files = RunFiles(ATTEMPT)
    assert files.next(document) is None
    assert files.message == "A file was left out: the pod's word for it cannot be read."


def test_more_files_than_a_run_may_have_are_left_out_and_counted() -> None:
    files = RunFiles(ATTEMPT)
    for _ in range(MAX_FILES):
        kept(files, said())
    for _ in range(3):
        assert files.next(said()) is None
    assert len(files.listed) == MAX_FILES
    assert files.message == (
        'File "report.csv" was left out: a run may have 64 files. 2 more files were left out.'
    )


def test_files_of_more_bytes_than_a_run_may_have_are_left_out_and_smaller_ones_fit() -> None:
    files = RunFiles(ATTEMPT)
    kept(files, said(bytes(places.MAX_FILE_BYTES)))
    assert files.next(said(bytes(places.MAX_FILE_BYTES // 2 + 1))) is None
    kept(files, said(bytes(places.MAX_FILE_BYTES // 2)))
    assert sum(file.size_bytes for file in files.listed) == places.MAX_FILES_BYTES
    assert "may have 1,572,864 bytes together" in files.message


def test_who_reads_the_log_again_gives_the_same_names() -> None:
    documents = [said(b"1"), "no file", said(b"2"), said(b"2")]

    def names(refused: bool) -> list[list[str]]:
        files = RunFiles(ATTEMPT)
        for document in documents:
            written = files.next(document)
            if written is None:
                continue
            if refused and written.objects[0]["spec"]["digest"] == digest(b"1"):
                files.refuse(written.file, "the API server is full")
            else:
                files.keep(written.file)
        return [file.parts for file in files.listed]

    assert names(refused=True) == names(refused=False)[1:]


def test_a_result_is_a_file_of_its_kind_that_is_written_once() -> None:
    files = RunFiles(ATTEMPT)
    written = files.result('["ü"]')
    assert written is not None
    assert content_of(written) == '["ü"]'.encode()
    files.keep_result(written.file)
    assert files.result('["ü"]') is None
    (file,) = files.listed
    assert (file.name, file.kind) == ("result.json", FileKind.RESULT)
    assert file.parts == [f"{ATTEMPT.batch_job}-file-result-1"]


def test_a_result_that_no_runner_prints_is_left_out_once() -> None:
    files = RunFiles(ATTEMPT)
    for _ in range(2):
        assert files.result('"' + "x" * places.MAX_RESULT_FILE_BYTES) is None
    assert files.message == 'File "result.json" was left out: it has 2,359,297 bytes.'


def test_a_result_fits_beside_as_many_files_as_there_may_be() -> None:
    files = RunFiles(ATTEMPT)
    for _ in range(MAX_FILES):
        kept(files, said())
    written = files.result("{}")
    assert written is not None
    files.keep_result(written.file)
    assert len(files.listed) == MAX_FILES + 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
documents = st.one_of(
    st.text(),
    json_values.map(json.dumps),
    st.builds(
        lambda changes: said(b"x", **changes),
        st.dictionaries(
            st.sampled_from(["version", "name", "size_bytes", "digest", "data"]), json_values
        ),
    ),
    st.binary(max_size=64).map(said),
)


@given(st.lists(documents, max_size=8))
def test_whatever_a_pod_says_what_is_listed_can_be_read_back(texts: list[str]) -> None:
    files = RunFiles(ATTEMPT)
    names: list[str] = []
    for text in texts:
        written = files.next(text)
        if written is None:
            assert files.message
            continue
        files.keep(written.file)
        names += written.file.parts
        assert digest(content_of(written)) == written.file.digest
    assert len(set(names)) == len(names)
