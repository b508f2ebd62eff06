"""The ConfigMaps that hold code: published before they are needed, deleted once nobody names them.

One lock keeps both apart: a part that is found there while it is published again must not be
deleted the moment after.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.api.names import ARTIFACT_COMPONENT, COMPONENT_LABEL
from davit_operator.effects.errors import Conflict
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import CONFIG_MAPS
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.clock import now
from davit_operator.plan.garbage import (
    PATIENCE,
    ArtifactKey,
    Known,
    SeenPart,
    artifacts_named,
    repositories_with_gaps,
    seen_part,
    unnamed_since,
)
from davit_operator.plan.pods import Manifest

_PARTS = f"{COMPONENT_LABEL}={ARTIFACT_COMPONENT}"

log = logging.getLogger(__name__)


class Artifacts:
    """All artifacts of the cluster. What it remembers may be lost: parts then stay a while longer.

    ``in_use`` returns those that are about to be served: nothing of the cluster names them yet.
    """

    def __init__(
        self,
        kube: Kube,
        caches: Caches,
        in_use: Callable[[], Iterable[ArtifactKey]],
        patience: timedelta = PATIENCE,
    ) -> None:
        self._kube = kube
        self._caches = caches
        self._in_use = in_use
        self._patience = patience
        self._lock = asyncio.Lock()
        # Since when nobody names a part, by uid.
        self._unnamed: dict[str, datetime] = {}

    async def publish(self, parts: Iterable[Manifest], published: Callable[[], None]) -> None:
        """Store the parts; ``published`` has them counted as in use.

        Raises:
            Stalled: ``ARTIFACT_CONFLICT``: something else stands at the name of one.
            ApiError: the API server refused one.
        """
        async with self._lock:
            for part in parts:
                await self._store(part)
            published()

    async def sweep(self) -> tuple[ObjectKey, ...]:
        """Delete what nobody has named for a while; return repositories that lack what they serve.

        Not on the way of any run: a list of names, and a call for each that is deleted.
        """
        # Before the list: the parts of what these serve are older than their status.
        repositories = tuple(self._caches.repositories.cache.values())
        parts = [
            seen_part(raw) async for raw in self._kube.list_metadata(CONFIG_MAPS, labels=_PARTS)
        ]
        moment = now()
        self._unnamed = unnamed_since(parts, self._named(), self._unnamed, moment)
        for part in parts:
            since = self._unnamed.get(part.uid)
            if since is not None and moment - since >= self._patience:
                await self._delete(part)
        return repositories_with_gaps(repositories, {part.key for part in parts})

    async def _store(self, part: Manifest) -> None:
        key = ObjectKey(part["metadata"]["namespace"], part["metadata"]["name"])
        try:
            await self._kube.create(CONFIG_MAPS, part)
        except Conflict:
            # Named by content: what stands there is the same, or not ours.
            found = await self._kube.get(CONFIG_MAPS, key) or {}
            if found.get("binaryData") != part["binaryData"] or not found.get("immutable"):
                raise Stalled(
                    Reason.ARTIFACT_CONFLICT,
                    f'ConfigMap "{key.name}" exists in namespace "{key.namespace}" with other '
                    "content. Delete it; the operator writes it anew.",
                ) from None

    async def _delete(self, part: SeenPart) -> None:
        async with self._lock:
            # Somebody may have begun to publish it again meanwhile.
            if part.artifact not in set(self._in_use()):
                log.info("ConfigMap %s is deleted: nobody needs this code any more", part.key)
                await self._kube.delete(CONFIG_MAPS, part.key, part.uid, part.resource_version)

    def _named(self) -> frozenset[ArtifactKey]:
        caches = self._caches
        named = artifacts_named(
            Known(
                repositories=caches.repositories.cache.values(),
                definitions=caches.definitions.cache.values(),
                runs=caches.runs.cache.values(),
                batch_jobs=caches.batch_jobs.cache.values(),
                pods=caches.pods.cache.values(),
            )
        )
        return named.union(self._in_use())
