"""Reads from a kubeconfig how its API server is reached, for clients that are not the operator."""

from __future__ import annotations

import ssl
import tempfile
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server's URL, and what shows it who asks."""

    server: str
    tls: ssl.SSLContext
    headers: Mapping[str, str]


def access(kubeconfig: Path) -> Access:
    """Return the access that the current context gives: by client certificate, or by token."""
    config = yaml.safe_load(kubeconfig.read_text())
    context = _named(config, "contexts", config["current-context"])["context"]
    cluster = _named(config, "clusters", context["cluster"])["cluster"]
    user = _named(config, "users", context["user"])["user"]
    authority = _pem(cluster, "certificate-authority")
    tls = ssl.create_default_context(cadata=authority.decode() if authority else None)
    certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
    if certificate:
        with tempfile.NamedTemporaryFile() as both:
            both.write(certificate + b"\n" + key)
            both.flush()
            tls.load_cert_chain(both.name)
    token = user.get("token", "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Access(server=cluster["server"], tls=tls, headers=headers)


def _named(config: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(each for each in config[kind] if each["name"] == name)
    return found


def _pem(section: Mapping[str, Any], key: str) -> bytes:
    if f"{key}-data" in section:
        return b64decode(section[f"{key}-data"])
    return Path(section[key]).read_bytes() if key in section else b""
