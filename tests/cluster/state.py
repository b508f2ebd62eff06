"""Where the machine's one local cluster lives: its folders, addresses and lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.progress import say

SOURCE = Path(__file__).parent
CHECKOUT = SOURCE.parent.parent
KUBECONFIG = CHECKOUT / ".davit" / "kubeconfig"

# One cluster per machine, shared by all checkouts; `down` removes both folders.
STATE = Path("/var/lib/davit-cluster")
RUN = Path("/run/davit-cluster")
# Held while the cluster changes, and while images are built, for all checkouts.
CLUSTER_LOCK = Path("/run/lock/davit-cluster.lock")
IMAGES_LOCK = Path("/run/lock/davit-images.lock")

RECORDS = STATE / "processes"
LOGS = STATE / "logs"
AUDIT_LOG = LOGS / "audit.log"
CONFIG = STATE / "config"
PKI = STATE / "pki"
POD_LOGS = STATE / "pod-logs"
CONTAINERD_SOCKET = RUN / "containerd.sock"

NODE_NAME = "davit"
NODE_LINK = "davit0"
NODE_ADDRESS = "10.213.0.1"
POD_CIDR = "10.213.64.0/20"
SERVICE_CIDR = "10.213.128.0/20"

# Everything of ours in the cgroup tree is below this name, in each hierarchy.
CGROUP = "davit-cluster"


def cache() -> Path:
    """Return the folder, outside the checkout, of what is slow to build and safe to delete."""
    # Read here and nowhere else: the XDG convention lets a user move all caches.
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "davit"


@contextmanager
def only_one(path: Path, elsewhere: str) -> Iterator[None]:
    """Hold a lock of this machine, so that two checkouts do not do the same at the same time."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting: {elsewhere}.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
