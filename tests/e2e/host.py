"""A cluster whose deployed operator rests, while operators of this machine work in its place."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gitserver.running import RemoteRepository, git_server
from tests.integration.kube import Kube, Object, eventually, path_of
from tests.integration.place import Place
from tests.target import Target

# As manifests/base has it.
REPLICAS = 2
DEPLOYED = path_of("Deployment", "davit-system", "davit-operator", "scale")


@contextmanager
def resting(deployed: Target) -> Iterator[Kube]:
    """Yield a client of the cluster, whose deployed operator rests meanwhile."""
    kube = Kube(deployed.kubectl.kubeconfig)
    _scale(kube, 0)
    try:
        yield kube
    finally:
        _scale(kube, REPLICAS)


def _scale(kube: Kube, replicas: int) -> None:
    change = {"spec": {"replicas": replicas}}
    kube.call("PATCH", DEPLOYED, change, content_type="application/merge-patch+json")
    eventually(
        lambda: (
            kube.call("GET", DEPLOYED)["status"].get("replicas", 0) == replicas
            and len(operator_pods(kube)) == replicas
        ),
        f"{replicas} deployed operators",
    )


def operator_pods(kube: Kube) -> list[Object]:
    """Return the pods of deployed operators."""
    pods: list[Object] = kube.call("GET", path_of("Pod", "davit-system"))["items"]
    return [pod for pod in pods if pod["metadata"]["name"].startswith("davit-operator-")]


@contextmanager
def new_place(kube: Kube, prefix: str) -> Iterator[Place]:
    """Make a namespace that admits restricted pods only, until the block ends."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": name, "labels": labels}
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    eventually(lambda: kube.find("ServiceAccount", name, "default"), "pods are admitted")
    yield Place(kube=kube, name=name)
    kube.call("DELETE", path_of("Namespace", name=name))


@contextmanager
def served_git(place: Place, folder: Path) -> Iterator[RemoteRepository]:
    """Serve a Git repository that the namespace's Secret ``git`` lets the operator believe."""
    with git_server(folder) as server:
        place.create("Secret", "git", data={"ca.crt": b64encode(server.ca.read_bytes()).decode()})
        yield server.repository()


def environment(kubeconfig: Path, runner_image: str, folder: Path) -> dict[str, str]:
    """Return the environment of an operator of this machine, whose state is in ``folder``."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "DAVIT_STATE_DIR": str(folder / "state"),
        "DAVIT_RUNNER_IMAGE": runner_image,
        "DAVIT_GIT_ALLOWED_HOSTS": "127.0.0.1",
        "DAVIT_PROBE_PORT": "0",
    }


def git_source(url: str) -> Object:
    """Return the spec of a JobRepository that is served by ``served_git``."""
    source = {"git": {"url": url, "secretRef": {"name": "git"}}}
    return {"source": source, "layout": "JobsRoot", "interval": "10m"}
