"""Finds and removes what containers leave behind, after a power cut as well as at the end."""

import os
import shutil
import signal
import socket
from pathlib import Path

from tests.cluster import buildah, cgroups, network
from tests.cluster.commands import wait_until
from tests.cluster.mounts import mounts, unmount
from tests.cluster.processes import Identity, send
from tests.cluster.state import CONTAINERD_SOCKET, NODE_LINK, RUN, STATE

# The kubelet keeps links to logs here, wherever its own folder is.
LOG_LINKS = Path("/var/log/containers")
# containerd 1.x puts the sockets of shims here, wherever its own folder is.
SHIM_SOCKETS = Path("/run/containerd/s")
DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")


def sweep() -> None:
    """Remove everything that needs containerd to live; call it while containerd does not run."""
    kill_containers()
    sockets = shim_sockets()
    unmount(STATE, RUN)
    for path in (*sockets, *log_links()):
        path.unlink(missing_ok=True)
    network.forget_pods()
    remove_tree(RUN)
    wait_until(no_groups, 10, "Control groups of ended containers do not go away")
    wait_until(lambda: not network.pod_links(), 10, "Links of ended pods do not go away")
    remove_empty(SHIM_SOCKETS, SHIM_SOCKETS.parent, LOG_LINKS)
    remove_empty(network.CNI_RESULTS, network.CNI_RESULTS.parent)


def remaining() -> list[str]:
    """Return, in words, all that is still there of the cluster."""
    found = [f"process {pid}" for pid in sorted(container_processes() | helpers())]
    found += [f"mount {path}" for path in mounts(STATE, RUN, buildah.folder())]
    found += [f"control group {path}" for path in cgroups.groups()]
    found += [f"network link {name}" for name in network.pod_links()]
    found += [f"nftables table {name}" for name in network.our_tables()]
    found += [f"file {path}" for path in (*network.call_records(), *log_links())]
    found += [f"folder {path}" for path in (STATE, RUN, DEVICE_PLUGINS) if path.exists()]
    if network.link_exists():
        found.append(f"network link {NODE_LINK}")
    return found


def kill_containers() -> None:
    """End shims first, so that they do not report the death of what they watch, then containers."""
    for find in (helpers, container_processes):

        def gone() -> bool:
            alive = [identity for pid in find() if (identity := Identity.of(pid))]  # noqa: B023
            for identity in alive:
                send(identity, signal.SIGKILL)
            return not alive

        wait_until(gone, 20, "Processes of containers survive SIGKILL")


def container_processes() -> set[int]:
    """Return the processes inside containers."""
    return cgroups.members()


def helpers() -> set[int]:
    """Return the shims of our containerd: its socket's address stands on their command line."""
    address = f"-address\0{CONTAINERD_SOCKET}\0".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"containerd-shim" in command and address in command:
            found.add(int(folder.name))
    return found


def shim_sockets() -> list[Path]:
    """Return the sockets whose addresses stand beside our containers."""
    addresses = (RUN / "containerd").glob("io.containerd.runtime.v2.task/*/*/address")
    paths = [Path(file.read_text().removeprefix("unix://")) for file in addresses]
    return [path for path in paths if path.parent == SHIM_SOCKETS]


def log_links() -> list[Path]:
    """Return the links to logs of our pods."""
    if not LOG_LINKS.is_dir():
        return []
    return [path for path in LOG_LINKS.iterdir() if str(path.readlink()).startswith(f"{STATE}/")]


def remove_device_plugins() -> None:
    """Remove the folder that a kubelet makes for device plugins, if no kubelet listens there."""
    kubelet_socket = DEVICE_PLUGINS / "kubelet.sock"
    with socket.socket(socket.AF_UNIX) as probe:
        alive = kubelet_socket.exists() and probe.connect_ex(str(kubelet_socket)) == 0
    if DEVICE_PLUGINS.exists() and not alive:
        remove_tree(DEVICE_PLUGINS)
        remove_empty(DEVICE_PLUGINS.parent)


def no_groups() -> bool:
    """Try to remove our control groups; the kernel refuses while a dead process lingers."""
    try:
        cgroups.remove()
    except OSError:
        return False
    return True


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it."""
    if folder.exists():
        shutil.rmtree(folder)


def remove_empty(*folders: Path) -> None:
    """Remove folders that hold nothing of anybody's."""
    for folder in folders:
        if folder.is_dir() and not any(os.scandir(folder)):
            folder.rmdir()
