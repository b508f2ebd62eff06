"""Stands between a client and a real server, and delays or cuts what the server sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE_BYTES = 4096


@dataclass(kw_only=True)
class Relay:
    """Where it listens, and what it does to each connection's answer.

    After ``passes`` bytes a connection hangs, until ``cut`` is set: then it breaks off.
    ``pause_seconds`` lie between its pieces of 4 KiB.
    """

    port: int
    passes: int | None = None
    pause_seconds: float = 0.0
    # Set once a connection is held.
    struck: threading.Event = field(default_factory=threading.Event)
    cut: threading.Event = field(default_factory=threading.Event)


@contextmanager
def relay(target: int) -> Iterator[Relay]:
    """Relay connections to the port ``target`` of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Relay(port=listener.getsockname()[1])
        opened: list[socket.socket] = []
        accepting = threading.Thread(target=_accept, args=(listener, target, running, opened))
        accepting.start()
        try:
            yield running
        finally:
            running.cut.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for each in opened:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


def _accept(
    listener: socket.socket, target: int, running: Relay, opened: list[socket.socket]
) -> None:
    while True:
        try:
            client, _ = listener.accept()
        # The listener was closed: the test has ended.
        except OSError:
            return
        server = socket.create_connection(("127.0.0.1", target))
        opened += (client, server)
        threading.Thread(target=_copy, args=(client, server), daemon=True).start()
        threading.Thread(target=_answer, args=(server, client, running), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


def _answer(server: socket.socket, client: socket.socket, running: Relay) -> None:
    passed = 0
    with suppress(OSError):
        while piece := server.recv(_PIECE_BYTES):
            passed += len(piece)
            if running.passes is not None and passed > running.passes:
                running.struck.set()
                running.cut.wait()
                client.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(running.pause_seconds)
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
