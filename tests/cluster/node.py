"""Describes what runs pods: containerd, kubelet and kube-proxy."""

import json
from pathlib import Path
from typing import Any

from tests.cluster.commands import run
from tests.cluster.controlplane import LOOPBACK, ControlPlane
from tests.cluster.files import write_file
from tests.cluster.network import CNI_CONFIG, CNI_PLUGINS
from tests.cluster.pki import Subject
from tests.cluster.probes import answers, listens
from tests.cluster.processes import Daemon
from tests.cluster.state import (
    CGROUP,
    CONFIG,
    CONTAINERD_SOCKET,
    NODE_ADDRESS,
    NODE_NAME,
    POD_CIDR,
    POD_LOGS,
    RUN,
    STATE,
)

PAUSE_IMAGE = "localhost/davit-pause:1"
KUBELET_HEALTH_PORT = 10248
PROXY_HEALTH_PORT = 10256
KUBELET_ROOT = STATE / "kubelet"
SYSTEMD_RESOLVED = Path("/run/systemd/resolve/resolv.conf")

# The sockets of shims and the runtime's own state would else mix with other containerds'.
# Without restrict_oom_score_adj runc fails where CAP_SYS_RESOURCE is missing.
CONTAINERD = f"""\
version = 2
root = "{STATE / "containerd"}"
state = "{RUN / "containerd"}"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "{LOOPBACK}"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{CNI_PLUGINS}"
  conf_dir = "{CNI_CONFIG}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  Root = "{RUN / "runc"}"
  SystemdCgroup = false
"""


def ctr(*words: str | Path) -> str:
    """Return what containerd's own client prints about what Kubernetes keeps there."""
    return run(["ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", *words])


def containerd() -> Daemon:
    """Return the container runtime, apart from any other one on this machine."""
    path = write_file(CONFIG / "containerd.toml", CONTAINERD)

    def ready() -> bool:
        return CONTAINERD_SOCKET.is_socket() and "io.containerd.grpc.v1" in run(
            ["ctr", "--address", CONTAINERD_SOCKET, "plugins", "ls"]
        )

    return Daemon(name="containerd", argv=["containerd", f"--config={path}"], ready=ready)


def kubelet(plane: ControlPlane) -> Daemon:
    """Return the kubelet of the only node."""
    user = Subject(user=f"system:node:{NODE_NAME}", group="system:nodes")
    kubeconfig = plane.config("kubelet", user)
    config = write_json("kubelet.json", kubelet_config(plane))
    argv: list[str | Path] = [
        # Without /usr/sbin it finds no iptables, and so leaves no chains of its own behind.
        "/usr/bin/env",
        "PATH=/usr/bin",
        plane.programs / "kubelet",
        f"--config={config}",
        f"--kubeconfig={kubeconfig}",
        f"--root-dir={KUBELET_ROOT}",
        f"--hostname-override={NODE_NAME}",
        f"--node-ip={NODE_ADDRESS}",
    ]
    healthy = f"http://{LOOPBACK}:{KUBELET_HEALTH_PORT}/healthz"
    return Daemon(name="kubelet", argv=argv, ready=lambda: answers(healthy))


def kubelet_config(plane: ControlPlane) -> dict[str, Any]:
    """Return the kubelet's configuration."""
    serving = plane.authority.issue(
        "kubelet-serving", Subject(user=NODE_NAME, hosts=(NODE_NAME, NODE_ADDRESS))
    )
    resolver = SYSTEMD_RESOLVED if SYSTEMD_RESOLVED.exists() else Path("/etc/resolv.conf")
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzBindAddress": LOOPBACK,
        "healthzPort": KUBELET_HEALTH_PORT,
        "authentication": {
            "anonymous": {"enabled": False},
            "x509": {"clientCAFile": str(plane.authority.files.certificate)},
        },
        "tlsCertFile": str(serving.certificate),
        "tlsPrivateKeyFile": str(serving.key),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [],
        "resolvConf": str(resolver),
        "podLogsDir": str(POD_LOGS),
        "volumePluginDir": str(KUBELET_ROOT / "volume-plugins"),
        "maxPods": 500,
        # Images are imported, not pulled: one that is collected would never come back.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {
            "memory.available": "200Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
    }


def kube_proxy(plane: ControlPlane) -> Daemon:
    """Return what makes Services reachable."""
    kubeconfig = plane.config("kube-proxy", Subject(user="system:kube-proxy"))
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        # Stock, a Service may lag a second behind pods that are Ready: tests would stumble.
        "nftables": {"minSyncPeriod": "100ms"},
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "clusterCIDR": POD_CIDR,
        "hostnameOverride": NODE_NAME,
        "bindAddress": NODE_ADDRESS,
        "nodePortAddresses": [f"{NODE_ADDRESS}/32"],
        "healthzBindAddress": f"{LOOPBACK}:{PROXY_HEALTH_PORT}",
        "metricsBindAddress": f"{LOOPBACK}:10249",
        "oomScoreAdj": 0,
        # Zero leaves the machine's own connection tracking limits alone.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
    argv: list[str | Path] = [
        plane.programs / "kube-proxy",
        f"--config={write_json('kube-proxy.json', config)}",
    ]
    return Daemon(name="kube-proxy", argv=argv, ready=lambda: listens(LOOPBACK, PROXY_HEALTH_PORT))


def write_json(name: str, content: dict[str, Any]) -> Path:
    """Write a configuration file; JSON is YAML too."""
    return write_file(CONFIG / name, json.dumps(content, indent=2) + "\n")
