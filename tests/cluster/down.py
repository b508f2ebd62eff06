"""Ends the local cluster and proves that nothing of it is left."""

from tests.cluster import leftovers, network
from tests.cluster.buildah import discard_containers
from tests.cluster.packages import require_machine
from tests.cluster.progress import ClusterError, say, step
from tests.cluster.state import CLUSTER_LOCK, IMAGES_LOCK, KUBECONFIG, STATE, only_one
from tests.cluster.up import stop_all


def down() -> None:
    """Stop everything that `up` started and remove what it made, the cluster's data included."""
    require_machine()
    with only_one(CLUSTER_LOCK, "another checkout is starting or stopping the cluster"):
        with step("Stopping the cluster", "5 s"):
            stop_all()
        with (
            step("Removing pods, mounts, network and data", "3 s"),
            only_one(IMAGES_LOCK, "another checkout is building images"),
        ):
            discard_containers()
            leftovers.sweep()
            leftovers.remove_device_plugins()
            network.disconnect()
            leftovers.remove_tree(STATE)
        KUBECONFIG.unlink(missing_ok=True)
        left = leftovers.remaining()
        if left:
            raise ClusterError("The cluster ended but left behind:\n  " + "\n  ".join(left))
    say("The cluster is down; nothing of it is left but caches.")
