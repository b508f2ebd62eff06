"""Addresses that no tenant's URL may lead the operator to.

The operator stands inside the cluster's network: a URL that it follows reaches what the author of
the JobRepository may not reach. Private ranges stay open, as that is where company Git servers are.
"""

from __future__ import annotations

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA_NAMES: Final = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.azure.internal",
        "metadata.tencentyun.com",
        "metadata.platformequinix.com",
        "instance-data",
        "instance-data.ec2.internal",
        "rancher-metadata",
    }
)
# Those that are neither link-local nor otherwise refused as a range.
_METADATA_ADDRESSES: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Google, Azure, Oracle, OpenStack, DigitalOcean
        "169.254.170.2",  # AWS ECS tasks
        "169.254.170.23",  # AWS EKS pod identity
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",  # AWS EKS pod identity
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's wire server
        "192.0.0.192",  # Oracle
    )
)
_UNSPECIFIED: Final = ipaddress.ip_network("0.0.0.0/8")
# Prefixes whose last 32 bits are an IPv4 address that a gateway would contact.
_NAT64: Final = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "::/96"))


def is_metadata_host(host: str) -> bool:
    """Return whether ``host`` is the name of a cloud's metadata service."""
    return host in _METADATA_NAMES


def refusal(address: Address) -> str:
    """Return what ``address`` is, for a message, when it is refused; else the empty string."""
    for form in (address, *_embedded(address)):
        kind = _kind(form)
        if kind:
            return kind
    return ""


def _kind(address: Address) -> str:
    is_version_4 = isinstance(address, ipaddress.IPv4Address)
    kinds = (
        (address in _METADATA_ADDRESSES, "a cloud's metadata service"),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        # Linux takes all of 0.0.0.0/8 for itself or for nothing.
        (
            address.is_unspecified or (is_version_4 and address in _UNSPECIFIED),
            "the unspecified address",
        ),
        (address.is_multicast, "a multicast address"),
        # Of IPv4 only: IPv6 counts the embeddings below among the reserved ones.
        (is_version_4 and address.is_reserved, "a reserved address"),
    )
    return next((kind for holds, kind in kinds if holds), "")


def _embedded(address: Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that a packet to ``address`` may end at."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour]
    if address.teredo:
        found.extend(address.teredo)
    if any(address in network for network in _NAT64):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]
