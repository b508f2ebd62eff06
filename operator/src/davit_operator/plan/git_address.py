"""Which Git URLs are contacted; what of a URL may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote

from davit_operator.plan.git_endpoint import (
    Endpoint,
    HostPolicy,
    check_addresses,
    endpoint_of,
    given_port,
    printable,
    refused,
    split_url,
)

__all__ = ["GitAddress", "HostPolicy", "check_addresses", "git_address", "printable"]

FIELD: Final = "spec.source.git.url"
DEFAULT_PORTS: Final = {"https": 443, "http": 80, "ssh": 22}
_SECRET_FIELD = "spec.source.git.secretRef"  # noqa: S105 (a field's name, not a secret)
# As Flux has it: who asks when the URL does not say.
_DEFAULT_USER: Final = "git"
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
# What Git takes for ssh: user@host:path, or host.example.com:path.
_SCP_LIKE = re.compile(r"[^-/:@][^/:@]*(@[^/:]+|\.[^/:@]+):(?!:|//)")
# What stays itself between Git, ssh and the shell of the server.
_SSH_PATH = re.compile(r"[A-Za-z0-9/._~+@=,: -]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAddress(Endpoint):
    """A URL that was checked; only ``git_address`` makes one.

    ``url`` has no password, query, fragment, control character or leading ``-``. ``user`` is the
    account of an ssh URL; empty for the others, which hold none.
    """

    url: str
    user: str = ""

    @property
    def is_ssh(self) -> bool:
        """Return whether ssh is spoken, not HTTP."""
        return self.scheme == "ssh"


def git_address(url: str, policy: HostPolicy) -> GitAddress:
    """Return ``url`` as an address that may be contacted.

    Raises:
        Stalled: ``URL_REFUSED``, with what is wrong and what to do.
    """
    parts = split_url(FIELD, url)
    _check_scheme(url, parts.scheme, policy)
    user = _user(parts)
    _check_parts(url, parts)
    if parts.scheme == "ssh":
        _check_ssh_path(parts.path)
    found = endpoint_of(FIELD, parts, DEFAULT_PORTS[parts.scheme], policy)
    port = given_port(FIELD, parts)
    account, place = f"{user}@" if user else "", f":{port}" if port else ""
    return GitAddress(
        field=FIELD,
        url=f"{parts.scheme}://{account}{found.bracketed_host}{place}{parts.path}",
        scheme=found.scheme,
        user=user,
        host=found.host,
        port=found.port,
        is_name=found.is_name,
        is_allowed=found.is_allowed,
    )


def _check_scheme(url: str, scheme: str, policy: HostPolicy) -> None:
    if scheme in {"https", "ssh"} or (scheme == "http" and policy.allow_http):
        return
    if scheme == "http":
        raise refused(
            FIELD,
            "http is refused, as anybody on the way could change the code. Use https, or ask an "
            "administrator to allow http in the operator's settings.",
        )
    if scheme in {"git+ssh", "ssh+git"} or _SCP_LIKE.match(url):
        raise refused(
            FIELD,
            "this short form of ssh is refused, as it is easily mistaken for a local path. Write "
            "user@host:path as ssh://user@host/path.",
        )
    raise refused(
        FIELD,
        f'only https and ssh are spoken, and "{printable(url)}" is something else. Write the URL '
        "as https://host/path or ssh://user@host/path.",
    )


def _user(parts: SplitResult) -> str:
    """Return the account of an ssh URL."""
    if parts.scheme == "ssh" and parts.password is None:
        user = _DEFAULT_USER if parts.username is None else parts.username
        if parts.netloc.count("@") > 1 or not _USER.fullmatch(user):
            raise refused(
                FIELD,
                "the user may have letters, digits and . _ - only. Write the URL as "
                "ssh://user@host/path.",
            )
        return user
    if "@" in parts.netloc:
        keys = "identity and known_hosts" if parts.scheme == "ssh" else "username and password"
        raise refused(
            FIELD,
            "credentials do not belong into the URL, where everybody reads them. Put "
            f"{keys} into a Secret and name it in {_SECRET_FIELD}.",
        )
    return ""


def _check_parts(url: str, parts: SplitResult) -> None:
    if "?" in url or "#" in url:
        raise refused(
            FIELD,
            "a query or fragment (? or #) is refused: Git cannot use it, and it may hold a token. "
            f"Remove it; credentials belong into the Secret named by {_SECRET_FIELD}.",
        )
    if not parts.path.strip("/"):
        raise refused(
            FIELD,
            f'"{printable(url)}" names a server but no repository. Write '
            f"{parts.scheme}://host/path.",
        )


def _check_ssh_path(path: str) -> None:
    # Git decodes the whole of an ssh URL before it looks for the host in it.
    decoded = unquote(path)
    if "@[" in decoded or not _SSH_PATH.fullmatch(decoded):
        raise refused(
            FIELD,
            "the path of an ssh URL may have letters, digits, spaces (as %20) and / . _ ~ + @ = , "
            ": - only. Rename the repository, or use its https URL.",
        )
