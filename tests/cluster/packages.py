"""Says what the machine lacks for a local cluster, and installs the Debian packages of it."""

import os
import shutil
from pathlib import Path

from tests.cluster.commands import run_logged
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import cache

# What is looked for, and the Debian package that brings it.
NEEDED = {
    "/usr/bin/containerd": "containerd",
    "/usr/sbin/runc": "runc",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
    "/usr/sbin/nft": "nftables",
    "/usr/bin/buildah": "buildah",
    "/usr/bin/mmdebstrap": "mmdebstrap",
    "/sbin/ip": "iproute2",
    "/bin/mount": "mount",
}
ELSEWHERE = "Any other cluster does as well: CLUSTER=current with KUBECONFIG."


def require_machine() -> None:
    """Raise unless this is a machine that the local cluster can be started on."""
    if os.geteuid() != 0:
        raise ClusterError(f"The local cluster starts containers, so it needs root. {ELSEWHERE}")
    if not shutil.which("apt-get"):
        raise ClusterError(f"The local cluster is made of Debian packages. {ELSEWHERE}")


def install_packages() -> None:
    """Install the Debian packages that are missing."""
    missing = sorted({name for path, name in NEEDED.items() if not Path(path).exists()})
    if not missing:
        return
    log = cache() / "logs" / "apt.log"
    with step(f"Installing {' '.join(missing)}", "30 s"):
        run_logged(["apt-get", "update"], log)
        # Debian's own containerd service may start; the cluster neither uses nor disturbs it.
        patient = ["--option", "DPkg::Lock::Timeout=300"]
        command = ["apt-get", *patient, "install", "--yes", "--no-install-recommends", *missing]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run_logged(command, log, env=quiet)
