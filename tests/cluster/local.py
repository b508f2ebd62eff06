"""The machine's one local cluster as a whole: its parts and whether they run."""

import hashlib

from tests.cluster import network, node
from tests.cluster.binaries import binaries
from tests.cluster.controlplane import ControlPlane
from tests.cluster.processes import Daemon, Processes
from tests.cluster.state import CONFIG, LOGS, NODE_ADDRESS, RECORDS, SERVICE_CIDR, STATE

# In the order in which they end: first who would restart what ends after it.
NAMES = (
    "kubelet",
    "kube-proxy",
    "kube-scheduler",
    "kube-controller-manager",
    "kube-apiserver",
    "etcd",
    "containerd",
)
IDENTITY = STATE / "identity"

processes = Processes(RECORDS, LOGS)


def control_plane() -> ControlPlane:
    """Return the cluster's control plane, on the node's own address."""
    return ControlPlane(
        folder=STATE, programs=binaries(), address=NODE_ADDRESS, service_cidr=SERVICE_CIDR
    )


def daemons(plane: ControlPlane) -> list[Daemon]:
    """Return all that runs, with its configuration written."""
    return [
        plane.etcd(),
        plane.apiserver(),
        plane.controller_manager(),
        plane.scheduler(),
        node.containerd(),
        node.kubelet(plane),
        node.kube_proxy(plane),
    ]


def identity(parts: list[Daemon]) -> str:
    """Return what changes when binaries or settings do: running parts are then restarted."""
    words = [str(word) for part in parts for word in part.argv]
    texts = [path.read_text() for path in sorted(CONFIG.glob("*.json"))]
    known = "\n".join([*words, *texts, node.CONTAINERD, network.cni_config()])
    return hashlib.sha256(known.encode()).hexdigest()


def running() -> list[str]:
    """Return the names of the parts that live."""
    return [name for name in NAMES if processes.find(name)]
