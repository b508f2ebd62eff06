"""Git servers that let in nobody without a secret, and the Secrets that do, for a namespace."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.gitserver.sshd import SshServer, ssh_server
from tests.integration import kubelet
from tests.integration.kube import Object
from tests.integration.place import Place, condition

PASSWORD = "canary-password-5Tz+ü:/x"  # noqa: S105 (of the tests' own servers, as all below)
TOKEN = "canary-token-8Kq"  # noqa: S105
PASSPHRASE = "canary-passphrase-3Wd ü"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """One folder of repositories, served over https and ssh; ``users`` may be changed."""

    web: RunningServer
    ssh: SshServer
    users: dict[str, str]

    def repository(self, name: str) -> RemoteRepository:
        """Return a repository with one commit on main."""
        made = self.web.repository(name)
        made.push({"jobs/__init__.py": "", "jobs/hello.py": "x = 1\n"})
        return made

    def identity(self, passphrase: str = "") -> bytes:
        """Return a private key that the server knows."""
        name = "closed" if passphrase else "open"
        path = self.ssh.folder / name
        if not path.exists():
            self.ssh.new_identity(name, passphrase)
            known = [each for each in ("closed", "open") if (self.ssh.folder / each).exists()]
            self.ssh.authorize(*known)
        return path.read_bytes()

    def keys(self, kind: str, port: int = 0) -> dict[str, bytes]:
        """Return what a Secret of a kind holds; ssh servers are known at ``port``."""
        ca = self.web.ca.read_bytes()
        known_hosts = self.ssh.known_hosts(port=port)
        kinds: dict[str, dict[str, bytes]] = {
            "password": {"username": b"ada", "password": PASSWORD.encode(), "ca.crt": ca},
            "bearer": {"bearerToken": TOKEN.encode(), "ca.crt": ca},
            "identity": {"identity": self.identity(), "known_hosts": known_hosts},
            "passphrase": {
                "identity": self.identity(PASSPHRASE),
                "password": PASSPHRASE.encode(),
                "known_hosts": known_hosts,
            },
        }
        return kinds[kind]


@contextmanager
def guarded_servers(folder: Path) -> Iterator[Guarded]:
    """Serve over https and ssh until the block is left."""
    users = {"ada": PASSWORD}
    with (
        git_server(folder, users=users, tokens=frozenset({TOKEN})) as web,
        ssh_server(folder) as ssh,
    ):
        yield Guarded(web=web, ssh=ssh, users=users)


def secret(place: Place, name: str, keys: Mapping[str, bytes]) -> None:
    """Create a Secret, or replace what it holds."""
    data = {key: b64encode(value).decode() for key, value in keys.items()}
    if place.find("Secret", name):
        place.patch("Secret", name, {"data": data})
    else:
        place.create("Secret", name, data=data)


def repository(place: Place, name: str, git: Mapping[str, Any], **spec: Any) -> None:
    """Create a JobRepository of this name, with short waits."""
    place.create("JobRepository", name, spec={"source": {"git": git}, "interval": "10s", **spec})


def becomes(place: Place, name: str, reason: str) -> Object:
    """Return the repository once it is not ready for ``reason``."""

    def holds(repository: Object) -> bool:
        found = condition(repository)
        return (found.get("status"), found.get("reason")) == ("False", reason)

    return place.until("JobRepository", name, holds, f"is not ready: {reason}")


def served(place: Place, name: str) -> Object:
    """Have the discovery of the newest commit end well; return the repository."""
    pod = place.discovery_pod(name)
    place.set_pod(pod, kubelet.ended(pod))
    return place.until(
        "JobRepository", name, lambda r: condition(r).get("status") == "True", "is ready"
    )
