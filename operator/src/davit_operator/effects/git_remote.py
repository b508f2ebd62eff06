"""The two commands that speak with a Git server: ``ls-remote`` and ``fetch``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from davit_operator.effects.git_access import GitRemote, network_command
from davit_operator.effects.git_process import GitFailedError, GitSetup, git_output
from davit_operator.plan.git_reference import GitRef, RefKind

# The one reference of a mirror: what the next fetch needs not be sent again.
_LAST: Final = "refs/davit/last"
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# Git's own number for "all of it", also where a mirror is shallow.
_ALL_HISTORY: Final = 2**31 - 1
_EVERYTHING: Final = ("+refs/heads/*:refs/davit/heads/*", "+refs/tags/*:refs/davit/tags/*")
# Said by git itself, of servers that only speak protocol version 0.
_NO_BARE_HASHES: Final = "Server does not allow request for unadvertised object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertised:
    """What a server said: hashes by full name, and the full name that HEAD stands for."""

    hashes: dict[str, str]
    head: str = ""


def ls_remote(setup: GitSetup, remote: GitRemote, names: tuple[str, ...]) -> Advertised:
    """Ask ``remote`` for the references ``names`` (full names) and HEAD.

    Raises:
        GitFailedError, GitTimeoutError, GitOutputError: The contact failed.
    """
    arguments = (
        *("ls-remote", "--symref", "--quiet", "--end-of-options"),
        *(remote.address.url, "HEAD", *names),
    )
    printed = git_output(setup, network_command(setup, remote, arguments)).decode(errors="replace")
    hashes, head = {}, ""
    for line in printed.splitlines():
        value, _, name = line.partition("\t")
        # Git matches the end of names: refs/x/refs/heads/main is not asked for.
        if name == "HEAD" and value.startswith("ref: "):
            head = value.removeprefix("ref: ")
        elif name in {"HEAD", *names} and _HASH.fullmatch(value):
            hashes[name] = value
    return Advertised(hashes=hashes, head=head)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFetch:
    """What is downloaded: ``commit``, which ``ref`` named when the server was asked.

    A pack of more than ``max_bytes`` fails.
    """

    commit: str
    ref: GitRef
    mirror: Path
    max_bytes: int


def fetch(setup: GitSetup, remote: GitRemote, wanted: GitFetch) -> None:
    """Bring the commit alone into the mirror; when the server gives no bare hashes, its reference.

    In the second case the mirror may lack the commit afterwards: the reference has moved, or none
    leads to the commit.

    Raises:
        GitFailedError, GitTimeoutError, GitOutputError: The contact failed.
    """
    try:
        _fetch(setup, remote, wanted, (f"+{wanted.commit}:{_LAST}",), depth=1)
    except GitFailedError as failure:
        if _NO_BARE_HASHES not in failure.stderr:
            raise
    else:
        return
    if wanted.ref.kind is RefKind.COMMIT:
        _fetch(setup, remote, wanted, _EVERYTHING, depth=_ALL_HISTORY)
    else:
        _fetch(setup, remote, wanted, (f"+{wanted.ref.full_name}:{_LAST}",), depth=1)


def _fetch(
    setup: GitSetup, remote: GitRemote, wanted: GitFetch, refspecs: tuple[str, ...], *, depth: int
) -> None:
    arguments = (
        *(f"--git-dir={wanted.mirror}", "fetch", "--quiet", f"--depth={depth}", "--no-tags"),
        *("--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"),
        *("--end-of-options", remote.address.url, *refspecs),
    )
    git_output(setup, network_command(setup, remote, arguments, max_file_bytes=wanted.max_bytes))
