"""Who asks: what a kubeconfig's user section says, as headers and as a client certificate."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from davit_kubectl.failures import BadUsage, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from davit_kubectl.kubeconfig import Chosen, Kubeconfig, Section


class Credentials(NamedTuple):
    """What shows the server who asks; ``certificate`` and ``key`` are PEM, or empty."""

    token: str = ""
    basic: str = ""
    certificate: bytes = b""
    key: bytes = b""

    def headers(self) -> list[tuple[str, str]]:
        """Return the header that names the user, where one does."""
        if self.token:
            return [("Authorization", f"Bearer {self.token}")]
        return [("Authorization", f"Basic {self.basic}")] if self.basic else []


def credentials_of(
    chosen: Chosen, config: Kubeconfig, environment: Mapping[str, str]
) -> Credentials:
    """Return the credentials of a context's user, asking a plugin where the user section says so.

    Raises:
        Failure: a file or a plugin does not give them.
    """
    user = chosen.user
    if user.get("exec"):
        return _from_plugin(chosen, environment)
    token = user.get("token") or ""
    if user.get("tokenFile"):
        token = _read(user["tokenFile"]).decode().strip()
    if user.get("auth-provider"):
        token = _from_official_client(chosen, config)
    basic = ""
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}"
        basic = b64encode(pair.encode()).decode()
    return Credentials(token, basic, pem(user, "client-certificate"), pem(user, "client-key"))


def pem(section: Section, key: str) -> bytes:
    """Return what ``key-data`` holds, or the file that ``key`` names; nothing where neither is."""
    data = section.get(f"{key}-data")
    if data:
        return b64decode(data)
    return _read(section[key]) if section.get(key) else b""


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Failure(
            f"The kubeconfig names {path}, which cannot be read: {error.strerror}."
        ) from (error)


def _from_plugin(chosen: Chosen, environment: Mapping[str, str]) -> Credentials:
    """Run the plugin, as https://kubernetes.io/docs/reference/access-authn-authz/authentication
    describes it under client-go credential plugins.
    """
    wanted = chosen.user["exec"]
    added = {item["name"]: item["value"] for item in wanted.get("env") or ()}
    told = {"KUBERNETES_EXEC_INFO": json.dumps(_plugin_info(chosen))}
    command = [wanted["command"], *(wanted.get("args") or ())]
    try:
        ended = subprocess.run(  # noqa: S603 (the user's own kubeconfig names it)
            command, env={**environment, **added, **told}, stdout=subprocess.PIPE, check=False
        )
    except OSError as error:
        hint = f" {wanted['installHint']}" if wanted.get("installHint") else ""
        raise Failure(
            f'The credential plugin "{command[0]}", which the kubeconfig names, cannot be run: '
            f"{error.strerror}.{hint}"
        ) from error
    if ended.returncode:
        raise Failure(f'The credential plugin "{command[0]}" ended with {ended.returncode}.')
    return _plugin_answer(command[0], ended.stdout)


def _plugin_info(chosen: Chosen) -> dict[str, Any]:
    wanted, cluster = chosen.user["exec"], chosen.cluster
    spec: dict[str, Any] = {
        "interactive": wanted.get("interactiveMode") != "Never" and sys.stdin.isatty()
    }
    if wanted.get("provideClusterInfo"):
        authority = b64encode(pem(cluster, "certificate-authority")).decode()
        told = {
            "server": cluster.get("server"),
            "tls-server-name": cluster.get("tls-server-name"),
            "insecure-skip-tls-verify": cluster.get("insecure-skip-tls-verify"),
            "certificate-authority-data": authority,
            "proxy-url": cluster.get("proxy-url"),
        }
        spec["cluster"] = {key: value for key, value in told.items() if value}
    version = wanted.get("apiVersion", "client.authentication.k8s.io/v1")
    return {"apiVersion": version, "kind": "ExecCredential", "spec": spec}


def _plugin_answer(command: str, text: bytes) -> Credentials:
    try:
        status = json.loads(text)["status"]
        return Credentials(
            token=status.get("token") or "",
            certificate=(status.get("clientCertificateData") or "").encode(),
            key=(status.get("clientKeyData") or "").encode(),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(
            f'The credential plugin "{command}" printed no ExecCredential with a status.'
        ) from error


def _from_official_client(chosen: Chosen, config: Kubeconfig) -> str:
    """Return the token of an ``auth-provider``, refreshed: the protocol is the client's to know."""
    from kubernetes.client import Configuration  # noqa: PLC0415 (takes half a second)
    from kubernetes.config import ConfigException, load_kube_config_from_dict  # noqa: PLC0415

    configuration = Configuration()
    names = {"contexts": "context", "clusters": "cluster", "users": "user"}
    said: dict[str, Any] = {
        plural: [{"name": name, one: entry} for name, entry in getattr(config, plural).items()]
        for plural, one in names.items()
    }
    try:
        load_kube_config_from_dict(  # type: ignore[no-untyped-call]  # theirs
            {"current-context": chosen.context, **said},
            client_configuration=configuration,
            persist_config=False,
        )
    except ConfigException as error:
        raise BadUsage(f'Context "{chosen.context}" gives no credentials: {error}.') from error
    token = str(configuration.api_key.get("BearerToken", "")).rpartition(" ")[2]
    if not token:
        name = chosen.user["auth-provider"].get("name")
        raise BadUsage(
            f'The kubeconfig\'s auth-provider "{name}" gives no token. Log in again, or use a '
            "credential plugin (exec), which has taken the place of such providers."
        )
    return token
