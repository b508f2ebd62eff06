"""Writes kubeconfig files that hold their certificates, so that one file is all a client needs."""

import base64
import json
import os
from pathlib import Path

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
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two tests may write the same kubeconfig at the same time.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    return draft.replace(path)


def encoded(path: Path) -> str:
    """Return a file's content in base64."""
    return base64.b64encode(path.read_bytes()).decode("ascii")
