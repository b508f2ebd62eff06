"""Open the gateway: with the pod's ServiceAccount, else with KUBECONFIG."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kubernetes.aio import client, config

from davit_operator.effects.kube import Kube


@asynccontextmanager
async def connected() -> AsyncIterator[Kube]:
    """Yield the gateway; close its connections in the end.

    Raises:
        ConfigException: there is neither a ServiceAccount nor a usable kubeconfig.
    """
    configuration = client.Configuration()
    await config.load_config(  # type: ignore[no-untyped-call]  # theirs
        client_configuration=configuration
    )
    async with client.ApiClient(configuration) as api:
        yield Kube(api)
