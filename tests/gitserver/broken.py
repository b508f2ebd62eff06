"""Servers that fail in one way each, at a free port of the loopback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections and never say a word; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The kernel accepts up to the backlog by itself.
        yield listener.getsockname()[1]


@contextmanager
def canned_server(tls: ssl.SSLContext, answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Give every request over TLS the same ``answer``; give the port, and what was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        thread = threading.Thread(target=_answer_all, args=(listener, tls, answer, asked))
        thread.start()
        yield listener.getsockname()[1], asked
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer_all(
    listener: socket.socket, tls: ssl.SSLContext, answer: bytes, asked: list[bytes]
) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        # The listener was closed: the test has ended.
        except OSError:
            return
        with plain, suppress(OSError), tls.wrap_socket(plain, server_side=True) as connection:
            asked.append(connection.recv(65536))
            connection.sendall(answer)
