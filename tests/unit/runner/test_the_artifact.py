from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

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
