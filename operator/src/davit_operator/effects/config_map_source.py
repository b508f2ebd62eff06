"""Reads job code from ConfigMaps."""

from __future__ import annotations

import asyncio

from davit_operator.api.base import ObjectKey
from davit_operator.effects.kube import Kube, Object
from davit_operator.effects.resources import CONFIG_MAPS
from davit_operator.plan.artifact import PackedArtifact, pack
from davit_operator.plan.artifact_tree import SourceFile
from davit_operator.plan.config_map import config_map_files, config_map_missing, content_commit
from davit_operator.plan.sightings import ConfigMapLook, OutdatedError, Sighting


class ConfigMapSources:
    """Reads ConfigMaps when they are due.

    They are not watched: a watch by name is one connection for each, and a watch of all shows and
    keeps the contents of the whole cluster.
    """

    def __init__(self, kube: Kube) -> None:
        self._kube = kube

    async def look(self, look: ConfigMapLook, before: Sighting | None) -> Sighting:
        """Return what the ConfigMap holds; its content is read where it changed since ``before``.

        Raises:
            Blocked: there is no such ConfigMap, or it lacks a key.
        """
        found = await self._kube.metadata(CONFIG_MAPS, ObjectKey(look.namespace, look.name))
        if found is not None and before is not None and before.proof == _version(found):
            return before
        return (await self._read(look))[0]

    async def code(self, look: ConfigMapLook, seen: Sighting) -> PackedArtifact:
        """Return the files that were seen, packed.

        Raises:
            Blocked: the ConfigMap is gone, or its files must not be served.
            OutdatedError: it holds something else by now.
        """
        now, files = await self._read(look)
        if now.commit != seen.commit:
            raise OutdatedError
        return await asyncio.to_thread(pack, files)

    async def _read(self, look: ConfigMapLook) -> tuple[Sighting, tuple[SourceFile, ...]]:
        found = await self._kube.get(CONFIG_MAPS, ObjectKey(look.namespace, look.name))
        if found is None:
            raise config_map_missing(look)
        files = config_map_files(look, found)
        commit = content_commit(files)
        revision = f"{look.name}@sha256:{commit}"
        return Sighting(revision=revision, commit=commit, proof=_version(found)), files


def _version(found: Object) -> tuple[str, str]:
    metadata = found["metadata"]
    return metadata["uid"], metadata["resourceVersion"]
