"""Files that a job makes: kept with name and content, or refused with the reason."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.runner.performed import job_that, performed

from davit import Job
from davit._files import OutputFile, new_file
from davit._runner.instance import FrameReport
from davit.testing import run_job_for_testing

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("content", "expected"),
    [("a,ü\n", b"a,\xc3\xbc\n"), (b"\0\xff", b"\0\xff"), (bytearray(b"x"), b"x"), ("", b"")],
    ids=["text", "bytes", "a bytearray", "nothing"],
)
def test_a_file_is_kept_with_its_name_and_content(content: Any, expected: bytes) -> None:
    ended = run_job_for_testing(job_that(lambda job: str(job.create_file("report.csv", content))))
    (file,) = ended.files
    assert (file.name, file.size, file.content) == ("report.csv", len(expected), expected)
    assert (file.read(), file.file.read()) == (expected, expected)
    assert ended.result == "report.csv"
    entry = ended.logs[1]
    assert (entry.level, entry.grouping) == ("info", "create_file")
    assert entry.message == f"Created file [report.csv] ({len(expected)} bytes)"


def test_files_of_one_name_are_kept_apart_in_their_order() -> None:
    def work(job: Job) -> None:
        job.create_file("a.txt", "1")
        job.create_file("a.txt", "2")
        raise ValueError("later")

    ended = run_job_for_testing(job_that(work))
    assert [(file.name, file.content) for file in ended.files] == [("a.txt", b"1"), ("a.txt", b"2")]
    assert ended.status == "FAILURE"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "'' is no file name"),
        (".", "'.' is no file name"),
        ("..", "'..' is no file name"),
        ("a/b", "'a/b' is no file name.*without a folder"),
        ("a\\b", "is no file name"),
        ("a\0b", r"'a\\x00b' is no file name"),
        ("a\nb", "is no file name"),
        ("\ud800", "is no file name"),
        ("x" * 256, "The file name has 256 characters; at most 255 are possible"),
    ],
    ids=[
        "nothing", "a dot", "two dots", "a slash", "a backslash", "a null character", "a new line",
        "half a character", "256 characters",
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        new_file(name, "x", [])


@pytest.mark.parametrize("name", ["x" * 255, "Übersicht (1).csv", "-rf", "a b"])
def test_any_other_name_is_taken(name: str) -> None:
    assert new_file(name, "x", []).name == name


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a", 5, "The content of a file is str or bytes, not int."),
        ("a", None, "The content of a file is str or bytes, not NoneType."),
        (Path("a"), "x", "The name of a file is a str, not PosixPath."),
    ],
    ids=["a number", "None", "a path as name"],
)
def test_other_types_are_refused(name: Any, content: Any, words: str) -> None:
    with pytest.raises(TypeError) as refused:
        new_file(name, content, [])
    assert str(refused.value) == words


def made(*sizes: int) -> list[OutputFile]:
    return [OutputFile("made", bytes(size)) for size in sizes]


@pytest.mark.parametrize(
    ("size", "before", "words"),
    [
        (MEBIBYTE, [], None),
        (
            MEBIBYTE + 1, [],
            "Provided 1048577 bytes of content, but JOB_CREATE_FILE_MAX_SIZE is 1048576",
        ),
        (MEBIBYTE // 2, made(MEBIBYTE), None),
        (
            MEBIBYTE // 2 + 1, made(MEBIBYTE),
            "Provided 524289 bytes of content, but of the 1572864 that the files of a run may "
            "have together only 524288 are left",
        ),
        (1, made(*[1] * 63), None),
        (
            0, made(*[0] * 64),
            "Provided 0 bytes of content, but a run may create 64 files, and this one has created "
            "them",
        ),
    ],
    ids=[
        "exactly a file's limit", "a byte more", "exactly a run's limit", "a byte more than that",
        "the 64th file", "the 65th",
    ],
)  # fmt: skip
def test_the_limits_are_told_in_nautobots_words(
    size: int, before: list[OutputFile], words: str | None
) -> None:
    if words is None:
        assert new_file("a", bytes(size), before).size == size
        return
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (compared whole below)
        new_file("a", bytes(size), before)
    assert str(refused.value) == words


def test_a_refused_file_takes_no_room() -> None:
    def work(job: Job) -> None:
        with pytest.raises(ValueError, match="JOB_CREATE_FILE_MAX_SIZE"):
            job.create_file("large", bytes(MEBIBYTE + 1))
        job.create_file("small", "x")

    assert [file.name for file in run_job_for_testing(job_that(work)).files] == ["small"]


def test_a_pod_sends_a_file_as_a_document_with_its_digest() -> None:
    frames: list[tuple[Any, ...]] = []
    report = FrameReport(lambda *frame: frames.append(frame))
    performed(job_that(lambda job: job.create_file("a.bin", b"\0\xff") and None), report)
    ((kind, document, text),) = frames
    content = json.loads(text)
    assert (kind, document) == ("document", "file")
    assert (content["name"], content["size_bytes"]) == ("a.bin", 2)
    assert base64.b64decode(content["data"]) == b"\0\xff"
    assert content["digest"] == "sha256:" + hashlib.sha256(b"\0\xff").hexdigest()
