"""Verdicts on IP addresses and networks."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface

from pydantic import JsonValue

from davit_operator.api.variable import Variable
from davit_operator.plan.inputs.emptiness import absence_problems, is_empty

_NOT_VALID = "Please specify a valid IPv4 or IPv6 address."


def address_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of an IPAddressVar."""
    if _is_nothing(value):
        yield from absence_problems(variable)
        return
    try:
        address = ip_address(str(value))
    except ValueError:
        yield f"Invalid IPv4/IPv6 address format: {value}"
        return
    if _has_zone(address):
        yield _NOT_VALID


def interface_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of an IPAddressWithMaskVar."""
    if _is_nothing(value):
        yield from absence_problems(variable)
        return
    found = _interface(str(value))
    if isinstance(found, str):
        yield found


def network_problems(variable: Variable, value: JsonValue) -> Iterator[str]:
    """Yield what is wrong with the value of an IPNetworkVar."""
    if _is_nothing(value):
        yield from absence_problems(variable)
        return
    found = _interface(str(value))
    if isinstance(found, str):
        yield found
        return
    network = found.network
    if found.ip != network.network_address:
        yield f"{found} is not a valid prefix. Did you mean {network}?"
    least, most = variable.min_prefix_length, variable.max_prefix_length
    if least is not None and network.prefixlen < least:
        yield f"The prefix length must be greater than or equal to {least}."
    if most is not None and network.prefixlen > most:
        yield f"The prefix length must be less than or equal to {most}."


def _interface(text: str) -> IPv4Interface | IPv6Interface | str:
    """Return the address and mask in ``text``, or why there are none."""
    if text.count("/") != 1:
        return "CIDR mask (e.g. /24) is required."
    try:
        found = ip_interface(text)
    except ValueError:
        return _NOT_VALID
    return _NOT_VALID if _has_zone(found) else found


def _has_zone(address: object) -> bool:
    """Return whether ``address`` names a link (``fe80::1%eth0``): Nautobot's know none."""
    return isinstance(address, IPv6Address) and address.scope_id is not None


def _is_nothing(value: JsonValue) -> bool:
    # Nautobot's fields ask for truth before they look at a value, so that 0 is nothing too.
    return is_empty(value) or value == 0
