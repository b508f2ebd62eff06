"""Asks a server whether it serves yet."""

import json
import socket
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.cluster.pki import Authority, KeyPair

TIMEOUT_SECONDS = 2


def listens(host: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), TIMEOUT_SECONDS):
            return True
    except OSError:
        return False


def answers(url: str, context: ssl.SSLContext | None = None) -> bool:
    """Tell whether a health page says that all is well."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS, context=context):  # noqa: S310
            return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Api:
    """The API server as an administrator sees it, for the few questions asked while booting."""

    server: str
    authority: Authority
    admin: KeyPair

    def ready(self) -> bool:
        """Tell whether the API server finished its start."""
        return answers(f"{self.server}/readyz", self._context())

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object, or None while it does not exist or nobody answers."""
        url, context = f"{self.server}{path}", self._context()
        try:
            with urllib.request.urlopen(  # noqa: S310
                url, timeout=TIMEOUT_SECONDS, context=context
            ) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return None

    def node_ready(self, name: str, since: float = 0) -> bool:
        """Tell whether a node may be given pods, by a word of its kubelet that is not older."""
        node = self.get(f"/api/v1/nodes/{name}") or {}
        conditions = node.get("status", {}).get("conditions", [])
        return any(
            c["type"] == "Ready"
            and c["status"] == "True"
            and datetime.fromisoformat(c["lastHeartbeatTime"]).timestamp() >= since
            for c in conditions
        )

    def serves_pods(self) -> bool:
        """Tell whether a pod made now is admitted: it needs its namespace's ServiceAccount."""
        return self.get("/api/v1/namespaces/default/serviceaccounts/default") is not None

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.files.certificate)
        context.load_cert_chain(self.admin.certificate, self.admin.key)
        return context
