"""Which Git URLs and hosts are contacted, and what of a URL may be shown."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.plan.git_hosts import is_metadata_host, refusal

FIELD: Final = "spec.source.git.url"
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_SECRET_FIELD = "spec.source.git.secretRef"  # noqa: S105 (a field's name, not a secret)
# Printable ASCII without what RFC 3986 never allows in a URL.
_URL = re.compile(r"[!#-;=?-\[\]_a-z~]+")
# What Git takes for ssh: user@host:path, or host.example.com:path.
_SCP_LIKE = re.compile(r"[^-/:@][^/:@]*(@[^/:]+|\.[^/:@]+):(?!:|//)")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
# Where the last label is a number, libcurl and the resolver read an IPv4 address: 127.1, 0x7f.1.
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPolicy:
    """Which hosts the operator's settings let through beside the public and private ones."""

    # Plain http, too: everybody on the way reads credentials and changes code.
    allow_http: bool = False
    # Host names or addresses, lower case, that are not checked further.
    allowed_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAddress:
    """A URL that was checked; only ``git_address`` makes one.

    ``url`` has no userinfo, query, fragment, control character or leading ``-``. ``host`` is in
    lower case, without brackets or trailing dot. ``is_name``: it must be resolved, and what it
    resolves to must pass ``check_addresses``.
    """

    url: str
    scheme: str
    host: str
    port: int
    is_name: bool
    # The operator's settings name the host: its addresses are not checked.
    is_allowed: bool

    @property
    def origin(self) -> str:
        """Return ``scheme://host:port/``, what credentials are bound to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/"


def git_address(url: str, policy: HostPolicy) -> GitAddress:
    """Return ``url`` as an address that may be contacted.

    Raises:
        Stalled: ``URL_REFUSED``, with what is wrong and what to do.
    """
    parts = _split(url)
    _check_scheme(url, parts.scheme, policy)
    _check_parts(url, parts)
    # A trailing dot would make libcurl look past the addresses that were pinned for the name.
    host = (parts.hostname or "").removesuffix(".")
    is_name = _is_name(host)
    port = _port(parts)
    authority = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    address = GitAddress(
        url=f"{parts.scheme}://{authority}{parts.path}",
        scheme=parts.scheme,
        host=host,
        port=port or DEFAULT_PORTS[parts.scheme],
        is_name=is_name,
        is_allowed=host in policy.allowed_hosts,
    )
    _check_host(address)
    return address


def check_addresses(address: GitAddress, resolved: Iterable[str]) -> None:
    """Refuse ``address`` when one of the addresses that its host resolves to is not allowed.

    One is enough: whoever owns the name could give the good one to us and the bad one to libcurl.

    Raises:
        Stalled: ``URL_REFUSED``.
    """
    if address.is_allowed:
        return
    for text in resolved:
        kind = refusal(ipaddress.ip_address(text))
        if kind:
            raise _refused(
                f'host "{address.host}" resolves to {text}, {kind}, which is not contacted. Use a '
                "host with a public or private address, or ask an administrator to add it to the "
                "operator's allowed Git hosts."
            )


def printable(url: str) -> str:
    """Return ``url`` for messages: without userinfo, query, fragment and control characters.

    Where a later ``@`` leaves open what is a password (``https://a:b/c@host``), no more than the
    scheme is shown.
    """
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in rest[len(authority) :]:
        rest = "…"
    else:
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        rest = rest[authority.rfind("@") + 1 :]
    shown = f"{scheme}{separator}{rest}"
    return "".join(c if c.isprintable() else "?" for c in shown)[:512]


def _refused(why: str) -> Stalled:
    return Stalled(Reason.URL_REFUSED, f"{FIELD}: {why}")


def _split(url: str) -> SplitResult:
    if not _URL.fullmatch(url):
        raise _refused(
            "only printable ASCII without spaces, quotes and backslashes may stand in a URL. Write "
            "international host names in their xn-- form and other characters as %XX."
        )
    try:
        return urlsplit(url)
    except ValueError as error:
        raise _refused(
            f'"{printable(url)}" is not a URL. Write it as https://host/path.'
        ) from error


def _check_scheme(url: str, scheme: str, policy: HostPolicy) -> None:
    if scheme == "https" or (scheme == "http" and policy.allow_http):
        return
    if scheme == "http":
        raise _refused(
            "http is refused, as anybody on the way could change the code. Use https, or ask an "
            "administrator to allow http in the operator's settings."
        )
    if scheme in {"ssh", "git+ssh", "ssh+git"} or _SCP_LIKE.match(url):
        raise _refused(
            "ssh is not supported yet. Use the repository's https URL, and a Secret named by "
            f"{_SECRET_FIELD} when it is private."
        )
    raise _refused(
        f'only https is spoken, and "{printable(url)}" is something else. Write the URL as '
        "https://host/path."
    )


def _check_parts(url: str, parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise _refused(
            "credentials do not belong into the URL, where everybody reads them. Put username and "
            f"password into a Secret and name it in {_SECRET_FIELD}."
        )
    if "?" in url or "#" in url:
        raise _refused(
            "a query or fragment (? or #) is refused: Git cannot use it, and it may hold a token. "
            f"Remove it; credentials belong into the Secret named by {_SECRET_FIELD}."
        )
    if not parts.path.strip("/"):
        raise _refused(
            f'"{printable(url)}" names a server but no repository. Write https://host/path.'
        )


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise _refused("the port must be a number from 1 to 65535. Correct it or leave it out.")
    return port


def _is_name(host: str) -> bool:
    """Return whether ``host`` must be resolved; refuse what is neither a name nor an address."""
    if ":" in host:
        # A zone ("%eth0") only makes sense for link-local addresses, which are refused anyway.
        if "%" not in host and _ip(host):
            return False
    elif _NUMBER.fullmatch(host.rpartition(".")[2]):
        if _ip(host):
            return False
    elif len(host) <= 253 and _DNS_NAME.fullmatch(host):  # noqa: PLR2004 (RFC 1035's limit)
        return True
    raise _refused(
        f'"{host}" is no host. Write a DNS name, an IPv4 address as four decimal numbers, or an '
        "IPv6 address in brackets."
    )


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _check_host(address: GitAddress) -> None:
    if address.is_allowed:
        return
    kind = "a cloud's metadata service" if is_metadata_host(address.host) else ""
    if not address.is_name:
        kind = refusal(ipaddress.ip_address(address.host))
    elif address.host == "localhost" or address.host.endswith(".localhost"):
        kind = "the operator's own pod"
    if kind:
        raise _refused(
            f'host "{address.host}" is {kind}, which is not contacted. Use another host, or ask an '
            "administrator to add it to the operator's allowed Git hosts."
        )
