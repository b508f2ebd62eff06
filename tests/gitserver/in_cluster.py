"""The Git server in a pod: real Git over HTTPS, for clusters that do not reach this machine.

The pod runs ``server.py`` in the operator's image, which has Python and Git.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.gitserver.certificates import Certificates, write_certificates
from tests.gitserver.running import RemoteRepository
from tests.kubectl import Kubectl

Manifest = dict[str, Any]

NAME = "git"
PORT = 8443
_FOLDER = Path(__file__).parent
_PROGRAMS = (_FOLDER / "server.py", _FOLDER / "repositories.py")
_CREATE = """\
import sys
from pathlib import Path
from gitserver.repositories import create_repository
create_repository(Path("/data"), sys.argv[1])
"""
_LABELS = {"app.kubernetes.io/name": NAME}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterGitServer:
    """The server, at an address that pods reach; this machine reaches it by a forwarded port."""

    kubectl: Kubectl
    address: str
    ca: bytes = field(repr=False)

    def url(self, repository: str) -> str:
        """Return the URL of a repository, as the operator calls it."""
        return f"https://{self.address}/{repository}.git"

    def secret(self, name: str) -> Manifest:
        """Return the Secret that lets a JobRepository trust the server."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "data": {"ca.crt": b64encode(self.ca).decode()},
        }

    @contextmanager
    def repository(self, name: str, folder: Path) -> Iterator[RemoteRepository]:
        """Make the repository ``name``, and a working copy in ``folder`` to push from."""
        self.kubectl("exec", f"deploy/{NAME}", "--", "python3", "-c", _CREATE, name)
        (folder / "ca.crt").write_bytes(self.ca)
        with self._forwarded() as port:
            work = folder / "work"
            work.mkdir()
            url = f"https://127.0.0.1:{port}/{name}.git"
            made = RemoteRepository(url=url, work=work, ca=folder / "ca.crt", user=("", ""))
            made.git("init", "--quiet", "--initial-branch=main")
            made.git("remote", "add", "origin", url)
            yield made

    @contextmanager
    def _forwarded(self) -> Iterator[int]:
        """Yield a loopback port that leads to the server."""
        words = [*self.kubectl.command(), "port-forward", f"deploy/{NAME}", f":{PORT}"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as forward:
            try:
                if forward.stdout is None:
                    raise AssertionError("port-forward was started with a pipe")
                # "Forwarding from 127.0.0.1:43211 -> 8443"
                line = forward.stdout.readline()
                yield int(line.split(":")[1].split(" ")[0])
            finally:
                forward.terminate()


def start_git_server(
    kubectl: Kubectl, image: str, seeds: Mapping[str, Mapping[str, str]]
) -> ClusterGitServer:
    """Start the server in kubectl's namespace; ``seeds`` are files by path, by repository.

    A server that runs already is used on, with the content that it has.
    """
    kubectl.apply(_service())
    address = kubectl.get("service", NAME)["spec"]["clusterIP"]
    if not kubectl("get", "secret", "git-tls", "--ignore-not-found"):
        with tempfile.TemporaryDirectory() as folder:
            certificates = write_certificates(Path(folder), [address, "127.0.0.1"])
            kubectl.create(_tls(certificates))
    kubectl.apply(_config(seeds), _deployment(image, seeds))
    kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=120s")
    tls = kubectl.get("secret", "git-tls")["data"]
    return ClusterGitServer(kubectl=kubectl, address=address, ca=b64decode(tls["ca.crt"]))


def _service() -> Manifest:
    ports = [{"name": "https", "port": 443, "targetPort": PORT}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": _LABELS, "ports": ports},
    }


def _tls(certificates: Certificates) -> Manifest:
    files = {"ca.crt": certificates.ca, "tls.crt": certificates.cert, "tls.key": certificates.key}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "git-tls"},
        "data": {name: b64encode(path.read_bytes()).decode() for name, path in files.items()},
    }


def _config(seeds: Mapping[str, Mapping[str, str]]) -> Manifest:
    data = {f"{name}.json": json.dumps(files) for name, files in seeds.items()}
    programs = {path.name: path.read_text() for path in _PROGRAMS}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME},
        "data": {**programs, **data},
    }


def _deployment(image: str, seeds: Mapping[str, Mapping[str, str]]) -> Manifest:
    manifest: Manifest = yaml.safe_load(_FOLDER.joinpath("deployment.yaml").read_text())
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    container["image"] = image
    container["args"] += [f"--seed={name}=/seeds/{name}.json" for name in seeds]
    return manifest
