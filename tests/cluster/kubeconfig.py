"""Writes kubeconfig files that hold their certificates, so that one file is all a client needs."""

import base64
import json
from pathlib import Path

from tests.cluster.files import write_file
from tests.cluster.pki import Authority, KeyPair, Subject

ADMIN = Subject(user="davit-admin", group="system:masters")


def write_kubeconfig(path: Path, server: str, authority: Authority, client: KeyPair) -> Path:
    """Write a kubeconfig for one client certificate; JSON is YAML too."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "davit",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": encoded(authority.files.certificate),
                },
            }
        ],
        "users": [
            {
                "name": "davit",
                "user": {
                    "client-certificate-data": encoded(client.certificate),
                    "client-key-data": encoded(client.key),
                },
            }
        ],
        "contexts": [{"name": "davit", "context": {"cluster": "davit", "user": "davit"}}],
        "current-context": "davit",
    }
    return write_file(path, json.dumps(content, indent=2) + "\n")


def encoded(path: Path) -> str:
    """Return a file's content in base64."""
    return base64.b64encode(path.read_bytes()).decode("ascii")
