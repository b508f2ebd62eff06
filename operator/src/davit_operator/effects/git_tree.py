"""Reads the files of one commit from the object store of a mirror."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.effects.git_mirror import LOCAL_TIMEOUT_SECONDS
from davit_operator.effects.git_process import (
    GitCommand,
    GitFailedError,
    GitSetup,
    git_stdout,
)
from davit_operator.plan.artifact_tree import (
    ArtifactLimits,
    FileMode,
    SourceFile,
    check_listed,
    check_size,
)
from davit_operator.plan.git_reference import printable_text

_MODES: Final = {
    b"100644": FileMode.REGULAR,
    # Written by Gits of 2005.
    b"100664": FileMode.REGULAR,
    b"100755": FileMode.EXECUTABLE,
    b"120000": FileMode.SYMLINK,
}
_SUBMODULE: Final = b"160000"
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_NO_FOLDER: Final = re.compile("fatal: (Not a valid object name|not a tree object)")
_CHUNK_BYTES: Final = 64 * 1024
_MAX_ENTRY_BYTES: Final = 16 * 1024
_MAX_NOTES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """The files of a commit below its root, in Git's order, and notes on what was left out."""

    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which files of a commit are read: below a folder, and not left out there."""

    path: str = ""
    is_ignored: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: str
    mode: FileMode
    blob: str
    size: int


def read_files(
    setup: GitSetup, mirror: Path, commit: str, selection: Selection, limits: ArtifactLimits
) -> SourceFiles:
    """Return the selected files of ``commit`` (a full hash, held by ``mirror``).

    Nothing is checked out and no filter runs: an LFS pointer stays a pointer.

    Raises:
        Stalled: ``INVALID_SPEC`` when there is no such folder, ``ARTIFACT_REFUSED`` when it holds
            more than ``limits``.
        GitFailedError, GitTimeoutError: The mirror is broken.
    """
    notes: list[str] = []
    path = selection.path
    arguments = (f"--git-dir={mirror}", "ls-tree", "-r", "-z", "-l", "--end-of-options")
    command = GitCommand(
        arguments=(*arguments, f"{commit}:{path}"), timeout_seconds=LOCAL_TIMEOUT_SECONDS
    )
    try:
        with git_stdout(setup, command) as stdout:
            entries = _entries(stdout, selection.is_ignored, limits, notes)
    except GitFailedError as failure:
        if path and _NO_FOLDER.search(failure.stderr):
            raise missing_folder(path) from None
        raise
    files = _contents(setup, mirror, entries) if entries else ()
    notes.extend(
        f'"{printable_text(file.path)}" is a Git LFS pointer: the pointer is served, not '
        "the content behind it."
        for file in files
        if file.data.startswith(_LFS_POINTER)
    )
    return SourceFiles(files=files, notes=tuple(notes[:_MAX_NOTES]))


def missing_folder(path: str) -> Stalled:
    """Return that the commit has no folder ``path``."""
    return Stalled(
        Reason.INVALID_SPEC,
        f'spec.source.git.path: the commit has no folder "{printable_text(path)}". Correct the '
        "path, or push a commit that has it.",
    )


def _entries(
    stdout: IO[bytes], is_ignored: Callable[[str], bool], limits: ArtifactLimits, notes: list[str]
) -> tuple[_Entry, ...]:
    found: list[_Entry] = []
    total = 0
    # Checked on the way: a few small trees can name billions of files.
    for listed, line in enumerate(_lines(stdout), start=1):
        check_listed(listed, limits)
        entry = _entry(line, notes)
        if entry is not None and not is_ignored(entry.path):
            found.append(entry)
            total += entry.size
            check_size(len(found), total, limits)
    return tuple(found)


def _lines(stdout: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stdout.read1(_CHUNK_BYTES):  # type: ignore[attr-defined]  # a BufferedReader
        *lines, rest = (rest + chunk).split(b"\0")
        yield from lines
        if len(rest) > _MAX_ENTRY_BYTES:
            raise _unreadable(rest[:100])


def _entry(line: bytes, notes: list[str]) -> _Entry | None:
    """Return the entry of a line ``<mode> <type> <hash> <size>TAB<path>``; None for a submodule."""
    facts, _, name = line.partition(b"\t")
    mode, _, blob, size = facts.split()
    try:
        path = name.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(name) from error
    if mode == _SUBMODULE:
        if len(notes) < _MAX_NOTES:
            notes.append(f'"{printable_text(path)}" is a submodule: it is left out.')
        return None
    if mode not in _MODES:
        raise _unreadable(name)
    return _Entry(path=path, mode=_MODES[mode], blob=blob.decode(), size=int(size))


def _unreadable(name: bytes) -> Stalled:
    shown = printable_text(name.decode(errors="backslashreplace"))
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f'The commit is not served: "{shown}" has a name that is not UTF-8, is too long, or a mode '
        "that Git does not know. Rename it, and push.",
    )


def _contents(setup: GitSetup, mirror: Path, entries: tuple[_Entry, ...]) -> tuple[SourceFile, ...]:
    command = GitCommand(
        arguments=(f"--git-dir={mirror}", "cat-file", "--batch", "--buffer"),
        timeout_seconds=LOCAL_TIMEOUT_SECONDS,
        stdin="".join(f"{entry.blob}\n" for entry in entries).encode(),
    )
    with git_stdout(setup, command) as stdout:
        return tuple(
            SourceFile(path=entry.path, mode=entry.mode, data=_blob(stdout, entry))
            for entry in entries
        )


def _blob(stdout: IO[bytes], entry: _Entry) -> bytes:
    """Read one answer: ``<hash> blob <size>LF<bytes>LF``."""
    header = stdout.readline(_CHUNK_BYTES).decode().split()
    if header != [entry.blob, "blob", str(entry.size)]:
        raise GitFailedError(0, f"fatal: object {entry.blob} is missing")
    data = stdout.read(entry.size)
    if len(data) != entry.size or stdout.read(1) != b"\n":
        raise GitFailedError(0, f"fatal: object {entry.blob} is cut")
    return data
