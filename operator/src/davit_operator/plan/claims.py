"""The volume for files that are too large for a pod's log: how a run's pod gets its part of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from davit_contract import places
from davit_operator.api.runner import RunnerSettings
from davit_operator.plan.mounts import NOTHING, Mounted

# On a batch Job: its ClaimedFolder, as JSON.
FILES_ANNOTATION = "davit.dev/files"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedFolder:
    """The folder of one attempt on a PersistentVolumeClaim, and the bytes of its files."""

    claim_name: str
    path: str
    max_bytes: int


def claimed_folder(settings: RunnerSettings, batch_job: str) -> ClaimedFolder | None:
    """Return where the attempt that ``batch_job`` makes may put large files; None: nowhere."""
    files = settings.files
    if files is None:
        return None
    claim = files.persistent_volume_claim
    path = f"{claim.path}/{batch_job}" if claim.path else batch_job
    return ClaimedFolder(claim_name=claim.claim_name, path=path, max_bytes=files.max_bytes)


def mounted_folder(folder: ClaimedFolder | None) -> Mounted:
    """Return what the pod needs: it sees its own folder, and not those of other runs."""
    if folder is None:
        return NOTHING
    volume = {"name": "files", "persistentVolumeClaim": {"claimName": folder.claim_name}}
    mount = {"name": "files", "mountPath": places.FILES_PATH, "subPath": folder.path}
    return Mounted((volume,), (mount,))


def written_folder(folder: ClaimedFolder) -> str:
    """Return the annotation's text."""
    return json.dumps(asdict(folder))


def read_folder(text: str) -> ClaimedFolder | None:
    """Return what ``written_folder`` wrote; None for nothing.

    Raises:
        ValueError, TypeError: somebody else wrote it.
    """
    return ClaimedFolder(**json.loads(text)) if text else None
