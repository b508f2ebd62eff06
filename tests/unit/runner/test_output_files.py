"""What a job leaves besides its result: files, progress, a profile."""

from __future__ import annotations

import base64
import hashlib
import json
import pstats
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from tests.unit.runner.performed import performed

from davit import Job
from davit._files import OutputFile, new_file
from davit._runner.instance import FrameReport
from davit.testing import run_job_for_testing
from davit_contract import places

MEBIBYTE = 1024 * 1024


def job_that(work: Callable[[Job], Any]) -> type[Job]:
    class Work(Job):
        def run(self) -> Any:
            return work(self)

    return Work


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


def test_progress_is_sent_as_numbers() -> None:
    frames: list[tuple[Any, ...]] = []
    report = FrameReport(lambda *frame: frames.append(frame))
    performed(job_that(lambda job: job.progress(3, 10)), report)
    assert frames == [("progress", 3.0, 10.0)]


def test_a_test_sees_every_step_of_the_progress() -> None:
    def work(job: Job) -> None:
        for done in range(3):
            job.progress(done, 2)

    ended = run_job_for_testing(job_that(work))
    assert ended.progress == [(0.0, 2.0), (1.0, 2.0), (2.0, 2.0)]


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [
        (-1, 2, "progress() takes numbers from 0 on, got -1 of 2."),
        (1, float("inf"), "progress() takes numbers from 0 on, got 1 of inf."),
        (float("nan"), 2, "progress() takes numbers from 0 on, got nan of 2."),
        ("some", 2, "progress() takes numbers from 0 on, got 'some' of 2."),
        (None, 2, "progress() takes numbers from 0 on, got None of 2."),
        (1, 10**400, f"progress() takes numbers from 0 on, got 1 of {10**400}."),
    ],
    ids=["negative", "infinite", "NaN", "text", "None", "too large"],
)
def test_what_is_no_progress_is_refused(done: Any, total: Any, words: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (compared whole below)
        Job().progress(done, total)
    assert str(refused.value) == words


@pytest.mark.parametrize("fails", [False, True], ids=["a run that returns", "a run that raises"])
def test_a_profile_of_run_is_left_as_a_file(fails: bool, tmp_path: Path) -> None:
    def measured(_: Job) -> int:
        if fails:
            raise ValueError("r")
        return 42

    ended = run_job_for_testing(job_that(measured), profile=True)
    (file,) = ended.files
    assert file.name == f"jobrun-{ended.id}.pstats"
    (tmp_path / file.name).write_bytes(file.content)
    functions = [name for _, _, name in pstats.Stats(str(tmp_path / file.name)).stats]  # type: ignore[attr-defined]
    assert {"run", "measured"} <= set(functions)
    assert "before_start" not in functions
    assert ended.status == ("FAILURE" if fails else "SUCCESS")
    assert "cProfile" not in ended.traceback


def test_a_profile_without_room_is_a_warning() -> None:
    def fill(job: Job) -> int:
        for _ in range(places.MAX_FILES):
            job.create_file("a", "")
        return 42

    ended = run_job_for_testing(job_that(fill), profile=True)
    assert (ended.result, len(ended.files), ended.warning_log_count) == (42, places.MAX_FILES, 1)
    assert "The profile is not kept: Provided" in ended.logs[-2].message


READER = """
from nautobot.apps.jobs import Job
class Reader(Job):
    def run(self):
        return [self.load_json("data/facts.json"), self.load_json("../up.json")]
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A job class in a file of its own, with data beside it and above."""
    (tmp_path / "jobs" / "data").mkdir(parents=True)
    (tmp_path / "jobs" / "reader.py").write_text(READER)
    (tmp_path / "jobs" / "data" / "facts.json").write_text('{"name": "ü"}', encoding="utf-8")
    (tmp_path / "jobs" / "facts.yaml").write_text("name: ü\ndays: [1, 2]\n", encoding="utf-8")
    (tmp_path / "jobs" / "evil.yaml").write_text("!!python/object/apply:os.getcwd []\n")
    (tmp_path / "up.json").write_text("7")
    spec = spec_from_file_location("reader", tmp_path / "jobs" / "reader.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "reader", module)
    spec.loader.exec_module(module)
    return module.Reader


def test_a_job_reads_json_as_seen_from_its_own_file(reader: Any) -> None:
    assert run_job_for_testing(reader).result == [{"name": "ü"}, 7]


def test_a_job_reads_yaml_beside_its_own_file_safely(reader: Any) -> None:
    assert reader().load_yaml("facts.yaml") == {"name": "ü", "days": [1, 2]}
    with pytest.raises(Exception, match="could not determine a constructor"):
        reader().load_yaml("evil.yaml")


def test_without_pyyaml_a_sentence_says_what_to_install(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ModuleNotFoundError) as refused:
        reader().load_yaml("facts.yaml")
    assert str(refused.value) == (
        "load_yaml() needs PyYAML, which is not installed here. Install davit[nautobot] or PyYAML "
        "in the runner image, or write the file as JSON and use load_json()."
    )


def test_a_class_without_a_file_has_nothing_beside_it() -> None:
    lost = type("Lost", (Job,), {"__module__": "made.in.memory"})
    with pytest.raises(TypeError, match=r"made\.in\.memory\.Lost was not read from a file"):
        lost().load_json("a.json")
