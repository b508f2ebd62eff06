"""Files that are too large for a pod's log, on the volume that an admin gave the job for them."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit._files import OutputFile, new_file
from davit._report import Report
from davit._runner.large_files import write_large_file
from davit._runner.redact import Redactor

MEBIBYTE = 1024 * 1024
ROOM = 8 * MEBIBYTE


def made(*sizes: int, is_large: bool = False) -> list[OutputFile]:
    return [OutputFile("made", bytes(size), is_large=is_large) for size in sizes]


@pytest.mark.parametrize(
    ("size", "before", "expected"),
    [
        (MEBIBYTE, [], False),
        (MEBIBYTE + 1, [], True),
        (MEBIBYTE // 2 + 1, made(MEBIBYTE), True),
        (MEBIBYTE, made(ROOM, is_large=True), False),
        (ROOM, [], True),
        (
            ROOM + 1, [],
            "Provided 8388609 bytes of content, but JOB_CREATE_FILE_MAX_SIZE is 8388608",
        ),
        (
            2 * MEBIBYTE, made(7 * MEBIBYTE, is_large=True),
            "Provided 2097152 bytes of content, but of the 8388608 that the files of a run may "
            "have together only 1048576 are left",
        ),
        (
            0, made(*[0] * 32) + made(*[1] * 32, is_large=True),
            "Provided 0 bytes of content, but a run may create 64 files, and this one has created "
            "them",
        ),
    ],
    ids=[
        "among the others", "too large for those", "no room among those", "room among those",
        "all the volume's room", "a byte more", "no room left there", "the 65th",
    ],
)  # fmt: skip
def test_a_file_goes_to_the_volume_where_only_that_has_room(
    size: int, before: list[OutputFile], expected: bool | str
) -> None:
    if isinstance(expected, bool):
        assert new_file("a", bytes(size), before, ROOM).is_large is expected
        return
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (compared whole below)
        new_file("a", bytes(size), before, ROOM)
    assert str(refused.value) == expected


def test_a_job_that_runs_nowhere_has_no_place_for_large_files() -> None:
    assert Report().large_bytes == 0
    with pytest.raises(NotImplementedError):
        Report().large_file("a", b"")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path)


def test_files_of_one_name_stand_beside_each_other(folder: str) -> None:
    stored = [write_large_file(folder, "a.csv", b"%d" % n, Redactor()) for n in range(3)]
    assert [each.name for each in stored] == ["a.csv", "2-a.csv", "3-a.csv"]
    assert [Path(each.path).read_bytes() for each in stored] == [b"0", b"1", b"2"]


def test_no_link_leads_out_of_the_folder(folder: str, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    assert write_large_file(folder, "a", b"x", Redactor()).name == "2-a"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["x" * 256, "missing/a"], ids=["a long name", "no folder"])
def test_a_volume_that_does_not_take_a_file_is_named_as_the_cause(folder: str, name: str) -> None:
    with pytest.raises(OSError, match=r"cannot be written to the volume.*spec\.runner\.files"):
        write_large_file(folder, name, b"x", Redactor())
    assert names_in(Path(folder)) == []


@pytest.fixture
def little_room() -> Iterator[None]:
    """Let this process write a MiB to a file, and no more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEBIBYTE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("little_room")
def test_nothing_stays_of_a_file_that_the_volume_takes_in_part(folder: str) -> None:
    with pytest.raises(OSError, match="File too large: the file 'a' cannot be written"):
        write_large_file(folder, "a", bytes(2 * MEBIBYTE), Redactor())
    assert names_in(Path(folder)) == []


SECRETS = ["hunter2!", "Zoë's key", "aaaa", "line one\nline two is longer"]


@given(
    parts=st.lists(
        st.sampled_from([each.encode() for each in SECRETS]) | st.binary(max_size=12), max_size=12
    ),
    size=st.integers(1, 40),
)
def test_in_pieces_a_content_loses_the_secrets_that_it_loses_as_a_whole(
    parts: list[bytes], size: int
) -> None:
    redactor, content = Redactor(SECRETS), b"".join(parts)
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    clean = b"".join(redactor.redact_pieces(pieces))
    for secret in SECRETS:
        assert secret.encode() not in clean
    # Secrets that touch one another may leave one mark or several.
    whole = redactor.redact_content(content)
    assert marked(clean) == marked(whole)


def marked(content: bytes) -> bytes:
    mark = b"(redacted)"
    while mark + mark in content:
        content = content.replace(mark + mark, mark)
    return content
