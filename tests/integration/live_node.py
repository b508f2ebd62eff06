"""A node whose pods print as a test says: streams that are followed, cut and resumed."""

from __future__ import annotations

import itertools
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.builders import printed
from tests.cluster.controlplane import ControlPlane
from tests.cluster.pki import Subject
from tests.integration.kube import Kube, Object, path_of
from tests.integration.place import Place

from davit_contract import places

_numbers = itertools.count(1)
_LOOPBACK = "127.0.0.1"


class LiveLog:
    """What one container prints; each line has the time of the record in it."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._changed = threading.Condition()
        self._ended = False
        # Streams of an older number are cut, some with half a line as their last word.
        self._era = 0
        self._halves: dict[int, bytes] = {}
        # What only the plain reads from a number on show.
        self._late: tuple[int, list[bytes]] = (0, [])
        # What the node answers, the streams that it was asked for, and how many of them are plain
        # reads; the bytes that it told.
        self.status = 200
        self.streams = 0
        self.reads = 0
        self.told_bytes = 0

    def print(self, *records: object) -> None:
        """Print records, one a line."""
        with self._changed:
            self._lines += printed(*records).splitlines(keepends=True)
            self._changed.notify_all()

    def print_raw(self, text: bytes) -> None:
        """Print what is no record."""
        with self._changed:
            self._lines.append(text)
            self._changed.notify_all()

    def cut(self) -> None:
        """Break the streams that are open."""
        with self._changed:
            self._era += 1
            self._changed.notify_all()

    def tear(self, record: object) -> None:
        """Print a record of which the open streams bring half a line before they break."""
        line = printed(record)
        with self._changed:
            self._halves[self._era] = line[: len(line) // 2]
            self._lines.append(line)
            self._era += 1
            self._changed.notify_all()

    def print_late(self, reads: int, *records: object) -> None:
        """Print records that only the plain read of that number shows, counted from 1."""
        with self._changed:
            self._late = (reads, printed(*records).splitlines(keepends=True))

    def end(self) -> None:
        """End the container: streams end as soon as they have told everything."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for_streams(self, count: int) -> None:
        """Return when that many streams were opened, ever."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.streams >= count, 60)

    def told(self, since: str, *, follow: bool) -> Iterator[bytes]:
        """Yield the lines, from a whole second on, and those that come."""
        with self._changed:
            self.streams += 1
            self.reads += not follow
            if not follow and self.reads == self._late[0]:
                self._lines += self._late[1]
            self._changed.notify_all()
            era = self._era
        place = 0
        while True:
            with self._changed:
                if self._era != era:
                    if era in self._halves:
                        yield self._halves[era]
                    return
                new, place = self._lines[place:], len(self._lines)
                if not new:
                    if self._ended or not follow:
                        return
                    self._changed.wait(30)
            yield from (line for line in new if _time(line) >= since)


def _time(line: bytes) -> str:
    try:
        time: str = json.loads(line)["time"][:19] + "Z"
    except ValueError:
        return "9"
    return time


class LiveNode:
    """The logs of the pods that are bound to the node."""

    def __init__(self) -> None:
        self.name = f"live-node-{next(_numbers)}"
        self.logs: dict[str, LiveLog] = {}

    def take(self, place: Place, pod: Object) -> LiveLog:
        """Bind a pod to the node, and return its log."""
        name = pod["metadata"]["name"]
        path = f"/containerLogs/{place.name}/{name}/{places.RUNNER_CONTAINER}"
        log = self.logs[path] = LiveLog()
        target = {"apiVersion": "v1", "kind": "Node", "name": self.name}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}}
        place.kube.call(
            "POST", path_of("Pod", place.name, name, "binding"), {**binding, "target": target}
        )
        return log


@contextmanager
def running_live_node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    """Have the API server find the node, until the block ends."""
    node = LiveNode()
    pair = plane.authority.issue(node.name, Subject(user="node", hosts=[_LOOPBACK]))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.certificate, pair.key)
    server = ThreadingHTTPServer((_LOOPBACK, 0), _handler(node))
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, name="live node")
    thread.start()
    try:
        kube.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node.name}})
        status = {
            "addresses": [{"type": "InternalIP", "address": _LOOPBACK}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": server.server_port}},
        }
        kube.call(
            "PATCH",
            path_of("Node", name=node.name, subresource="status"),
            {"status": status},
            content_type="application/merge-patch+json",
        )
        yield node
    finally:
        for log in node.logs.values():
            log.end()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(node: LiveNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            log, query = node.logs.get(url.path), parse_qs(url.query)
            self.close_connection = True
            status = log.status if log else 404
            self.send_response(status)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            since = query.get("sinceTime", [""])[0]
            if log is not None:
                self._tell(log, log.told(since, follow="follow" in query), status)
            self.wfile.write(b"0\r\n\r\n")

        def _tell(self, log: LiveLog, lines: Iterator[bytes], status: int) -> None:
            for line in lines:
                if status != HTTPStatus.OK:
                    return
                log.told_bytes += len(line)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (theirs)
            """Say nothing."""

    return Handler
