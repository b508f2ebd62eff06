"""Whether the API server can carry davit."""

from __future__ import annotations

from davit_operator.api.kinds import GROUP, KINDS, VERSION
from davit_operator.effects.kube import Kube

OLDEST_KUBERNETES = (1, 32)


class UnfitServerError(Exception):
    """The API server cannot carry davit; the message says what is missing."""


async def check_server(kube: Kube) -> None:
    """Raise UnfitServerError where the server is too old, or the CRDs are missing."""
    version = await kube.version()
    if version < OLDEST_KUBERNETES:
        found, needed = ".".join(map(str, version)), ".".join(map(str, OLDEST_KUBERNETES))
        raise UnfitServerError(f"Kubernetes {found} is too old: davit needs {needed} or newer.")
    served = await kube.served(GROUP, VERSION)
    missing = [kind.plural for kind in KINDS if kind.plural not in served]
    if missing:
        names = ", ".join(f"{plural}.{GROUP}" for plural in missing)
        raise UnfitServerError(
            f"The API server does not serve {names}. Install the CRDs: `kubectl apply -f crds/`."
        )
