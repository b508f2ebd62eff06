from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from tests.unit.runner.pods import Pod, job_file

from davit._runner.artifact import ArtifactCorrupt, unpack


def archive_of(member: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        archive.addfile(member)
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type = kind
    found.linkname = target
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        archive_of(member("/etc/passwd")),
        archive_of(member("../outside")),
        archive_of(member("link", tarfile.SYMTYPE, "../../etc/passwd")),
        archive_of(member("link", tarfile.LNKTYPE, "../outside")),
        archive_of(member("device", tarfile.CHRTYPE)),
        archive_of(member("fifo", tarfile.FIFOTYPE)),
    ],
    ids=["junk", "absolute", "out", "a link out", "a hard link out", "a device", "a fifo"],
)
def test_what_would_leave_the_folder_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArtifactCorrupt):
        unpack(data, str(tmp_path / "code"))
    assert [p.name for p in tmp_path.rglob("*")] in ([], ["code"])


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("davit._runner.artifact.MAX_MEMBERS", 0)
    with pytest.raises(ArtifactCorrupt, match="unpacks to more than"):
        unpack(archive_of(member("a")), str(tmp_path / "code"))


def test_an_artifact_that_does_not_hash_to_its_digest_is_not_touched(pod: Pod) -> None:
    runner = pod.start("run", {"j.py": job_file("pass")}, artifact_digest="sha256:" + "0" * 64)
    said = pod.said(runner)
    assert said.outcome.reason == "ArtifactCorrupt"
    assert "but the request says sha256:000" in said.error
    assert list((pod.folder / "scratch").iterdir()) == []
    assert said.exit_code == 1


def test_a_missing_part_is_named(pod: Pod) -> None:
    said = pod.said(pod.start("discover", {"j.py": ""}, artifact_parts=3))
    assert said.outcome.reason == "ArtifactCorrupt"
    assert "artifact/2" in said.error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "The request cannot be read"),
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "is not a JSON object"),
        ('{"version": 2}', "has version 2; this side reads version 1"),
        ('{"version": 1}', "is incomplete"),
    ],
    ids=["missing", "empty", "cut", "a list", "of the next version", "without its fields"],
)
def test_a_request_that_cannot_be_read_is_refused(pod: Pod, text: str | None, words: str) -> None:
    if text is not None:
        (pod.folder / "request.json").write_text(text)
    said = pod.said(pod.start_as_is("run"))
    assert said.outcome.reason == "InvalidRequest"
    assert words in said.error
    assert said.records == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "../../etc"),
        ("layout", "Elsewhere"),
        ("inputs", []),
        ("artifact_parts", -1),
        ("artifact_parts", 0.5),
        ("time_limit_seconds", "9"),
    ],
)
def test_a_request_of_wrong_values_is_refused(pod: Pod, field: str, value: object) -> None:
    pod.start("run", {"j.py": ""}).ended()
    told = json.loads((pod.folder / "request.json").read_text())
    (pod.folder / "request.json").write_text(json.dumps({**told, field: value}))
    (pod.folder / "output").unlink()
    assert pod.said(pod.start_as_is("run")).outcome.reason == "InvalidRequest"
