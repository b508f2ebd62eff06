"""From objects as the API server sends them to the small records that caches keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from davit_contract import places
from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import LogTail
from davit_operator.api.jobrun import RunDefinition
from davit_operator.api.names import (
    COMPONENT_LABEL,
    DEFINITION_ANNOTATION,
    DEFINITION_UID_LABEL,
    QUEUE_LABEL,
)
from davit_operator.plan.batch_job import (
    ATTEMPT_ANNOTATION,
    CANCEL_GRACE_ANNOTATION,
    CANCEL_GRACE_SECONDS,
    LOG_TAIL_ANNOTATION,
    START_DEADLINE_ANNOTATION,
)
from davit_operator.plan.claims import FILES_ANNOTATION, read_folder
from davit_operator.plan.observed import SeenBatchJob, SeenContainer, SeenPod
from davit_operator.plan.times import parse_time
from davit_operator.plan.word import read_word

Raw = Mapping[str, Any]


def key_of(raw: Raw) -> ObjectKey:
    """Return where the object stands."""
    metadata = raw["metadata"]
    return ObjectKey(metadata.get("namespace", ""), metadata["name"])


def seen_pod(raw: Raw) -> SeenPod:
    """Return the record of a pod."""
    metadata, status = raw["metadata"], raw.get("status", {})
    told = metadata.get("annotations", {}).get(places.CANCEL_ANNOTATION, "")
    cancelled_at, replaced_by = read_word(told)
    return SeenPod(
        key=key_of(raw),
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        owner_uid=_owner(raw).get("uid", ""),
        owner_name=_owner(raw).get("name", ""),
        created_at=parse_time(metadata["creationTimestamp"]),
        component=metadata.get("labels", {}).get(COMPONENT_LABEL, ""),
        definition_uid=metadata.get("labels", {}).get(DEFINITION_UID_LABEL, ""),
        phase=status.get("phase", "Pending"),
        node=raw.get("spec", {}).get("nodeName", ""),
        reason=status.get("reason", ""),
        message=status.get("message", ""),
        unschedulable=_unschedulable(status),
        disruption=_disruption(status),
        deleting="deletionTimestamp" in metadata,
        deleting_until=_time(metadata.get("deletionTimestamp")),
        cancelled_at=cancelled_at,
        replaced_by=replaced_by,
        config_maps=_config_maps(raw),
        runner=_runner(status),
        sidecars_running=any(map(_is_sidecar_alive, status.get("containerStatuses", ()))),
    )


def seen_batch_job(raw: Raw) -> SeenBatchJob:
    """Return the record of a batch Job of ours.

    Raises:
        KeyError, ValueError: it lacks what we write on ours, or somebody changed it.
    """
    metadata, status = raw["metadata"], raw.get("status", {})
    annotations, owner = metadata.get("annotations", {}), _owner(raw)
    conditions = {
        condition["type"]: condition
        for condition in status.get("conditions", ())
        if condition["status"] == "True"
    }
    # The controller has made up its mind, and waits for pods that still end.
    failed = conditions.get("Failed") or conditions.get("FailureTarget") or {}
    return SeenBatchJob(
        key=key_of(raw),
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        owner_uid=owner.get("uid", ""),
        owner_name=owner.get("name", ""),
        created_at=parse_time(metadata["creationTimestamp"]),
        definition=RunDefinition.model_validate(json.loads(annotations[DEFINITION_ANNOTATION])),
        start_deadline_seconds=int(annotations[START_DEADLINE_ANNOTATION]),
        cancel_grace_seconds=int(annotations.get(CANCEL_GRACE_ANNOTATION, CANCEL_GRACE_SECONDS)),
        hides_log=annotations.get(LOG_TAIL_ANNOTATION) == LogTail.NONE,
        folder=read_folder(annotations.get(FILES_ANNOTATION, "")),
        attempt=int(annotations.get(ATTEMPT_ANNOTATION, 1)),
        **_admission(raw),
        deleting="deletionTimestamp" in metadata,
        completed="Complete" in conditions,
        failed=(failed.get("message") or failed.get("reason") or "It failed.") if failed else "",
    )


def _admission(raw: Raw) -> dict[str, Any]:
    """Return how far a queue of Kueue has come with a batch Job that it has to admit."""
    queue = raw["metadata"].get("labels", {}).get(QUEUE_LABEL, "")
    if not queue:
        return {}
    # Set anew each time that the Job is resumed.
    since = raw.get("status", {}).get("startTime", "")
    suspended = raw["spec"].get("suspend", False)
    admitted = parse_time(since) if since and not suspended else None
    return {"queue": queue, "suspended": suspended, "admitted_at": admitted}


def _owner(raw: Raw) -> Raw:
    owners = raw["metadata"].get("ownerReferences", ())
    return next((owner for owner in owners if owner.get("controller")), {})


def _config_maps(raw: Raw) -> frozenset[str]:
    return frozenset(
        source["configMap"]["name"]
        for volume in raw.get("spec", {}).get("volumes", ())
        for source in volume.get("projected", {}).get("sources", ())
        if "configMap" in source
    )


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None


def _is_sidecar_alive(container: Raw) -> bool:
    return container["name"] != places.RUNNER_CONTAINER and "running" in container.get("state", {})


def _disruption(status: Raw) -> str:
    return next(
        (
            condition.get("reason", "")
            for condition in status.get("conditions", ())
            if condition["type"] == "DisruptionTarget" and condition["status"] == "True"
        ),
        "",
    )


def _unschedulable(status: Raw) -> str:
    return next(
        (
            condition.get("message", "")
            for condition in status.get("conditions", ())
            if condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable"
        ),
        "",
    )


def _container_status(status: Raw) -> Raw:
    found = (
        container
        for container in status.get("containerStatuses", ())
        if container["name"] == places.RUNNER_CONTAINER
    )
    return next(found, {})


def _state(status: Raw) -> Raw:
    state: Raw = _container_status(status).get("state", {})
    return state


def _runner(status: Raw) -> SeenContainer:
    state = _state(status)
    detail = state.get("terminated") or state.get("running") or state.get("waiting") or {}
    return SeenContainer(
        running="running" in state,
        terminated="terminated" in state,
        reason=detail.get("reason", ""),
        message=detail.get("message", ""),
        exit_code=detail.get("exitCode"),
        started_at=detail.get("startedAt", ""),
        finished_at=detail.get("finishedAt", ""),
        image_id=_container_status(status).get("imageID", ""),
    )
