"""What tests of repositories do: create them, push, and say what their discovery pods found."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration import kubelet
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition

FILES = {"jobs/__init__.py": "", "jobs/hello.py": "x = 1\n"}


def trust(place: Place, git: RunningServer) -> None:
    """Create the Secret that lets the operator believe the server's certificate."""
    ca = b64encode(git.ca.read_bytes()).decode()
    place.create("Secret", "git", data={"ca.crt": ca})


def apply(place: Place, remote: RemoteRepository, name: str = "netops", **spec: Any) -> None:
    """Create a repository that reads ``remote`` with the Secret ``git``.

    ``git`` are more keys of its source, the others are keys of its spec.
    """
    git = {"url": remote.url, "secretRef": {"name": "git"}, **spec.pop("git", {})}
    spec = {"source": {"git": git}, "interval": "10s", **spec}
    place.create("JobRepository", name, spec=spec)


def sync(place: Place, name: str, word: str) -> None:
    """Ask for a look at the source at once."""
    annotations = {"davit.dev/requestedAt": word}
    place.patch("JobRepository", name, {"metadata": {"annotations": annotations}})


def becomes(place: Place, name: str, status: str, reason: str, kind: str = "Ready") -> Object:
    """Return the repository once a condition says so."""

    def holds(repository: Object) -> bool:
        found = condition(repository, kind)
        return (found.get("status"), found.get("reason")) == (status, reason)

    return place.until("JobRepository", name, holds, f"has {kind}={status}, {reason}")


def creations(audit: AuditLog, place: Place, resource: str) -> int:
    """Return how many objects the operator has made in the namespace."""
    calls = audit.calls(user=OPERATOR_USER, namespace=place.name)
    return len([call for call in calls if call.what == f"create {resource}" and call.code == 201])


def served(place: Place, name: str, commit: str) -> Object:
    """Have the discovery of a commit end well, with no job in it; return the repository."""
    pod = place.discovery_pod(name)
    place.set_pod(pod, kubelet.ended(pod))
    return place.until(
        "JobRepository",
        name,
        lambda r: r["status"].get("artifact", {}).get("commit") == commit,
        f"serves {commit}",
    )


def all_served(place: Place, names: Iterable[str], commit: str) -> None:
    """Have every discovery end well as it comes, until all the repositories serve the commit."""

    def probe() -> bool:
        for pod in place.all("Pod", "davit.dev/component=discovery"):
            if "containerStatuses" not in pod["status"]:
                place.set_pod(pod, kubelet.ended(pod))
        found = [place.get("JobRepository", name).get("status", {}) for name in names]
        return all(status.get("artifact", {}).get("commit") == commit for status in found)

    eventually(probe, f"all serve {commit}")
