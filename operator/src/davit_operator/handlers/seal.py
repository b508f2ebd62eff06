"""See to it that discovery pods have no network, before the first of them is made."""

from __future__ import annotations

from contextlib import suppress

from davit_operator.effects.errors import Conflict
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import NETWORK_POLICIES
from davit_operator.plan.network import discovery_network_policy


class NetworkSeal:
    """Creates the policy of a namespace; what it remembers saves writes, and may be lost."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        # Uids of repositories, not names of namespaces: a namespace may be deleted and made anew.
        self._sealed: set[str] = set()

    async def close(self, namespace: str, repository_uid: str) -> None:
        """Have the policy stand in the namespace; one that stands there is left as it is.

        Raises:
            ApiError: the server refuses the policy; without it no discovery may begin.
        """
        if repository_uid in self._sealed:
            return
        # One that stands there may be of an admin's making, and is left to them.
        with suppress(Conflict):
            await self._kube.create(NETWORK_POLICIES, discovery_network_policy(namespace))
        self._sealed.add(repository_uid)
