"""Which hosts a tenant's URL may lead the operator to."""

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

# Printable ASCII without what RFC 3986 never allows in a URL.
_URL = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_MAX_NAME: Final = 253
# As the CRD has it.
_MAX_URL: Final = 2048
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
class Endpoint:
    """A host and port that were checked.

    ``host`` is in lower case, without brackets or trailing dot. ``is_name``: it must be resolved,
    and what it resolves to must pass ``check_addresses``.
    """

    # What a message begins with: the field that named it.
    field: str
    scheme: str
    host: str
    port: int
    is_name: bool
    # The operator's settings name the host: its addresses are not checked.
    is_allowed: bool

    @property
    def bracketed_host(self) -> str:
        """Return the host as a URL holds it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def origin(self) -> str:
        """Return ``scheme://host:port/``, what credentials are bound to."""
        return f"{self.scheme}://{self.bracketed_host}:{self.port}/"


def check_addresses(endpoint: Endpoint, resolved: Iterable[str]) -> None:
    """Refuse ``endpoint`` when one of the addresses that its host resolves to is not allowed.

    One is enough: whoever owns the name could give the good one to us and the bad one to libcurl.

    Raises:
        Stalled: ``URL_REFUSED``.
    """
    if endpoint.is_allowed:
        return
    for text in resolved:
        kind = refusal(ipaddress.ip_address(text))
        if kind:
            raise refused(
                endpoint.field,
                f'host "{endpoint.host}" resolves to {text}, {kind}, which is not contacted. Use a '
                "host with a public or private address, or ask an administrator to add it to the "
                "operator's allowed Git hosts.",
            )


def refused(field: str, why: str) -> Stalled:
    """Return ``URL_REFUSED`` for what stands in ``field``."""
    return Stalled(Reason.URL_REFUSED, f"{field}: {why}")


def split_url(field: str, url: str) -> SplitResult:
    """Return the parts of ``url``, which is printable ASCII without spaces.

    Raises:
        Stalled: ``URL_REFUSED``.
    """
    if len(url) > _MAX_URL:
        raise refused(field, f"a URL may have {_MAX_URL:,} characters at most. Shorten it.")
    if not _URL.fullmatch(url):
        raise refused(
            field,
            "only printable ASCII without spaces, quotes and backslashes may stand in a URL. Write "
            "international host names in their xn-- form and other characters as %XX.",
        )
    try:
        return urlsplit(url)
    except ValueError as error:
        raise refused(
            field, f'"{printable(url)}" is not a URL. Write it as https://host/path.'
        ) from error


def endpoint_of(field: str, parts: SplitResult, default_port: int, policy: HostPolicy) -> Endpoint:
    """Return the host and port of ``parts``.

    Raises:
        Stalled: ``URL_REFUSED``: it is no host, or none that is contacted.
    """
    # A trailing dot would make libcurl look past the addresses that were pinned for the name.
    host = (parts.hostname or "").removesuffix(".")
    endpoint = Endpoint(
        field=field,
        scheme=parts.scheme,
        host=host,
        port=given_port(field, parts) or default_port,
        is_name=_is_name(field, host),
        is_allowed=host in policy.allowed_hosts,
    )
    _check_host(endpoint)
    return endpoint


def given_port(field: str, parts: SplitResult) -> int | None:
    """Return the port that the URL names, if it does.

    Raises:
        Stalled: ``URL_REFUSED``.
    """
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise refused(
            field, "the port must be a number from 1 to 65535. Correct it or leave it out."
        )
    return port


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


def _is_name(field: str, host: str) -> bool:
    """Return whether ``host`` must be resolved; refuse what is neither a name nor an address."""
    if ":" in host:
        # A zone ("%eth0") only makes sense for link-local addresses, which are refused anyway.
        if "%" not in host and _ip(host):
            return False
    elif _NUMBER.fullmatch(host.rpartition(".")[2]):
        if _ip(host):
            return False
    elif len(host) <= _MAX_NAME and _DNS_NAME.fullmatch(host):
        return True
    raise refused(
        field,
        f'"{host[:_MAX_NAME]}" is no host. Write a DNS name, an IPv4 address as four decimal '
        "numbers, or an IPv6 address in brackets.",
    )


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _check_host(endpoint: Endpoint) -> None:
    if endpoint.is_allowed:
        return
    kind = "a cloud's metadata service" if is_metadata_host(endpoint.host) else ""
    if not endpoint.is_name:
        kind = refusal(ipaddress.ip_address(endpoint.host))
    elif endpoint.host == "localhost" or endpoint.host.endswith(".localhost"):
        kind = "the operator's own pod"
    if kind:
        raise refused(
            endpoint.field,
            f'host "{endpoint.host}" is {kind}, which is not contacted. Use another host, or ask '
            "an administrator to add it to the operator's allowed Git hosts.",
        )
