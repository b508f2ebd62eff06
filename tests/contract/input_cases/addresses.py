"""Cases of the variables of IP addresses; ``nautobot.apps.jobs`` gives netaddr's object instead."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import Final

from tests.contract.input_cases.case import (
    NOT_GIVEN,
    REQUIRED,
    InputCase,
    cases_of,
    only_python,
    only_the_pod,
    ours,
)

_V4: Final = "192.0.2.1"
_V6: Final = "2001:db8::1"
_ZEROS: Final = "0.0.0.0"  # noqa: S104 (nothing is bound to it)
_NOT_VALID: Final = "Please specify a valid IPv4 or IPv6 address."
_MASK: Final = "CIDR mask (e.g. /24) is required."
_address, _bad_address = cases_of("IPAddressVar")
_masked, _bad_masked = cases_of("IPAddressWithMaskVar")
_network, _bad_network = cases_of("IPNetworkVar")


def _format(value: object) -> str:
    return f"Invalid IPv4/IPv6 address format: {value}"


def _host(given: str, network: str) -> str:
    return f"{given} is not a valid prefix. Did you mean {network}?"


def _least(bits: int) -> str:
    return f"The prefix length must be greater than or equal to {bits}."


def _most(bits: int) -> str:
    return f"The prefix length must be less than or equal to {bits}."


_ADDRESSES: Final = [
    _address("typical", "of version 4", _V4, ip_address(_V4)),
    _address("typical", "of version 6", _V6, ip_address(_V6)),
    _address("edge", "of version 6, spelled out", "2001:DB8:0::1", ip_address(_V6)),
    _address("edge", "the address of all zeros", _ZEROS, ip_address(_ZEROS)),
    _address("edge", "no address but its colons", "::", ip_address("::")),
    _bad_address("wrong", "an address cut short", "1.2.3", _format("1.2.3")),
    _bad_address("wrong", "a network", "192.0.2.0/24", _format("192.0.2.0/24")),
    _bad_address("wrong", "leading zeros", "192.0.2.01", _format("192.0.2.01")),
    _bad_address("wrong", "blanks around it", " 192.0.2.1", _format(" 192.0.2.1")),
    _bad_address("wrong", "a number too large", "192.0.2.256", _format("192.0.2.256")),
    _bad_address("wrong", "a name", "switch-1", _format("switch-1")),
    _bad_address("wrong", "a list", [_V4], _format([_V4])),
    # Nautobot counts up from 0.0.0.0.
    ours(_bad_address("wrong", "true", True, _format(value=True))),
    ours(_bad_address("wrong", "a number", 5, _format(5))),
    _bad_address("wrong", "a zone", "fe80::1%eth0", _NOT_VALID),
    _bad_address("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_address("empty", "it may not be empty", "", REQUIRED),
    _bad_address("empty", "it may not be null", None, REQUIRED),
    _bad_address("empty", "zero counts as empty", 0, REQUIRED),
    _address("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _address("empty", "empty where optional", "", None, required=False),
    _address("missing", "a default is taken", NOT_GIVEN, ip_address(_V4), default=_V4),
    _address("missing", "a default object", NOT_GIVEN, ip_address(_V4), default=ip_address(_V4)),
    only_the_pod(
        _bad_address("missing", "a default that is none", NOT_GIVEN, _format("x"), default="x")
    ),
    only_python(_address("edge", "an object", ip_address(_V6), ip_address(_V6))),
]
_MASKED: Final = [
    _masked("typical", "of version 4", "192.0.2.1/24", ip_interface("192.0.2.1/24")),
    _masked("typical", "of version 6", "2001:db8::1/64", ip_interface("2001:db8::1/64")),
    _masked("edge", "a dotted mask", "192.0.2.1/255.255.255.0", ip_interface("192.0.2.1/24")),
    _masked("edge", "a mask of hosts", "192.0.2.1/0.0.0.255", ip_interface("192.0.2.1/24")),
    _masked("edge", "a single host", "192.0.2.1/32", ip_interface("192.0.2.1/32")),
    _masked("edge", "every host", "192.0.2.1/0", ip_interface("192.0.2.1/0")),
    _bad_masked("wrong", "no mask", _V4, _MASK),
    _bad_masked("wrong", "two masks", "192.0.2.1/24/24", _MASK),
    # Nautobot fails with an AttributeError.
    ours(_bad_masked("wrong", "a number", 5, _MASK)),
    _bad_masked("wrong", "a mask too long", "192.0.2.1/33", _NOT_VALID),
    _bad_masked("wrong", "a mask with holes", "192.0.2.1/255.0.255.0", _NOT_VALID),
    _bad_masked("wrong", "an address cut short", "192.0.2/24", _NOT_VALID),
    _bad_masked("wrong", "half of it", "192.0.2.1/", _NOT_VALID),
    _bad_masked("wrong", "a zone", "fe80::1%eth0/64", _NOT_VALID),
    _bad_masked("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_masked("empty", "it may not be empty", "", REQUIRED),
    _masked("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _masked("empty", "null where optional", None, None, required=False),
    _masked("missing", "a default", NOT_GIVEN, ip_interface("10.0.0.1/8"), default="10.0.0.1/8"),
]
_NETWORKS: Final = [
    _network("typical", "of version 4", "192.0.2.0/24", ip_network("192.0.2.0/24")),
    _network("typical", "of version 6", "2001:db8::/32", ip_network("2001:db8::/32")),
    _network("edge", "a dotted mask", "10.0.0.0/255.0.0.0", ip_network("10.0.0.0/8")),
    _network("edge", "all of them", "0.0.0.0/0", ip_network("0.0.0.0/0")),
    _network("edge", "a single host", "192.0.2.1/32", ip_network("192.0.2.1/32")),
    _bad_network("wrong", "host bits", "192.0.2.1/24", _host("192.0.2.1/24", "192.0.2.0/24")),
    _bad_network(
        "wrong", "of version 6", "2001:DB8::1/64", _host("2001:db8::1/64", "2001:db8::/64")
    ),
    _bad_network("wrong", "no mask", "192.0.2.0", _MASK),
    _bad_network("wrong", "no network", "x/24", _NOT_VALID),
    _network("edge", "the least", "10.0.0.0/8", ip_network("10.0.0.0/8"), min_prefix_length=8),
    _bad_network("wrong", "too wide", "10.0.0.0/8", _least(9), min_prefix_length=9),
    _network("edge", "the most", "10.0.0.0/8", ip_network("10.0.0.0/8"), max_prefix_length=8),
    _bad_network("wrong", "too narrow", "10.0.0.0/8", _most(7), max_prefix_length=7),
    _bad_network("edge", "a most of 0 counts", "10.0.0.0/8", _most(0), max_prefix_length=0),
    _network("edge", "a least of 0", "0.0.0.0/0", ip_network("0.0.0.0/0"), min_prefix_length=0),
    _bad_network(
        "wrong",
        "every complaint is made",
        "10.0.0.1/8",
        _host("10.0.0.1/8", "10.0.0.0/8"),
        _least(16),
        min_prefix_length=16,
        max_prefix_length=24,
    ),
    _bad_network("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_network("empty", "it may not be null", None, REQUIRED),
    _network("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _network("empty", "empty where optional", "", None, required=False),
    _network("missing", "a default", NOT_GIVEN, ip_network("10.0.0.0/8"), default="10.0.0.0/8"),
]
CASES: Final[list[InputCase]] = [*_ADDRESSES, *_MASKED, *_NETWORKS]
