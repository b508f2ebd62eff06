"""What the objects have in common that hold what a run said: JobLogs and JobFiles."""

from __future__ import annotations

from dataclasses import dataclass

from davit_operator.api.base import ObjectKey
from davit_operator.api.joblog import RunReference
from davit_operator.api.kinds import API_VERSION, JOB_RUN, Kind
from davit_operator.api.names import MANAGED_BY, MANAGED_BY_LABEL, RUN_UID_LABEL, SIZE_ANNOTATION
from davit_operator.plan.claims import ClaimedFolder
from davit_operator.plan.pods import Manifest, owner_reference

# What an object takes in etcd beside its data.
_OVERHEAD_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAttempt:
    """One attempt of a run: whose logs and files an object holds."""

    run: ObjectKey
    uid: str
    batch_job: str
    number: int = 1
    # Where its pod may put files that are too large for its log.
    folder: ClaimedFolder | None = None

    @property
    def reference(self) -> RunReference:
        """Return what an object's spec says of the run."""
        return RunReference(name=self.run.name, uid=self.uid)


def run_object(kind: Kind, attempt: RunAttempt, name: str, spec: Manifest) -> Manifest:
    """Return the object that goes with the run, and says how large it is."""
    owner = owner_reference(API_VERSION, JOB_RUN.name, attempt.run.name, attempt.uid)
    return {
        "apiVersion": API_VERSION,
        "kind": kind.name,
        "metadata": {
            "name": name,
            "namespace": attempt.run.namespace,
            "labels": {MANAGED_BY_LABEL: MANAGED_BY, RUN_UID_LABEL: attempt.uid},
            "annotations": {SIZE_ANNOTATION: str(len(spec["data"]) + _OVERHEAD_BYTES)},
            "ownerReferences": [owner],
        },
        "spec": spec,
    }


def size_of(manifest: Manifest) -> int:
    """Return the bytes of an object that ``run_object`` made."""
    return int(manifest["metadata"]["annotations"][SIZE_ANNOTATION])
