"""Starts the local cluster, or what is missing of it, and writes this checkout's kubeconfig."""

import os
import time
from pathlib import Path

from tests.cluster import cgroups, leftovers, local, network, node
from tests.cluster.binaries import binaries
from tests.cluster.buildah import Build, build, save
from tests.cluster.commands import wait_until
from tests.cluster.controlplane import ControlPlane
from tests.cluster.files import write_file
from tests.cluster.kubeconfig import ADMIN, write_kubeconfig
from tests.cluster.local import processes
from tests.cluster.packages import install_packages, require_machine
from tests.cluster.processes import Daemon
from tests.cluster.progress import say, step
from tests.cluster.state import (
    CHECKOUT,
    CLUSTER_LOCK,
    KUBECONFIG,
    NODE_NAME,
    RUN,
    SOURCE,
    cache,
    only_one,
)


def up() -> None:
    """Leave a cluster whose node is Ready; everything that is so already is kept."""
    require_machine()
    install_packages()
    binaries()
    with only_one(CLUSTER_LOCK, "another checkout is starting or stopping the cluster"):
        plane = local.control_plane()
        parts = local.daemons(plane)
        stop_if_changed(local.identity(parts))
        if len(local.running()) < len(parts):
            boot(plane, parts)
        write_admin_kubeconfig(plane)
    say(f"The cluster is up: export KUBECONFIG={KUBECONFIG}")


def stop_if_changed(identity: str) -> None:
    """Stop a cluster that was started from other binaries or settings; its data stays."""
    recorded = local.IDENTITY.read_text() if local.IDENTITY.exists() else identity
    if recorded != identity and local.running():
        say("The running cluster was started from other binaries or settings: restarting it.")
        stop_all()
    write_file(local.IDENTITY, identity)


def stop_all() -> None:
    """End the daemons, one after the other, so that none repairs what another one takes down."""
    for name in local.NAMES:
        processes.stop(name)


def boot(plane: ControlPlane, parts: list[Daemon]) -> None:
    """Start what does not run, each part when what it needs serves."""
    by_name = {part.name: part for part in parts}
    if not processes.find("containerd"):
        with step("Clearing what an earlier cluster left", "1 s"):
            processes.stop("kubelet")
            leftovers.sweep()
    network.connect()
    cgroups.create()
    RUN.mkdir(parents=True, exist_ok=True)
    with step("Starting etcd, kube-apiserver and containerd", "8 s"):
        processes.launch(by_name["containerd"])
        processes.start(by_name["etcd"])
        processes.start(by_name["kube-apiserver"])
        processes.await_ready(by_name["containerd"])
        import_pause_image(plane.programs)
    # What etcd remembers of an earlier life of the node does not count.
    since = 0 if processes.find("kubelet") else int(time.time())
    with step("Starting the controllers and the node", "3 s"):
        processes.start(
            *(by_name[name] for name in ("kube-controller-manager", "kube-scheduler")),
            *(by_name[name] for name in ("kubelet", "kube-proxy")),
        )
    with step("Waiting until the node is Ready", "8 s"):
        unready = f"Node {NODE_NAME} is not Ready; see {processes.log('kubelet')}"
        wait_until(lambda: plane.api.node_ready(NODE_NAME, since), 120, unready)
        late = f"No default ServiceAccount; see {processes.log('kube-controller-manager')}"
        wait_until(plane.api.serves_pods, 60, late)


def write_admin_kubeconfig(plane: ControlPlane) -> None:
    """Write the kubeconfig of this checkout, for whoever owns the checkout."""
    admin = plane.authority.issue("admin", ADMIN)
    write_kubeconfig(KUBECONFIG, plane.server, plane.authority, admin)
    owner = CHECKOUT.stat()
    for path in (KUBECONFIG.parent, KUBECONFIG):
        os.chown(path, owner.st_uid, owner.st_gid)


def import_pause_image(programs: Path) -> None:
    """Give containerd the image that every pod starts with."""
    if node.PAUSE_IMAGE in node.ctr("images", "ls", "--quiet"):
        return
    archive = cache() / "images" / f"pause-{programs.name}.tar"
    if not archive.exists():
        dockerfile = SOURCE / "pause" / "Dockerfile"
        build(Build(reference=node.PAUSE_IMAGE, dockerfile=dockerfile, context=programs))
        save(node.PAUSE_IMAGE, archive)
    node.ctr("images", "import", archive)
