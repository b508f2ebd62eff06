"""Open the gateway: with the pod's ServiceAccount, else with KUBECONFIG."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kubernetes.aio import client, config
from kubernetes.aio.config.incluster_config import InClusterConfigLoader

from davit_operator.effects.kube import Kube

# The streams of logs hold one each, for as long as they like; calls must not wait for them.
CONNECTIONS = 256
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the API server is reached at this moment: tokens change within the hour."""

    server: str
    ca_path: str | None
    certificate_path: str | None
    private_key_path: str | None
    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The gateway, and how others (the informer) reach the same server."""

    kube: Kube
    configuration: client.Configuration

    async def access(self) -> Access:
        """Return how to reach the server now."""
        settings = await self.configuration.auth_settings()
        header = settings.get("BearerToken", {}).get("value") or ""
        return Access(
            server=self.configuration.host,
            ca_path=self.configuration.ssl_ca_cert,
            certificate_path=self.configuration.cert_file,
            private_key_path=self.configuration.key_file,
            # "Bearer TOKEN", in whatever case the client likes.
            token=header.rpartition(" ")[2] or None,
        )


def use_service_account(configuration: client.Configuration, folder: Path) -> None:
    """Have calls made as a pod makes them: with the token that ``folder`` holds at that moment.

    The client's own way remembers a token for a minute; the server may have revoked it meanwhile.

    Raises:
        ConfigException: this is no pod, or it has no token.
    """
    token, authority = folder / "token", folder / "ca.crt"
    loader = InClusterConfigLoader(  # type: ignore[no-untyped-call]  # theirs
        token_filename=str(token), cert_filename=str(authority), try_refresh_token=False
    )
    loader.load_and_set(configuration)  # type: ignore[no-untyped-call]  # theirs

    def read_token(known: client.Configuration) -> None:
        known.api_key["BearerToken"] = f"bearer {token.read_text()}"

    configuration.refresh_api_key_hook = read_token  # type: ignore[assignment]  # theirs


@asynccontextmanager
async def connected() -> AsyncIterator[Connection]:
    """Yield the connection; close it in the end.

    Raises:
        ConfigException: there is neither a ServiceAccount nor a usable kubeconfig.
    """
    configuration = client.Configuration(connection_pool_maxsize=CONNECTIONS)
    try:
        use_service_account(configuration, SERVICE_ACCOUNT)
    except config.ConfigException:
        await config.load_kube_config(  # type: ignore[no-untyped-call]  # theirs
            client_configuration=configuration
        )
    async with client.ApiClient(configuration) as api:
        yield Connection(kube=Kube(api), configuration=configuration)
