"""Variables of IP addresses and networks, with the standard library's objects.

The verdicts are those of Nautobot's fields; addresses are spelled as the standard library takes
them. ``nautobot.apps.jobs`` has the same variables with netaddr's objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from davit._variables.base import EMPTY_VALUES, ScriptVariable, ValueRefused

if TYPE_CHECKING:
    from ipaddress import (
        IPv4Address,
        IPv4Interface,
        IPv4Network,
        IPv6Address,
        IPv6Interface,
        IPv6Network,
    )
    from typing import Unpack

    from davit._variables.base import Options

    Address = IPv4Address | IPv6Address
    Interface = IPv4Interface | IPv6Interface
    Network = IPv4Network | IPv6Network

T = TypeVar("T")
NOT_VALID = "Please specify a valid IPv4 or IPv6 address."
MASK_REQUIRED = "CIDR mask (e.g. /24) is required."
# Nautobot's fields ask for truth before they look at a value.
_NOTHING = (*EMPTY_VALUES, False)


class _AddressVariable(ScriptVariable):
    """Text that becomes an object of ``ipaddress``, and then what ``run()`` receives."""

    def clean(self, value: Any) -> Any:
        """Return what ``run()`` receives for ``value``; raise ValueRefused if it does not fit."""
        parsed = super().clean(value)
        return None if parsed is None else self.made(parsed)

    def coerced(self, value: Any) -> Any:
        """Return ``value``, or what its text says, as an object of ``ipaddress``."""
        return None if value in _NOTHING else self.parsed(str(value))

    def parsed(self, text: str) -> Any:
        """Return the object that ``text`` spells; raise ValueRefused where it spells none."""
        raise NotImplementedError

    def made(self, parsed: Any) -> Any:
        """Return what ``run()`` receives for an accepted object of ``ipaddress``."""
        return parsed

    def complaints(self, value: Any) -> list[str]:  # noqa: ARG002 (the signature of all)
        """Return nothing: what could be parsed is accepted."""
        return []

    def serialized(self, value: Any) -> str | None:
        """Return the address as text."""
        return None if value is None else str(value)


class IPAddressVar(_AddressVariable):
    """An address without mask: ``run()`` receives an ``IPv4Address`` or ``IPv6Address``, or None.

    It takes the options of ScriptVariable.
    """

    def parsed(self, text: str) -> Address:
        """Return the address that ``text`` spells."""
        from ipaddress import ip_address  # noqa: PLC0415 (few jobs need it)

        try:
            address = ip_address(text)
        except ValueError:
            raise ValueRefused(f"Invalid IPv4/IPv6 address format: {text}") from None
        return _without_zone(address)


class IPAddressWithMaskVar(_AddressVariable):
    """An address with its mask: ``run()`` receives an ``IPv4Interface`` or ``IPv6Interface``.

    Dotted masks are accepted; None when optional and empty. It takes the options of ScriptVariable.
    """

    def parsed(self, text: str) -> Interface:
        """Return the address and mask that ``text`` spells."""
        return _interface(text)


class IPNetworkVar(_AddressVariable):
    """A network: ``run()`` receives an ``IPv4Network`` or ``IPv6Network``, or None.

    Args:
        min_prefix_length: Shortest prefix, in bits.
        max_prefix_length: Longest prefix, in bits.
        args: As in ScriptVariable.
        options: As in ScriptVariable.
    """

    def __init__(
        self,
        min_prefix_length: int | None = None,
        max_prefix_length: int | None = None,
        *args: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(*args, **options)
        self.min_prefix_length = min_prefix_length
        self.max_prefix_length = max_prefix_length

    def parsed(self, text: str) -> Interface:
        """Return the network that ``text`` spells, with the address that it was given by."""
        return _interface(text)

    def complaints(self, value: Interface) -> list[str]:
        """Return what keeps ``value`` from being a network that is accepted."""
        found = []
        network, length = value.network, value.network.prefixlen
        if value.ip != network.network_address:
            found.append(f"{value} is not a valid prefix. Did you mean {network}?")
        if self.min_prefix_length is not None and length < self.min_prefix_length:
            found.append(_prefix_message("greater", self.min_prefix_length))
        if self.max_prefix_length is not None and length > self.max_prefix_length:
            found.append(_prefix_message("less", self.max_prefix_length))
        return found

    def made(self, parsed: Interface) -> Network:
        """Return the network."""
        return parsed.network


def _interface(text: str) -> Interface:
    from ipaddress import ip_interface  # noqa: PLC0415 (few jobs need it)

    if text.count("/") != 1:
        raise ValueRefused(MASK_REQUIRED)
    try:
        interface = ip_interface(text)
    except ValueError:
        raise ValueRefused(NOT_VALID) from None
    return _without_zone(interface)


def _prefix_message(bound: str, limit: int) -> str:
    return f"The prefix length must be {bound} than or equal to {limit}."


def _without_zone(parsed: T) -> T:
    """Return ``parsed``: netaddr knows no zones (``fe80::1%eth0``), so Nautobot refuses them."""
    if getattr(parsed, "scope_id", None) is not None:
        raise ValueRefused(NOT_VALID)
    return parsed
