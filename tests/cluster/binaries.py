"""Builds Kubernetes and etcd from source, once per version, into a cache outside the checkout."""

from pathlib import Path

from tests.cluster.built import Programs, go_build
from tests.cluster.state import SOURCE

KUBERNETES = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
)
PACKAGES = (
    *(f"k8s.io/kubernetes/cmd/{name}" for name in KUBERNETES),
    "go.etcd.io/etcd/server/v3",
    "./pause",
)
INPUTS = ("go.mod", "go.sum", "pause/main.go")


def binaries() -> Path:
    """Return the folder that holds the binaries; build them if they are not there."""
    return Programs(
        kept="cluster-binaries",
        inputs=tuple(SOURCE / name for name in INPUTS),
        make=build,
        what="Kubernetes and etcd",
        usually="6 to 10 min the first time; ready-made after that",
    ).folder()


def kubernetes_version() -> str:
    """Return the version that go.mod pins."""
    words = (SOURCE / "go.mod").read_text().split()
    return words[words.index("k8s.io/kubernetes") + 1]


def build(target: Path) -> None:
    """Build all programs."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".")
    stamp = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamp.items())
    go_build(SOURCE, target, PACKAGES, flags, "go-build.log")
    (target / "server").rename(target / "etcd")
