"""What a test may do to the local cluster's control plane; it is whole again afterwards."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.commands import wait_until
from tests.cluster.local import control_plane, processes
from tests.cluster.processes import Identity, send
from tests.cluster.state import NODE_NAME
from tests.cluster.up import up


def crash_api_server() -> None:
    """Kill the API server, and return once another one serves."""
    found = processes.find("kube-apiserver")
    assert found, "the local cluster's API server does not run"
    send(found, signal.SIGKILL)
    wait_until(lambda: Identity.of(found.pid) != found, 20, "the API server survives SIGKILL")
    up()


@contextmanager
def silent_kubelet() -> Iterator[None]:
    """Stop the kubelet of the only node: its containers run on, and nobody hears of them."""
    found = processes.find("kubelet")
    assert found, "the local cluster's kubelet does not run"
    send(found, signal.SIGSTOP)
    try:
        yield
    finally:
        send(found, signal.SIGCONT)
        api, continued = control_plane().api, time.time()
        back = "the node does not come back"
        wait_until(lambda: api.node_ready(NODE_NAME, continued), 120, back)
