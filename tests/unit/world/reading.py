"""What objects of the small world say of themselves."""

from __future__ import annotations

import json

from tests.unit.world.api_server import Raw

from davit_contract import places
from davit_operator.api.names import DEFINITION_UID_LABEL


def is_over(pod: Raw) -> bool:
    """Return whether the API says that the pod's code runs no more."""
    ended = pod["status"]["phase"] in {"Succeeded", "Failed"}
    return ended or "terminated" in state_of(pod)


def is_deleting(raw: Raw) -> bool:
    """Return whether somebody deleted it, though it may still stand."""
    return "deletionTimestamp" in raw["metadata"]


def owner_uid(raw: Raw) -> str:
    """Return the uid of what owns it; empty: nothing does."""
    uid: str = next((each["uid"] for each in raw["metadata"].get("ownerReferences", ())), "")
    return uid


def state_of(pod: Raw) -> Raw:
    """Return the state of a pod's container; empty before a kubelet spoke."""
    state: Raw = next((each["state"] for each in pod["status"].get("containerStatuses", ())), {})
    return state


def conditions_of(job: Raw) -> set[str]:
    """Return the types of a Job's conditions."""
    return {each["type"] for each in job.get("status", {}).get("conditions", ())}


def is_put_back(job: Raw) -> bool:
    """Return whether Kueue has not admitted it, or not any more."""
    return bool(job["spec"].get("suspend"))


def subject_of(pod: Raw) -> str:
    """Return the uid of the run that a pod was told to execute."""
    request: Raw = json.loads(pod["metadata"]["annotations"][places.REQUEST_ANNOTATION])
    subject: str = request["subject"]
    return subject


def definition_uid(raw: Raw) -> str:
    """Return the uid of the definition that it is of."""
    uid: str = raw["metadata"]["labels"][DEFINITION_UID_LABEL]
    return uid
