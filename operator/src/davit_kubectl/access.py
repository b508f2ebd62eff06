"""How the API server is reached: by the kubeconfig, or from inside a pod by its own account."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from davit_kubectl.credentials import Credentials, credentials_of, pem
from davit_kubectl.failures import BadUsage, Failure
from davit_kubectl.kubeconfig import chosen, read_kubeconfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from davit_kubectl.kubeconfig import Section

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Wanted(NamedTuple):
    """What the command line says of the cluster, as kubectl's own options do."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    # Whom to act as.
    user: str | None = None
    groups: Sequence[str] = ()


class Access(NamedTuple):
    """Where the server is, and what shows it who asks."""

    host: str
    port: int
    # Of the server's URL; clusters behind one address differ by it.
    path: str
    # None: plain HTTP.
    tls: ssl.SSLContext | None
    # The name in the server's certificate, where it is not ``host``.
    tls_server_name: str
    # ``http://host:port`` of a proxy, or nothing.
    proxy: str
    headers: tuple[tuple[str, str], ...]
    namespace: str


def access(wanted: Wanted, environment: Mapping[str, str]) -> Access:
    """Return how to reach the server now; tokens change within the hour.

    Raises:
        Failure: there is no usable kubeconfig, and this is no pod.
    """
    config = read_kubeconfig(wanted.kubeconfig, environment)
    if config.is_empty and not wanted.context:
        return _from_pod(wanted, environment)
    found = chosen(config, wanted.context)
    credentials = credentials_of(found, config, environment)
    namespace = wanted.namespace or found.namespace or "default"
    acting = wanted._replace(
        user=wanted.user or found.user.get("as"),
        groups=wanted.groups or found.user.get("as-groups") or (),
    )
    return _access(found.cluster, credentials, acting, namespace, environment)


def _from_pod(wanted: Wanted, environment: Mapping[str, str]) -> Access:
    host, port = (environment.get(f"KUBERNETES_SERVICE_{what}", "") for what in ("HOST", "PORT"))
    token, authority = _ACCOUNT / "token", _ACCOUNT / "ca.crt"
    if not host or not token.exists():
        raise BadUsage(
            "There is no cluster to speak to: no kubeconfig (KUBECONFIG, ~/.kube/config or "
            "--kubeconfig), and this is no pod. `kubectl config view` shows what kubectl knows."
        )
    bracketed = f"[{host}]" if ":" in host else host
    cluster = {"server": f"https://{bracketed}:{port}", "certificate-authority": str(authority)}
    own = _ACCOUNT / "namespace"
    namespace = wanted.namespace or (own.read_text().strip() if own.exists() else "default")
    credentials = Credentials(token=token.read_text().strip())
    return _access(cluster, credentials, wanted, namespace, environment)


def _access(
    cluster: Section,
    credentials: Credentials,
    wanted: Wanted,
    namespace: str,
    environment: Mapping[str, str],
) -> Access:
    server = str(cluster.get("server") or "")
    url = urlsplit(server if "://" in server else f"https://{server}")
    if not url.hostname or url.scheme not in _DEFAULT_PORTS:
        raise BadUsage(f'The kubeconfig\'s server "{server}" is no URL such as https://host:6443.')
    acting = [("Impersonate-User", wanted.user)] if wanted.user else []
    acting += [("Impersonate-Group", group) for group in wanted.groups]
    return Access(
        host=url.hostname,
        port=url.port or _DEFAULT_PORTS[url.scheme],
        path=url.path.rstrip("/"),
        tls=_tls(cluster, credentials) if url.scheme == "https" else None,
        tls_server_name=cluster.get("tls-server-name") or url.hostname,
        proxy=cluster.get("proxy-url") or _proxy(url.scheme, url.netloc, environment),
        headers=(*credentials.headers(), *acting),
        namespace=namespace,
    )


def _tls(cluster: Section, credentials: Credentials) -> ssl.SSLContext:
    authority = pem(cluster, "certificate-authority")
    try:
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        # Small authorities often leave out what strict readers ask for, and kubectl does not.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if credentials.certificate:
            # OpenSSL reads these from files only; it has mode 0600, and is gone in a moment.
            with tempfile.NamedTemporaryFile() as both:
                both.write(credentials.certificate + b"\n" + credentials.key)
                both.flush()
                context.load_cert_chain(both.name)
    except (ssl.SSLError, ValueError) as error:
        raise Failure(f"A certificate or key of the kubeconfig cannot be read: {error}.") from error
    return context


def _proxy(scheme: str, netloc: str, environment: Mapping[str, str]) -> str:
    """Return the proxy that HTTPS_PROXY names, unless NO_PROXY excepts the server."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    found = next((environment[name] for name in names if environment.get(name)), "")
    if not found:
        return ""
    from urllib.request import proxy_bypass  # noqa: PLC0415 (rarely needed)

    return "" if proxy_bypass(netloc) else found
