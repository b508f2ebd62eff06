"""A node that knows nothing but logs: what the API server asks a kubelet when a log is read."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.builders import STARTED, printed
from tests.cluster.controlplane import ControlPlane
from tests.cluster.pki import Subject
from tests.integration import kubelet
from tests.integration.kube import Kube, Object, path_of
from tests.integration.place import Place

from davit_contract import DiscoveryProblem, JobDescription, PartRecord, PartType, encode, places

_NAME = "node-of-logs"
_LOOPBACK = "127.0.0.1"


class LogNode:
    """The logs of the pods that are bound to the node."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.logs: dict[str, bytes] = {}

    def end_discovery(
        self, place: Place, pod: Object, *said: JobDescription | DiscoveryProblem | str
    ) -> None:
        """Have a discovery pod print what it found, and end well; texts are descriptions too."""
        records = [_record(number, each) for number, each in enumerate(said, 1)]
        self.end_run(place, pod, *records)

    def end_run(self, place: Place, pod: Object, *records: object, **outcome: Any) -> None:
        """Have a pod print records that are numbered from 1, and end, by default well."""
        name = pod["metadata"]["name"]
        path = f"/containerLogs/{place.name}/{name}/{places.RUNNER_CONTAINER}"
        self.logs[path] = printed(*records)
        target = {"apiVersion": "v1", "kind": "Node", "name": self._name}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}}
        place.kube.call(
            "POST", path_of("Pod", place.name, name, "binding"), {**binding, "target": target}
        )
        place.set_pod(pod, kubelet.ended(pod, last_sequence=len(records), **outcome))


def _record(number: int, said: JobDescription | DiscoveryProblem | str) -> PartRecord:
    is_problem = isinstance(said, DiscoveryProblem)
    return PartRecord(
        type=PartType.PROBLEM if is_problem else PartType.DESCRIPTION,
        sequence=number,
        time=STARTED,
        part=1,
        parts=1,
        data=said if isinstance(said, str) else encode(said),
    )


@contextmanager
def running_node(plane: ControlPlane, kube: Kube, name: str = _NAME) -> Iterator[LogNode]:
    """Have the API server find a node that serves logs, until the block ends."""
    node = LogNode(name)
    pair = plane.authority.issue(name, Subject(user="node", hosts=[_LOOPBACK]))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.certificate, pair.key)
    server = ThreadingHTTPServer((_LOOPBACK, 0), _handler(node))
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, name="node")
    thread.start()
    try:
        kube.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
        status = {
            "addresses": [{"type": "InternalIP", "address": _LOOPBACK}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": server.server_port}},
        }
        kube.call(
            "PATCH",
            path_of("Node", name=name, subresource="status"),
            {"status": status},
            content_type="application/merge-patch+json",
        )
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(node: LogNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = node.logs.get(urlsplit(self.path).path)
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Length", str(len(text or b"")))
            self.end_headers()
            self.wfile.write(text or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (theirs)
            """Say nothing."""

    return Handler
