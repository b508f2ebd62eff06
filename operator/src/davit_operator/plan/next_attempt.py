"""From the batch Job of one attempt to that of the next: same commit, same inputs, same pod.

It is made from what was, not from the definition, which may have changed since.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

from davit_contract import RunRequest, decode, encode, places
from davit_operator.api.jobrun import JobRun
from davit_operator.api.names import QUEUE_LABEL, batch_job_name
from davit_operator.plan.batch_job import ATTEMPT_ANNOTATION
from davit_operator.plan.claims import FILES_ANNOTATION
from davit_operator.plan.pods import Manifest

# What the server adds to the labels of a Job's pods: they name the Job of before.
_OF_THE_JOB = frozenset(
    {"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid"}
    | {"job-name"}
)


def next_attempt(before: Manifest, run: JobRun, number: int, retries_left: int) -> Manifest:
    """Return the batch Job of attempt ``number``; ``before`` is that of an earlier one.

    Raises:
        KeyError, ValueError: somebody changed ``before``.
    """
    metadata, old = before["metadata"], before["metadata"]["name"]
    name = batch_job_name(run.metadata.name, run.metadata.uid, number)
    annotations = {**metadata["annotations"], ATTEMPT_ANNOTATION: str(number)}
    if FILES_ANNOTATION in annotations:
        folder = json.loads(annotations[FILES_ANNOTATION])
        folder["path"] = _renamed(folder["path"], old, name)
        annotations[FILES_ANNOTATION] = json.dumps(folder)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "labels": _own_labels(metadata.get("labels", {})),
            "annotations": annotations,
            "ownerReferences": metadata["ownerReferences"],
        },
        "spec": {
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": before["spec"]["ttlSecondsAfterFinished"],
            **({"suspend": True} if QUEUE_LABEL in metadata.get("labels", {}) else {}),
            "template": _template(before["spec"]["template"], old, name, (number, retries_left)),
        },
    }


def _template(before: Manifest, old: str, name: str, told: tuple[int, int]) -> dict[str, Any]:
    template: dict[str, Any] = deepcopy(dict(before))
    template["metadata"].pop("creationTimestamp", None)
    template["metadata"]["labels"] = _own_labels(template["metadata"]["labels"])
    annotations = template["metadata"]["annotations"]
    request = decode(RunRequest, annotations[places.REQUEST_ANNOTATION])
    number, retries_left = told
    request = replace(request, attempt=number, retries_left=retries_left)
    annotations[places.REQUEST_ANNOTATION] = encode(request)
    for container in template["spec"]["containers"]:
        for mount in container.get("volumeMounts", ()):
            if "subPath" in mount:
                mount["subPath"] = _renamed(mount["subPath"], old, name)
    return template


def _renamed(path: str, old: str, name: str) -> str:
    """Return the folder of an attempt for another one: its last part is the batch Job's name."""
    folder, slash, last = path.rpartition("/")
    return f"{folder}{slash}{name}" if last == old else path


def _own_labels(labels: Manifest) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name not in _OF_THE_JOB}
