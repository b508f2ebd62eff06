"""Which HTTP proxy a Git server may be reached through.

The operator connects to the proxy, whose addresses are checked and pinned as a Git server's are.
The proxy itself looks up the Git server's name, so that the addresses behind that name are the
proxy's to allow; the name itself is checked as always.
"""

from __future__ import annotations

from typing import Final

from davit_operator.plan.git_endpoint import (
    Endpoint,
    HostPolicy,
    endpoint_of,
    printable,
    refused,
    split_url,
)

# As Flux has them; libcurl's own for http would be 1080.
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def git_proxy_address(field: str, address: str, policy: HostPolicy) -> Endpoint:
    """Return the proxy that ``address`` names; ``field`` begins the message of a refusal.

    Raises:
        Stalled: ``URL_REFUSED``, with what is wrong and what to do.
    """
    parts = split_url(field, address)
    if parts.scheme not in _DEFAULT_PORTS:
        raise refused(
            field,
            f'"{printable(address)}" is no HTTP proxy. Write its address as http://host:port.',
        )
    if "@" in parts.netloc:
        raise refused(
            field,
            "username and password have keys of their own in the Secret. Remove them from the "
            "address.",
        )
    if parts.path.strip("/") or "?" in address or "#" in address:
        raise refused(field, "a proxy has no path. Write its address as http://host:port.")
    return endpoint_of(field, parts, _DEFAULT_PORTS[parts.scheme], policy)
