"""What the words of git, libcurl and OpenSSH mean to the owner of a JobRepository.

Git is told to speak English (``LC_ALL=C.UTF-8``). The first pattern that is found wins.
"""

from __future__ import annotations

import re
from typing import Final

_URL: Final = "spec.source.git.url"
_SECRET: Final = "the Secret named by spec.source.git.secretRef"  # noqa: S105 (its place)
TLS: Final = (
    "TLS failed: the server's certificate is not trusted, has expired, or names another host. Put "
    f"the certificates of its authority into the key ca.crt of {_SECRET}, or fix the server's "
    "certificate."
)
BROKE_OFF: Final = (
    "the connection broke off. It is tried again; look at the server and its proxies."
)
DISK_FULL: Final = (
    "the operator's disk is full. Its mirrors were emptied, and it is tried again; when that "
    "happens often, an administrator must enlarge the operator's volume for /tmp."
)
_UNREACHED: Final = (
    r"failed to connect|couldn't connect|connection refused|no route to host|network is unreachable"
    r"|connect to (host|address) .* timed out|connection timed out"
)

_CAUSES: Final = (
    (
        r"recv error|SSL_read|empty reply|connection (was )?reset|early eof|hung up|disconnect"
        r"|transfer closed|unexpected eof|bytes remaining",
        BROKE_OFF,
    ),
    (r"no space left|disk quota exceeded", DISK_FULL),
    (r"certificate|\bSSL\b|gnutls|\bTLS\b|CAfile", TLS),
    (
        r"returned error: 3\d\d|redirect",
        "it answers with a redirect, and redirects are not followed, as they could lead "
        f"credentials elsewhere. Write the final URL (often with .git at its end) into {_URL}.",
    ),
    (
        r"returned error: 429",
        "the server says that it is asked too often (HTTP 429). Raise spec.interval, or ask the "
        "server's administrator for a higher limit; it is asked again, ever less often.",
    ),
    (
        r"not found|returned error: 404",
        "the server knows no such repository, or hides it from these credentials. Check "
        f"{_URL} and {_SECRET}.",
    ),
    (
        _UNREACHED,
        f"nothing accepts connections there. Check the host and port of {_URL}, and that network "
        "policies let the operator reach it.",
    ),
    (r"could(n't| not) resolve", f"its host name has no address. Check {_URL}."),
    (
        r"is this a git repository|not valid|unexpected .*content-type",
        f"what answers is no Git server. Check the path of {_URL}.",
    ),
    (
        r"returned error: 5\d\d",
        "the server is out of order or overloaded. It is asked again; look at the server.",
    ),
    (
        r"out of memory|malloc failed|cannot allocate",
        "it sends more than the operator can hold in memory. Look at what the server sends.",
    ),
)
_SSH_CAUSES: Final = (
    (
        r"host key .*has changed|identification has changed|was revoked",
        "the server showed another host key than the ones in the key known_hosts of "
        f"{_SECRET}. Somebody may stand between, or the server got a new key: ask whoever runs it, "
        "and put the new key there only when they confirm it.",
    ),
    (
        r"host key is known for|host key verification failed|no matching host key",
        f"the server's host key is not in the key known_hosts of {_SECRET}. Add the line that "
        "`ssh-keyscan HOST` prints (with another port than 22: `ssh-keyscan -p PORT HOST`), once "
        "whoever runs the server confirms its fingerprint.",
    ),
    (
        r"load key ",
        f"OpenSSH cannot read the key identity of {_SECRET}. Put the private key there as "
        "`ssh-keygen` wrote it.",
    ),
    (
        r"no user exists for uid",
        "OpenSSH needs an entry in /etc/passwd for the operator's user. An administrator must run "
        "the operator as the user of its image, 65532.",
    ),
    (
        r"unable to negotiate|no matching",
        "the server and OpenSSH have no way of encrypting in common. An administrator of the "
        "server must enable a present-day one.",
    ),
    (
        r"ssh: connect to|" + _UNREACHED,
        f"nothing accepts connections there. Check the host and port of {_URL}, and that network "
        "policies let the operator reach it.",
    ),
    (
        r"does not appear to be a git repository|repository not found|not found|no such project",
        "the server knows no such repository, or hides it from this key. Check the path of "
        f"{_URL} and {_SECRET}.",
    ),
    (r"no space left on device|disk quota exceeded", DISK_FULL),
    (
        r"connection (closed|reset)|closed by|timed out|broken pipe|hung up|early eof"
        r"|kex_exchange_identification|banner exchange|unexpected disconnect",
        BROKE_OFF,
    ),
)
_UNREACHED_PATTERN = re.compile(_UNREACHED + "|ssh: connect to", re.IGNORECASE)


def _compiled(causes: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), why) for pattern, why in causes)


_HTTP_TABLE: Final = _compiled(_CAUSES)
_SSH_TABLE: Final = _compiled(_SSH_CAUSES)


def http_cause(lines: str) -> str:
    """Return what ``lines``, git's own, mean; the empty string where that is not known."""
    return next((why for pattern, why in _HTTP_TABLE if pattern.search(lines)), "")


def ssh_cause(lines: str) -> str:
    """Return what ``lines``, git's and OpenSSH's, mean; empty where that is not known."""
    return next((why for pattern, why in _SSH_TABLE if pattern.search(lines)), "")


def is_unreached(lines: str) -> bool:
    """Return whether no connection came about."""
    return bool(_UNREACHED_PATTERN.search(lines))
