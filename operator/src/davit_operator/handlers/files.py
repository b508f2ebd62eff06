"""Write the files of runs as JobFiles."""

from __future__ import annotations

from davit_operator.api.base import ObjectKey
from davit_operator.effects.errors import ApiError, Conflict
from davit_operator.effects.kube import Kube, Manifest
from davit_operator.effects.resources import FILES
from davit_operator.handlers.storage import Storage, StorageFullError
from davit_operator.plan.attempt_log import AttemptLog
from davit_operator.plan.results import is_inline
from davit_operator.plan.run_files import RunFiles, WrittenFile


class Files:
    """Writes files, and results that are too large for a status."""

    def __init__(self, kube: Kube, storage: Storage) -> None:
        self._kube = kube
        self._storage = storage

    async def write(self, files: RunFiles, log: AttemptLog) -> None:
        """Write the files that are complete; again after a failure makes no second ones."""
        while log.files:
            written = files.next(log.files[0])
            if written is not None:
                refused = await self._refused(written)
                if refused:
                    files.refuse(written.file, refused)
                else:
                    files.keep(written.file)
            log.files.pop(0)

    async def write_result(self, files: RunFiles, result: str | None) -> None:
        """Write what the job returned, unless it fits the status."""
        if result is None or is_inline(result):
            return
        written = files.result(result)
        if written is None:
            return
        refused = await self._refused(written)
        if refused:
            files.refuse_result(refused)
        else:
            files.keep_result(written.file)

    async def _refused(self, written: WrittenFile) -> str:
        """Return why the file cannot be written; empty once it is."""
        for manifest in written.objects:
            try:
                await self._storage.store(FILES, manifest)
            except Conflict:
                if not await self._stands(manifest):
                    return f"JobFile {manifest['metadata']['name']} is not of this run"
            except ApiError as error:
                if not error.is_refusal:
                    raise
                return f"the API server refused it: {error.message}"
            except StorageFullError as full:
                return str(full)
        return ""

    async def _stands(self, manifest: Manifest) -> bool:
        """Return whether the object is there already: written by us, before a restart."""
        metadata = manifest["metadata"]
        key = ObjectKey(metadata["namespace"], metadata["name"])
        found = await self._kube.get(FILES, key)
        if found is None:
            raise Conflict(409, f"JobFile {key.name} was deleted while it was to be written")
        return bool(found["spec"] == manifest["spec"])
