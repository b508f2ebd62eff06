"""What a failed contact with a Git server means for its JobRepository, in a user's words.

Of git itself only its own lines count (``fatal:``, ``error:``): what the server says (``remote:``)
is not believed. OpenSSH's lines have no such mark, so that there all lines count; what a server
writes between them can only worsen its own repository's message.
"""

from __future__ import annotations

import errno
import re
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git_access import GitRemote
from davit_operator.effects.git_authorities import expired_since
from davit_operator.effects.git_causes import (
    DISK_FULL,
    TLS,
    http_cause,
    ssh_cause,
)
from davit_operator.effects.git_causes import is_unreached as _says_unreached
from davit_operator.effects.git_process import (
    GitError,
    GitFailedError,
    GitOutputError,
    GitTimeoutError,
)
from davit_operator.plan.git_address import GitAddress

_SHOWN_CHARACTERS: Final = 200
_OWN_LINE = re.compile(r"(fatal|error): (.*)")
_UNAUTHENTICATED = re.compile(
    r"authentication failed|could not read (username|password)|returned error: 401",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"returned error: 403", re.IGNORECASE)
_KEY_REFUSED = re.compile(r"permission denied \(|too many authentication failures", re.IGNORECASE)
# The server refuses what could not be shown to it, too.
_KEY_BROKEN = re.compile(r"^load key ", re.IGNORECASE | re.MULTILINE)
# How libcurl words what a proxy said, old and new.
_PROXY_SAID = re.compile(
    r"CONNECT tunnel failed, response (\d+)|HTTP code (\d+) from proxy", re.IGNORECASE
)
_PROXY_REFUSES: Final = "407"
_OUT_OF_MEMORY = re.compile(r"out of memory|malloc failed|cannot allocate", re.IGNORECASE)
# Such as "hasDotdot: contains '..'".
_CHECK = re.compile(r"^(?:fatal|error): object [0-9a-f]{40,64}: ([\w' .:-]{1,100})", re.MULTILINE)
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_SPACE = re.compile(r"no space left|disk quota exceeded", re.IGNORECASE)


def blocked(error: GitError, remote: GitRemote) -> Blocked:
    """Return what a failed contact with ``remote`` means for its JobRepository."""
    address = remote.address
    if isinstance(error, GitTimeoutError):
        return fetch_failed(
            address,
            f"it did not answer within {remote.timeout_seconds:g} s (spec.timeout). Check that the "
            "operator can reach it, or raise spec.timeout when the repository is large.",
        )
    if isinstance(error, GitOutputError):
        return fetch_failed(address, "it answers with far more references than were asked for.")
    return _ssh_failure(error, remote) if address.is_ssh else _http_failure(error, remote)


def is_unreached(error: GitError) -> bool:
    """Return whether no connection came about, so that another address may do."""
    return isinstance(error, GitFailedError) and _says_unreached(error.stderr)


def is_out_of_memory(error: GitError) -> bool:
    """Return whether git was refused memory."""
    return isinstance(error, GitFailedError) and bool(_OUT_OF_MEMORY.search(own_lines(error)))


def refused_by_check(error: GitError) -> Stalled | None:
    """Return that Git's own check refuses what a commit holds, when that is what failed."""
    found = isinstance(error, GitFailedError) and _CHECK.search(error.stderr)
    if not found:
        return None
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f"The commit is not served: it holds what Git's own check refuses ({found[1]}). Write the "
        "commit anew with a present-day Git (`git fsck` names the object), and push it.",
    )


def too_large(address: GitAddress) -> Stalled:
    """Return that a commit of ``address`` exceeds what one download may bring."""
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f"The commit of {address.url} is larger than the operator downloads. Move what jobs do not "
        "need to another repository, or ask an administrator to raise the limit.",
    )


def is_disk_full(error: OSError | GitError) -> bool:
    """Return whether the operator's disk has no room left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, GitFailedError) and bool(_NO_SPACE.search(own_lines(error)))


def unstored(error: OSError | GitError, address: GitAddress) -> Waiting:
    """Return that the operator's own folder failed."""
    return fetch_failed(
        address,
        DISK_FULL
        if is_disk_full(error)
        else "the operator cannot use its folder for mirrors. An administrator must look at its "
        "volume for /tmp.",
    )


def fetch_failed(address: GitAddress, why: str) -> Waiting:
    """Return ``FETCH_FAILED`` for ``address`` with the sentence ``why``."""
    return Waiting(Reason.FETCH_FAILED, f"Could not read {address.url}: {why}")


def own_lines(failure: GitFailedError) -> str:
    """Return what git itself said, the fatal first, without its repeating of the server."""
    found = [_OWN_LINE.match(line) for line in failure.stderr.splitlines()]
    said = [each.groups() for each in found if each]
    return "\n".join(text for kind in ("fatal", "error") for which, text in said if which == kind)


def _http_failure(failure: GitFailedError, remote: GitRemote) -> Waiting:
    address = remote.address
    # The URL goes out first: it may hold any word.
    lines = own_lines(failure).replace(address.url, "…")
    if remote.proxy and (said := _PROXY_SAID.search(lines)):
        return _proxy_refused(said[1] or said[2], remote)
    if _UNAUTHENTICATED.search(lines):
        return _unauthenticated(remote)
    if _FORBIDDEN.search(lines):
        return _forbidden(remote)
    return fetch_failed(address, _http_why(lines, remote) or _unknown(lines, remote))


def _http_why(lines: str, remote: GitRemote) -> str:
    why = http_cause(lines)
    if why is TLS and (since := expired_since(remote.credentials.ca)):
        return (
            "TLS failed: the authority in the key ca.crt of Secret "
            f'"{remote.credentials.secret_name}" (spec.source.git.secretRef) has expired on '
            f"{since}. Put the one there that the server's certificate is signed with now."
        )
    if remote.proxy and _says_unreached(lines):
        return (
            f'the proxy of Secret "{remote.proxy.secret_name}" (spec.source.git.proxySecretRef) '
            "accepts no connections. Check its key address, and that network policies let the "
            "operator reach it."
        )
    return why


def _proxy_refused(code: str, remote: GitRemote) -> Waiting:
    name = remote.proxy.secret_name if remote.proxy else ""
    where = f'of Secret "{name}" (spec.source.git.proxySecretRef)'
    if code == _PROXY_REFUSES:
        return Waiting(
            Reason.AUTHENTICATION_FAILED,
            f"The proxy {where} does not accept its keys username and password. Correct them.",
        )
    return fetch_failed(
        remote.address,
        f"the proxy {where} refuses to connect to it (HTTP {code}). Check the URL, and ask whoever "
        "runs the proxy to allow it.",
    )


def _ssh_failure(failure: GitFailedError, remote: GitRemote) -> Waiting:
    address, credentials = remote.address, remote.credentials
    lines = failure.stderr.replace(address.url, "…")
    if _KEY_REFUSED.search(lines) and not _KEY_BROKEN.search(lines):
        opened = ", and that its key password opens the identity" if credentials.passphrase else ""
        return Waiting(
            Reason.AUTHENTICATION_FAILED,
            f'{address.url} refused the key identity of Secret "{credentials.secret_name}" for '
            f'user "{address.user}". Check that its public key is known there and may read the '
            f"repository{opened}.",
        )
    return fetch_failed(address, ssh_cause(lines) or _unknown(own_lines(failure), remote))


def _unauthenticated(remote: GitRemote) -> Waiting:
    credentials = remote.credentials
    if credentials.kind:
        why = (
            f'refused the {credentials.kind} of Secret "{credentials.secret_name}". Check that '
            "they are right, not expired, and may read the repository."
        )
    else:
        why = (
            "asks for credentials. Put username and password, or bearerToken, into a Secret and "
            "name it in spec.source.git.secretRef."
        )
    return Waiting(Reason.AUTHENTICATION_FAILED, f"{remote.address.url} {why}")


def _forbidden(remote: GitRemote) -> Waiting:
    credentials = remote.credentials
    who = (
        f'the {credentials.kind} of Secret "{credentials.secret_name}"'
        if credentials.kind
        else "a reader without credentials (spec.source.git.secretRef)"
    )
    return Waiting(
        Reason.AUTHENTICATION_FAILED,
        f"{remote.address.url} denies access to {who} (HTTP 403). Give them the right to read the "
        "repository, and check that the server lets in the operator's network address.",
    )


def _unknown(lines: str, remote: GitRemote) -> str:
    said = next(iter(lines.splitlines()), "") or "nothing"
    for secret in (*remote.credentials.secrets, *(remote.proxy.secrets if remote.proxy else ())):
        said = said.replace(secret, "***")
    shown = "".join(c for c in said if c.isprintable())[:_SHOWN_CHARACTERS]
    return f"Git said: {shown}. Try `git ls-remote` with this URL from inside the cluster."
