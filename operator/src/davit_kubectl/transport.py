"""One HTTP connection to the API server."""

from __future__ import annotations

import http.client
import socket
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from davit_kubectl.failures import BadUsage

if TYPE_CHECKING:
    from davit_kubectl.access import Access

# What is quiet for an hour may be cut by somebody in between who tells nobody.
_KEEP_ALIVE = ((socket.SO_KEEPALIVE, 1),)
_PROBES = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


def connection(access: Access, timeout: float | None) -> Connection:
    """Return a connection that opens itself; ``timeout`` in seconds, of each wait."""
    made = Connection(access, timeout)
    if access.proxy:
        proxy = urlsplit(access.proxy)
        if proxy.scheme != "http" or not proxy.hostname:
            raise BadUsage(
                f'The proxy "{access.proxy}" is of a kind that is not supported here. '
                "Give one as http://host:port."
            )
        made.host, made.port = proxy.hostname, proxy.port or 80
        made.set_tunnel(access.host, access.port, _proxy_headers(proxy))
    return made


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


class Connection(http.client.HTTPConnection):
    """As HTTPSConnection, but that the certificate may bear another name."""

    def __init__(self, access: Access, timeout: float | None) -> None:
        super().__init__(access.host, access.port, timeout=timeout)
        self._access = access
        # The base class forgets its socket where the server says that it will close it.
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        """Connect, through the proxy where there is one, and greet."""
        super().connect()
        for option, value in _KEEP_ALIVE:
            self.sock.setsockopt(socket.SOL_SOCKET, option, value)
        for name, value in _PROBES:
            if hasattr(socket, name):
                self.sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if self._access.tls is not None:
            self.sock = self._access.tls.wrap_socket(
                self.sock, server_hostname=self._access.tls_server_name
            )
        self.wire = self.sock

    def wait_without_limit(self) -> None:
        """Let the server be quiet for as long as it likes; that it lives is probed by TCP."""
        if self.wire is not None:
            self.wire.settimeout(None)
