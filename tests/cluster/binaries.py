"""Builds Kubernetes and etcd from source, once per version, into a cache outside the checkout."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from tests.cluster.commands import run_logged
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import SOURCE, cache

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
    folder = cache() / "cluster-binaries" / key()
    if folder.is_dir():
        return folder
    if not shutil.which("go"):
        raise ClusterError(
            "Go is missing: it builds the local Kubernetes from source. Install Go 1.26 or newer, "
            "or use any cluster: CLUSTER=current with KUBECONFIG."
        )
    with step("Building Kubernetes and etcd", "6 to 10 min the first time; ready-made after that"):
        publish(folder)
    return folder


def key() -> str:
    """Return what names this set of binaries: a hash over all that decides their content."""
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in INPUTS))
    return digest.hexdigest()[:16]


def publish(folder: Path) -> None:
    """Build into a folder beside the final one, then rename: half a build is never seen."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        build(draft)
        (draft / "server").rename(draft / "etcd")
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError:
        # Another checkout published the same binaries meanwhile.
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def kubernetes_version() -> str:
    """Return the version that go.mod pins."""
    words = (SOURCE / "go.mod").read_text().split()
    return words[words.index("k8s.io/kubernetes") + 1]


def build(target: Path) -> None:
    """Build all programs, static and without the path of this machine in them."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".")
    stamp = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamp.items())
    argv = ["go", "build", "-C", str(SOURCE), "-trimpath", "-ldflags", f"-s -w {flags}"]
    run_logged(
        [*argv, "-o", f"{target}/", *PACKAGES],
        cache() / "logs" / "go-build.log",
        # Go needs the user's environment (proxy, caches); only cgo is ours to decide.
        env={**os.environ, "CGO_ENABLED": "0"},
    )
