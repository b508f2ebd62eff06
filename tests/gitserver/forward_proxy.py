"""An HTTP proxy that tunnels (CONNECT), with or without a password, with or without TLS."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_MAX_HEAD_BYTES = 16 * 1024


@dataclass(kw_only=True)
class ForwardProxy:
    """Where it listens, who may use it, and what it was asked.

    ``names`` are the addresses of hosts that stand in no DNS. ``answer`` is said to everybody
    instead of a tunnel.
    """

    port: int
    names: Mapping[str, str] = field(default_factory=dict)
    user: tuple[str, str] | None = None
    answer: str = ""
    # "host:port" of each CONNECT, and the heads of all requests.
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)


@contextmanager
def forward_proxy(tls: ssl.SSLContext | None = None) -> Iterator[ForwardProxy]:
    """Run a proxy on a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = ForwardProxy(port=listener.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(listener, tls, running))
        accepting.start()
        try:
            yield running
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener: socket.socket, tls: ssl.SSLContext | None, running: ForwardProxy) -> None:
    while True:
        try:
            client, _ = listener.accept()
        # The listener was closed: the test has ended.
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, tls, running), daemon=True).start()


def _serve(plain: socket.socket, tls: ssl.SSLContext | None, running: ForwardProxy) -> None:
    with suppress(OSError), plain, tls.wrap_socket(plain, True) if tls else plain as client:
        while head := _head(client):
            running.heads.append(head)
            target = head.split(" ")[1]
            running.asked.append(target)
            if running.answer:
                client.sendall(f"HTTP/1.1 {running.answer}\r\nContent-Length: 0\r\n\r\n".encode())
            elif not _is_known(head, running):
                client.sendall(
                    b"HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm=p\r\n"
                    b"Content-Length: 0\r\n\r\n"
                )
            else:
                _tunnel(client, target, running)
                return


def _head(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD_BYTES:
        piece = client.recv(1024)
        if not piece:
            return ""
        head += piece
    return head.decode()


def _is_known(head: str, running: ForwardProxy) -> bool:
    if running.user is None:
        return True
    pair = base64.b64encode(":".join(running.user).encode()).decode()
    return f"Proxy-Authorization: Basic {pair}\r\n" in head


def _tunnel(client: socket.socket, target: str, running: ForwardProxy) -> None:
    host, _, port = target.rpartition(":")
    with socket.create_connection((running.names.get(host, host), int(port))) as server:
        client.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
