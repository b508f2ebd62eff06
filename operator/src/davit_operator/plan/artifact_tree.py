"""The files of one commit, and which of them refuse the whole commit.

The archive is unpacked in pods, so nothing in it may lie, or point, outside its own tree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.plan.git_reference import printable_text

# A ConfigMap holds 1 MiB; the rest is for its metadata.
MAX_PART_BYTES: Final = 900 * 1024
MAX_PARTS: Final = 16
# Limits of Linux: a file name, a path (with room for where it is unpacked), links on one path.
_MAX_COMPONENT_BYTES = 255
_MAX_PATH_BYTES = 3_000
_MAX_LINKS = 40


class FileMode(StrEnum):
    """What kind of file Git holds."""

    REGULAR = "regular"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file: its path below the root (``/`` between components), and what it holds.

    ``data`` are its bytes; of a symlink they are its target.
    """

    path: str
    mode: FileMode = FileMode.REGULAR
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactLimits:
    """What a commit may hold, before and after it is packed."""

    # Those that are left out counted, too.
    listed: int = 200_000
    files: int = 10_000
    unpacked_bytes: int = 64 * 1024 * 1024
    packed_bytes: int = MAX_PARTS * MAX_PART_BYTES


DEFAULT_LIMITS: Final = ArtifactLimits()


def check_listed(files: int, limits: ArtifactLimits) -> None:
    """Refuse a commit with more files than are looked through, served or not.

    Raises:
        Stalled: ``ARTIFACT_REFUSED``, with the limit and how to get below it.
    """
    if files > limits.listed:
        raise Stalled(
            Reason.ARTIFACT_REFUSED,
            f"The commit holds more than {limits.listed:,} files, more than are looked through, "
            "served or not. Set spec.source.git.path to the folder that holds the jobs.",
        )


def check_size(files: int, unpacked_bytes: int, limits: ArtifactLimits) -> None:
    """Refuse a commit with more files or bytes than ``limits``.

    Raises:
        Stalled: ``ARTIFACT_REFUSED``, with the limit and how to get below it.
    """
    if files > limits.files:
        raise too_large(f"more than {limits.files:,} files")
    if unpacked_bytes > limits.unpacked_bytes:
        raise too_large(f"more than {limits.unpacked_bytes / 2**20:,.0f} MiB of files")


def too_large(what: str) -> Stalled:
    """Return the refusal of a commit that holds ``what``."""
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f"The commit holds {what}, more than is served. Set spec.source.git.path to the folder "
        "that holds the jobs, or name what they do not need in spec.source.git.ignore.",
    )


def check_tree(files: Collection[SourceFile]) -> dict[str, SourceFile]:
    """Return ``files`` by path when every one lies, and every symlink points, inside the tree.

    A path is refused that is absolute, too long, or has an empty, ``.``, ``..`` or ``.git``
    component; that appears twice; or that lies below a file or symlink. Git makes no such trees,
    but a server can send them, and unpacking would write through the symlink.

    Raises:
        Stalled: ``ARTIFACT_REFUSED``, with the path (and the target).
    """
    by_path: dict[str, SourceFile] = {}
    for file in files:
        _check_path(file.path)
        if file.path in by_path:
            raise _refused(file.path, "appears twice in the commit's tree")
        by_path[file.path] = file
    links = {path: _target(file) for path, file in by_path.items() if file.mode is FileMode.SYMLINK}
    for path in by_path:
        _check_parents(path, by_path)
    for path in sorted(links):
        _check_link(path, links)
    return by_path


def _refused(path: str, why: str) -> Stalled:
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f'The commit is not served: "{printable_text(path)}" {why}. Remove or rename it, and push.',
    )


def _check_path(path: str) -> None:
    encoded = _encoded(path, path)
    components = path.split("/")
    if any(each in {"", ".", ".."} or "\0" in each for each in components):
        raise _refused(path, "is not a path below the repository's root")
    if any(each.lower() == ".git" for each in components):
        raise _refused(path, "has the component .git, which is Git's own")
    longest = max(len(each) for each in encoded.split(b"/"))
    if longest > _MAX_COMPONENT_BYTES or len(encoded) > _MAX_PATH_BYTES:
        raise _refused(
            path,
            f"has a longer name than Linux allows ({_MAX_COMPONENT_BYTES} bytes a component, "
            f"{_MAX_PATH_BYTES:,} in all)",
        )


def _encoded(text: str, path: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _refused(path, "has a name that is not UTF-8") from error


def _check_parents(path: str, by_path: Mapping[str, SourceFile]) -> None:
    parent = path.rpartition("/")[0]
    while parent:
        if parent in by_path:
            raise _refused(path, f'lies below "{printable_text(parent)}", which is no folder')
        parent = parent.rpartition("/")[0]


def _target(link: SourceFile) -> str:
    try:
        target = link.data.decode()
    except UnicodeDecodeError as error:
        raise _refused(link.path, "is a symlink whose target is not UTF-8") from error
    if not target or "\0" in target or len(link.data) > _MAX_PATH_BYTES:
        raise _refused(link.path, "is a symlink whose target is empty, too long or no path")
    return target


def _check_link(path: str, links: Mapping[str, str]) -> None:
    """Follow the link as Linux would, over the other links of the tree, and refuse to leave it."""
    target = links[path]
    here = path.split("/")[:-1]
    ahead = _steps(target, path)
    followed = 1
    while ahead:
        step = ahead.pop()
        if step == "..":
            if not here:
                raise _leaves(path, target)
            here.pop()
            continue
        here.append(step)
        next_target = links.get("/".join(here))
        if next_target is not None:
            followed += 1
            if followed > _MAX_LINKS:
                raise _refused(path, f'is a symlink to "{printable_text(target)}" without an end')
            here.pop()
            ahead.extend(_steps(next_target, path))


def _steps(target: str, path: str) -> list[str]:
    """Return the components of ``target``, the first one last."""
    if target.startswith("/"):
        raise _leaves(path, target)
    return [step for step in reversed(target.split("/")) if step not in {"", "."}]


def _leaves(path: str, target: str) -> Stalled:
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f'The commit is not served: the symlink "{printable_text(path)}" leads to '
        f'"{printable_text(target)}", outside the served folder. Replace it by a copy, set '
        "spec.source.git.path to a folder that holds both, or name it in spec.source.git.ignore.",
    )
