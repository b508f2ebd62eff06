"""What Git's failures mean, in a user's words.

Git is told to speak English (``LC_ALL=C.UTF-8``); the first pattern that is found in its own lines
(``fatal:``, ``error:``) wins. What the server says (``remote:``) is not believed.
"""

from __future__ import annotations

import re
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git_credentials import GitCredentials
from davit_operator.effects.git_process import (
    GitError,
    GitFailedError,
    GitOutputError,
    GitTimeoutError,
)
from davit_operator.effects.git_remote import GitRemote
from davit_operator.plan.git_address import GitAddress

_SHOWN_CHARACTERS: Final = 200
_OWN_LINE = re.compile(r"(fatal|error): (.*)")
_TLS = (
    "TLS failed: the server's certificate is not trusted, has expired, or names another host. Put "
    "the certificates of its authority into the key ca.crt of the Secret named by "
    "spec.source.git.secretRef, or fix the server's certificate."
)
_CAUSES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (
            r"recv error|SSL_read|empty reply|connection (was )?reset|early eof|hung up|disconnect",
            "the connection broke off. It is tried again; look at the server and its proxies.",
        ),
        (r"certificate|\bSSL\b|gnutls|\bTLS\b|CAfile", _TLS),
        (
            r"returned error: 3\d\d|redirect",
            "it answers with a redirect, and redirects are not followed, as they could lead "
            "credentials elsewhere. Write the final URL (often with .git at its end) into "
            "spec.source.git.url.",
        ),
        (
            r"not found|returned error: 404",
            "the server knows no such repository, or hides it from these credentials. Check "
            "spec.source.git.url and the Secret named by spec.source.git.secretRef.",
        ),
        (
            r"failed to connect|couldn't connect|connection refused|no route to host",
            "nothing accepts connections there. Check the host and port of spec.source.git.url, "
            "and that network policies let the operator reach it.",
        ),
        (
            r"could(n't| not) resolve",
            "its host name has no address. Check spec.source.git.url.",
        ),
        (
            r"is this a git repository|not valid|unexpected .*content-type",
            "what answers is no Git server. Check the path of spec.source.git.url.",
        ),
        (
            r"returned error: 5\d\d|returned error: 429",
            "the server is out of order or overloaded. It is asked again; look at the server.",
        ),
        (
            r"no space left",
            "the operator's disk is full. An administrator must enlarge its state volume.",
        ),
    )
)
_UNAUTHENTICATED = re.compile(
    r"authentication failed|could not read (username|password)|returned error: 40[13]",
    re.IGNORECASE,
)


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
    # The URL goes out first: it may hold any word.
    lines = own_lines(error).replace(address.url, "…")
    if _UNAUTHENTICATED.search(lines):
        return _unauthenticated(address, remote.credentials)
    why = next((why for pattern, why in _CAUSES if pattern.search(lines)), "")
    return fetch_failed(address, why or _unknown(lines, remote.credentials))


def too_large(address: GitAddress) -> Stalled:
    """Return that a commit of ``address`` exceeds what one download may bring."""
    return Stalled(
        Reason.ARTIFACT_REFUSED,
        f"The commit of {address.url} is larger than the operator downloads. Move what jobs do not "
        "need to another repository, or ask an administrator to raise the limit.",
    )


def fetch_failed(address: GitAddress, why: str) -> Waiting:
    """Return ``FETCH_FAILED`` for ``address`` with the sentence ``why``."""
    return Waiting(Reason.FETCH_FAILED, f"Could not read {address.url}: {why}")


def own_lines(failure: GitFailedError) -> str:
    """Return what git itself said, the fatal first, without its repeating of the server."""
    found = [_OWN_LINE.match(line) for line in failure.stderr.splitlines()]
    said = [each.groups() for each in found if each]
    return "\n".join(text for kind in ("fatal", "error") for which, text in said if which == kind)


def _unauthenticated(address: GitAddress, credentials: GitCredentials) -> Waiting:
    if credentials.password:
        why = (
            f'refused the username and password of Secret "{credentials.secret_name}". Check that '
            "they are right, not expired, and may read the repository."
        )
    else:
        why = (
            "asks for credentials. Put username and password into a Secret and name it in "
            "spec.source.git.secretRef."
        )
    return Waiting(Reason.AUTHENTICATION_FAILED, f"{address.url} {why}")


def _unknown(lines: str, credentials: GitCredentials) -> str:
    said = next(iter(lines.splitlines()), "") or "nothing"
    for secret in credentials.secrets:
        said = said.replace(secret, "***")
    shown = "".join(c for c in said if c.isprintable())[:_SHOWN_CHARACTERS]
    return f"Git said: {shown}. Try `git ls-remote` with this URL from inside the cluster."
