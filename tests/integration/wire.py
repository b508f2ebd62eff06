"""The way between a client and the API server, which a test breaks and mends."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

_PIECE_BYTES = 64 * 1024
# Closing sends a reset, as a server does that was killed.
_RESET = struct.pack("ii", 1, 0)


class Wire:
    """Connections from one port of the loopback to another."""

    def __init__(self, listener: socket.socket, target: int) -> None:
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._target = target
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.is_broken = False

    def cut(self) -> None:
        """Break every connection, and have those that come break too until ``mend``."""
        with self._lock:
            self.is_broken = True
            for each in self._open:
                with suppress(OSError):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_broken = False

    def accept(self) -> None:
        """Serve until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.is_broken:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += (client, server)
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            sink.sendall(piece)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(kubeconfig: Path, folder: Path) -> Iterator[tuple[Wire, Path]]:
    """Yield a way to the server that ``kubeconfig`` names, and a kubeconfig that takes it."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    host, _, port = cluster["server"].rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Wire(listener, int(port))
        cluster["server"] = f"{host}:{running.port}"
        path = folder / "wired.kubeconfig"
        path.write_text(yaml.safe_dump(config))
        accepting = threading.Thread(target=running.accept)
        accepting.start()
        try:
            yield running, path
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            running.cut()
