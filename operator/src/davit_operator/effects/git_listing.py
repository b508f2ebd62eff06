"""Asks an https server for references without starting git.

An ``ls-remote`` costs 25 to 40 ms of CPU, nearly all of it for starting three programs and reading
the authorities anew; the same question asked here takes 4. Only the plain case is handled: protocol
version 2, no proxy, an answer as it should be. For everything else git is asked, and says why.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from davit_operator.effects.git_access import GitRemote
from davit_operator.effects.git_packets import NotAPacketError, advertised, offers, question
from davit_operator.effects.git_process import GitTimeoutError
from davit_operator.effects.git_remote import Advertised

_MAX_BYTES: Final = 4 * 1024 * 1024
_OK: Final = 200
# How long an address may take to accept where there is another one.
_GIVES_WAY_SECONDS: Final = 1.0
_SERVICE: Final = "git-upload-pack"
# Servers tell browsers from Git by it.
_AGENT: Final = "git/2.37 (davit-operator)"


class UnlistedError(Exception):
    """The answer is none that is read here; git may know more."""


def listed(remote: GitRemote, names: tuple[str, ...], system_ca: Path) -> Advertised:
    """Ask ``remote`` for the references ``names`` (full names) and HEAD.

    Raises:
        GitTimeoutError: The time is up.
        UnlistedError: Anything else is not as expected.
    """
    if remote.address.scheme != "https" or remote.proxy:
        raise UnlistedError
    late = threading.Event()
    try:
        connection = _Connection(remote, _context(remote.credentials.ca, system_ca), late)
        timer = threading.Timer(remote.timeout_seconds, connection.cut)
        timer.daemon = True
        timer.start()
        try:
            return _ask(connection, remote, names)
        finally:
            timer.cancel()
            connection.close()
    except (OSError, ValueError, http.client.HTTPException, NotAPacketError) as error:
        # Of the socket, or of the timer that cut it.
        if isinstance(error, TimeoutError) or late.is_set():
            raise GitTimeoutError from None
        raise UnlistedError from None


class _Connection(http.client.HTTPSConnection):
    """A connection to one of the checked addresses, whatever the host's name resolves to now."""

    def __init__(self, remote: GitRemote, context: ssl.SSLContext, late: threading.Event) -> None:
        address = remote.address
        # Without a context it would make one of its own, of all authorities, in 50 ms.
        super().__init__(
            address.host, address.port, timeout=remote.timeout_seconds, context=context
        )
        self._addresses = remote.pinned or (address.host,)
        self._trusting = context
        self._late = late

    def connect(self) -> None:
        """Connect, and shake hands in a way that can be cut."""
        secured = self._trusting.wrap_socket(
            self._reached(), server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = secured
        if self._late.is_set():
            raise TimeoutError
        secured.do_handshake()

    def cut(self) -> None:
        """End what is under way, from another thread."""
        self._late.set()
        opened = self.sock
        if opened is not None:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def _reached(self) -> socket.socket:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return socket.create_connection((address, self.port), _GIVES_WAY_SECONDS)
        return socket.create_connection((last, self.port), self.timeout)


def _context(ca: bytes, system_ca: Path) -> ssl.SSLContext:
    if ca:
        return ssl.create_default_context(cadata=ca.decode("ascii"))
    return _system_context(system_ca, system_ca.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _system_context(system_ca: Path, _changed: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(system_ca))


def _ask(connection: _Connection, remote: GitRemote, names: tuple[str, ...]) -> Advertised:
    path = urlsplit(remote.address.url).path
    headers = {"User-Agent": _AGENT, "Git-Protocol": "version=2", "Accept-Encoding": "identity"}
    if remote.credentials.header:
        name, _, value = remote.credentials.header.partition(": ")
        headers[name] = value
    connection.request("GET", f"{path}/info/refs?service={_SERVICE}", headers=headers)
    offered = offers(_body(connection, f"application/x-{_SERVICE}-advertisement"), _SERVICE)
    kinds = {
        "Content-Type": f"application/x-{_SERVICE}-request",
        "Accept": f"application/x-{_SERVICE}-result",
    }
    connection.request("POST", f"{path}/{_SERVICE}", question(names, offered), headers | kinds)
    return advertised(_body(connection, kinds["Accept"]), names)


def _body(connection: _Connection, kind: str) -> bytes:
    response = connection.getresponse()
    body = response.read(_MAX_BYTES + 1)
    is_plain = response.status == _OK and response.getheader("Content-Type") == kind
    if not is_plain or len(body) > _MAX_BYTES:
        raise UnlistedError
    return body
