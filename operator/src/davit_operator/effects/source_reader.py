"""Reads sources of every kind: what they hold now, and the code of it."""

from __future__ import annotations

from davit_operator.api.jobrepository import JobRepository
from davit_operator.effects.config_map_source import ConfigMapSources
from davit_operator.effects.git_source import GitSources
from davit_operator.plan.artifact import INSTALLED, AnyArtifact
from davit_operator.plan.sightings import (
    ConfigMapLook,
    GitLook,
    Sighting,
    SourceLook,
    look_of,
)


class SourceReader:
    """Knows who reads what."""

    def __init__(self, git: GitSources, config_maps: ConfigMapSources) -> None:
        self._git = git
        self._config_maps = config_maps

    async def look(self, wanted: SourceLook, before: Sighting | None) -> Sighting:
        """Return what the source holds now; ``before`` is what it held at the last look.

        Raises:
            Blocked: it cannot be read, or must not be.
        """
        if isinstance(wanted, GitLook):
            return await self._git.look(wanted)
        return await self._config_maps.look(wanted, before)

    async def code(self, repository: JobRepository, seen: Sighting) -> AnyArtifact:
        """Return the code of what was seen.

        Raises:
            Blocked: it cannot be read, or must not be served.
            OutdatedError: the source holds something else by now.
        """
        wanted = look_of(repository)
        if wanted is None:
            return INSTALLED
        if isinstance(wanted, ConfigMapLook):
            return await self._config_maps.code(wanted, seen)
        return await self._git.code(repository, seen)
