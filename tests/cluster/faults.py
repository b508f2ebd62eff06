"""What a test may do to the local cluster's control plane; it is whole again afterwards."""

import signal

from tests.cluster.commands import wait_until
from tests.cluster.local import processes
from tests.cluster.processes import Identity, send
from tests.cluster.up import up


def crash_api_server() -> None:
    """Kill the API server, and return once another one serves."""
    found = processes.find("kube-apiserver")
    assert found, "the local cluster's API server does not run"
    send(found, signal.SIGKILL)
    wait_until(lambda: Identity.of(found.pid) != found, 20, "the API server survives SIGKILL")
    up()
