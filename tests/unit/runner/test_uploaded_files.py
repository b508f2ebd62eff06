"""What a file variable takes, and what a job gets of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import davit
from davit import UploadedFile
from davit._variables import ValueRefused


def test_a_file_may_be_a_path_or_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_bytes(b"a\nb\n")
    variable = davit.FileVar()
    with path.open() as text:
        for given in (path, text, UploadedFile.from_path(path)):
            file = variable.clean(given)
            assert (file.name, file.size, file.read()) == ("hosts.csv", 4, b"a\nb\n")
    assert variable.clean(io.BytesIO(b"x")).name == "file"


def test_a_path_without_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueRefused, match="gone cannot be read: No such file or directory"):
        davit.FileVar().clean(tmp_path / "gone")


def test_an_uploaded_file_reads_as_djangos_does() -> None:
    file = UploadedFile(b"ab\ncd", "/folder/name.txt")
    assert [*file] == [b"ab\n", b"cd"]
    assert [*file.chunks(2)] == [b"ab", b"\nc", b"d"]
    assert [*file.chunks()] == [b"ab\ncd"]
    assert (file.multiple_chunks(2), file.multiple_chunks()) == (True, False)
    assert (str(file), repr(file)) == ("name.txt", "<UploadedFile: name.txt (5 bytes)>")
    assert file.open().readline() == b"ab\n"
    assert davit.FileVar().clean(file).read() == b"ab\ncd"
