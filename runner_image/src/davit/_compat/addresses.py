"""Nautobot's address variables: davit's own, with netaddr's objects.

The class that an author names decides, never what happens to be installed: without netaddr these
say what to install, once a run has such a value.
"""

from __future__ import annotations

from typing import Any

from davit._variables import addresses


class IPAddressVar(addresses.IPAddressVar):
    """An address without mask: ``run()`` receives a ``netaddr.IPAddress``, or None."""

    def made(self, parsed: Any) -> Any:
        """Return netaddr's object of the address."""
        return _netaddr(self).IPAddress(str(parsed))


class IPAddressWithMaskVar(addresses.IPAddressWithMaskVar):
    """An address with its mask: ``run()`` receives a ``netaddr.IPNetwork``, or None."""

    def made(self, parsed: Any) -> Any:
        """Return netaddr's object of address and mask."""
        return _netaddr(self).IPNetwork(str(parsed))


class IPNetworkVar(addresses.IPNetworkVar):
    """A network: ``run()`` receives a ``netaddr.IPNetwork``, or None."""

    def made(self, parsed: Any) -> Any:
        """Return netaddr's object of the network."""
        return _netaddr(self).IPNetwork(str(parsed))


def _netaddr(variable: object) -> Any:
    try:
        import netaddr  # noqa: PLC0415 (an extra: only these variables need it)
    except ModuleNotFoundError as error:
        name = type(variable).__name__
        raise ModuleNotFoundError(
            f"{name} of nautobot.apps.jobs gives objects of netaddr, which is not installed. "
            f"Install davit[nautobot] in the runner image, or import {name} from davit: it gives "
            "objects of Python's ipaddress.",
            name="netaddr",
        ) from error
    return netaddr
