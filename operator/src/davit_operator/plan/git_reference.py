"""Branches, tags, commits and folders as Git itself would accept them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting

DEFAULT_BRANCH: Final = "main"
_FIELD = "spec.source.git"
# Of `git check-ref-format`: what may stand nowhere in a reference's name.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAX_NAME_BYTES = 255


class RefKind(StrEnum):
    """What a reference names."""

    BRANCH = "branch"
    TAG = "tag"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRef:
    """A reference that was checked; only ``git_ref`` makes one."""

    kind: RefKind
    name: str

    @property
    def field(self) -> str:
        """Return the field of a JobRepository that holds it."""
        return f"{_FIELD}.ref.{self.kind}"

    @property
    def full_name(self) -> str:
        """Return its full name on the server; the empty string for a commit."""
        prefix = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/"}.get(self.kind)
        return f"{prefix}{self.name}" if prefix else ""

    def revision(self, commit: str) -> str:
        """Return ``main@sha1:9f3c…`` as Flux writes it; ``sha1:9f3c…`` for a commit."""
        return f"sha1:{commit}" if self.kind is RefKind.COMMIT else f"{self.name}@sha1:{commit}"


def git_ref(
    *, branch: str | None = None, tag: str | None = None, commit: str | None = None
) -> GitRef:
    """Return the one reference that is set; branch main when none is.

    Raises:
        Stalled: ``INVALID_SPEC``, naming the field.
    """
    given = [
        GitRef(kind=kind, name=name)
        for kind, name in (
            (RefKind.BRANCH, branch),
            (RefKind.TAG, tag),
            (RefKind.COMMIT, commit),
        )
        if name is not None
    ]
    if len(given) > 1:
        raise Stalled(
            Reason.INVALID_SPEC,
            f"{_FIELD}.ref: at most one of branch, tag and commit may be set. Remove the others.",
        )
    ref = given[0] if given else GitRef(kind=RefKind.BRANCH, name=DEFAULT_BRANCH)
    _check(ref)
    return ref


def is_ref_name(name: str) -> bool:
    """Return whether ``refs/heads/<name>`` is what ``git check-ref-format`` accepts.

    A leading ``-`` is refused beyond that, as Git itself does for branches, and so are names of
    more than 255 bytes, which file systems cannot hold.
    """
    if not name or name.startswith("-") or len(name.encode("utf-8", "replace")) > _MAX_NAME_BYTES:
        return False
    if _FORBIDDEN.search(name) or name.startswith("/") or name.endswith(("/", ".")):
        return False
    return not any(
        component.startswith(".") or component.endswith(".lock") for component in name.split("/")
    )


def git_path(path: str) -> str:
    """Return ``path`` as components joined by ``/``; the empty string for the top.

    Raises:
        Stalled: ``INVALID_SPEC``: absolute, or with ``..``, ``.git`` or unprintable characters.
    """
    components = [each for each in path.split("/") if each not in {"", "."}]
    is_wrong = (
        path.startswith("/")
        or any(each == ".." or each.lower() == ".git" for each in components)
        or not path.isprintable()
    )
    if is_wrong:
        raise Stalled(
            Reason.INVALID_SPEC,
            f'{_FIELD}.path: "{printable_text(path)}" is not a folder inside the repository. Write '
            'it from the top, without a leading "/" and without "..".',
        )
    return "/".join(components)


def printable_text(text: str) -> str:
    """Return ``text`` for messages: unprintable characters escaped, at most 200 characters."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown if len(shown) <= 200 else f"{shown[:199]}…"  # noqa: PLR2004 (the docstring's)


def _check(ref: GitRef) -> None:
    if ref.kind is RefKind.COMMIT:
        if not _COMMIT.fullmatch(ref.name):
            raise Stalled(
                Reason.INVALID_SPEC,
                f'{ref.field}: "{printable_text(ref.name)}" is not a commit. Write its full hash: '
                "40 hexadecimal digits in lower case.",
            )
    elif not is_ref_name(ref.name):
        raise Stalled(
            Reason.INVALID_SPEC,
            f'{ref.field}: "{printable_text(ref.name)}" is not a name that Git allows for a '
            f"{ref.kind} (see git check-ref-format). Correct it.",
        )


def asked_names(ref: GitRef) -> tuple[str, ...]:
    """Return the full names to ask a server for, to answer ``commit_named`` and to help."""
    if ref.kind is RefKind.COMMIT:
        return ()
    return (f"refs/heads/{ref.name}", f"refs/tags/{ref.name}", _peeled(ref.name))


def commit_named(ref: GitRef, hashes: Mapping[str, str], head: str, url: str) -> str:
    """Return the commit that ``ref`` names, of what the server advertised.

    ``hashes`` are by full name; ``head`` is the full name that HEAD stands for. An annotated tag
    gives the commit that it is about. A commit is not asked for: it is its own name.

    Raises:
        Waiting: ``REFERENCE_NOT_FOUND``, with what there is instead.
        Stalled: ``INVALID_SPEC``: the repository does not use SHA-1.
    """
    if ref.kind is RefKind.COMMIT:
        return ref.name
    found = hashes.get(ref.full_name, "")
    if ref.kind is RefKind.TAG:
        found = hashes.get(_peeled(ref.name), found)
    if not found:
        raise Waiting(
            Reason.REFERENCE_NOT_FOUND,
            f'{ref.kind.capitalize()} "{printable_text(ref.name)}" does not exist in {url}'
            f"{_instead(ref, hashes, head)}. Push it, or correct {ref.field}.",
        )
    if not _COMMIT.fullmatch(found):
        raise Stalled(
            Reason.INVALID_SPEC,
            f"{_FIELD}.url: {url} uses SHA-256 hashes, which are not supported yet. Use a "
            "repository with SHA-1 hashes, Git's default.",
        )
    return found


def gone(ref: GitRef, commit: str, url: str) -> Waiting:
    """Return that the server does not give ``commit``, which ``ref`` names or named just now."""
    if ref.kind is RefKind.COMMIT:
        why = f"is no commit of a branch or tag of {url}. Push it, or correct {ref.field}."
    else:
        name = printable_text(ref.name)
        why = f'is gone from {ref.kind} "{name}" of {url}, which has moved. It is read again.'
    return Waiting(Reason.REFERENCE_NOT_FOUND, f"Commit {commit} {why}")


def _peeled(name: str) -> str:
    return f"refs/tags/{name}^{{}}"


def _instead(ref: GitRef, hashes: Mapping[str, str], head: str) -> str:
    if ref.kind is RefKind.BRANCH and f"refs/tags/{ref.name}" in hashes:
        return ", but a tag of that name does (spec.source.git.ref.tag)"
    if ref.kind is RefKind.TAG and f"refs/heads/{ref.name}" in hashes:
        return ", but a branch of that name does (spec.source.git.ref.branch)"
    if head and head != ref.full_name:
        return f', whose default branch is "{printable_text(head.removeprefix("refs/heads/"))}"'
    return ""
