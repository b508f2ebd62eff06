"""From objects as the API server sends them to what the plans decide from."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    DEFAULTS,
    NOW,
    RUN_UID,
    a_definition,
    a_repository,
    a_run,
    ended,
    later,
    running,
    waiting,
)

from davit_operator.plan.batch_job import batch_job, bound_definition
from davit_operator.plan.observed import SeenContainer
from davit_operator.plan.projection import seen_batch_job, seen_pod

BATCH_UID = "44444444-0000-4000-8000-000000000004"
CREATED = "2026-11-22T06:30:00Z"


def a_raw_batch_job(*conditions: dict[str, str], **metadata: Any) -> dict[str, Any]:
    """Return the batch Job that we create, with what the API server adds."""
    raw = batch_job(a_run(), a_definition(), a_repository(), DEFAULTS)
    raw["metadata"].update(
        uid=BATCH_UID, resourceVersion="12", creationTimestamp=CREATED, **metadata
    )
    return {**raw, "status": {"conditions": list(conditions), "startTime": "2026-11-22T06:30:00Z"}}


def a_raw_pod(
    state: dict[str, Any] | None = None, *, status: dict[str, Any] | None = None, **meta: Any
) -> dict[str, Any]:
    containers = [
        {"name": "istio-proxy", "state": {"terminated": {"exitCode": 3}}},
        {"name": "runner", "state": state, "imageID": "runner@sha256:77", "restartCount": 0},
    ]
    return {
        "metadata": {
            "creationTimestamp": CREATED,
            "name": "x-abcde",
            "namespace": "netops",
            "uid": "p",
            "resourceVersion": "13",
            "labels": {"davit.dev/component": "run"},
            "ownerReferences": [
                {"kind": "Other", "name": "other", "uid": "other"},
                {"kind": "Job", "name": "x", "uid": BATCH_UID, "controller": True},
            ],
            **meta,
        },
        "spec": {"nodeName": "node-1"},
        "status": {
            "phase": "Pending",
            **({"containerStatuses": containers} if state else {}),
            **(status or {}),
        },
    }


STARTED = {"startedAt": "2026-11-22T06:30:01.000000Z"}
FINISHED = {"finishedAt": "2026-11-22T06:30:03.500000Z"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({"running": STARTED}, running(), id="running"),
        pytest.param(
            {"terminated": {**STARTED, **FINISHED, "exitCode": 0, "reason": "Completed"}},
            ended(),
            id="ended well",
        ),
        pytest.param(
            {
                "terminated": {
                    **STARTED,
                    **FINISHED,
                    "exitCode": 137,
                    "reason": "OOMKilled",
                    "message": "{}",
                }
            },
            ended(137, reason="OOMKilled", message="{}"),
            id="killed for its memory",
        ),
    ],
)
def test_the_state_of_the_runner_counts_and_not_that_of_a_sidecar(
    state: dict[str, Any], expected: SeenContainer
) -> None:
    assert seen_pod(a_raw_pod(state)).runner == expected


def test_a_waiting_runner_says_why() -> None:
    state = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    found = seen_pod(a_raw_pod(state)).runner
    assert (found.reason, found.message) == ("ImagePullBackOff", "no such image")
    assert found.running is found.terminated is False
    assert waiting("ImagePullBackOff", "no such image").reason == found.reason


def test_a_pod_belongs_to_its_controller_alone() -> None:
    pod = seen_pod(a_raw_pod({"running": STARTED}))
    assert (pod.owner_uid, pod.owner_name, pod.component) == (BATCH_UID, "x", "run")
    assert (pod.node, pod.phase, pod.deleting) == ("node-1", "Pending", False)


def test_a_pod_that_no_node_takes_says_why() -> None:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available.",
    }
    pod = seen_pod(a_raw_pod(status={"conditions": [condition]}))
    assert pod.unschedulable == "0/3 nodes are available."
    assert pod.runner == SeenContainer()


def test_a_pod_that_is_being_deleted_is_told_from_others() -> None:
    pod = seen_pod(a_raw_pod(deletionTimestamp="2026-11-22T06:31:00Z"))
    assert (pod.deleting, pod.deleting_until) == (True, later(60))
    assert seen_pod(a_raw_pod()).deleting_until is None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC"}, True),
        ({"type": "DisruptionTarget", "status": "False", "reason": "DeletionByPodGC"}, False),
        ({"type": "Ready", "status": "True", "reason": "DeletionByPodGC"}, False),
    ],
    ids=["is to be", "is not to be", "something else"],
)
def test_a_pod_that_is_to_be_disrupted_says_by_whom(
    condition: dict[str, str], expected: bool
) -> None:
    pod = seen_pod(a_raw_pod(status={"conditions": [condition]}))
    assert pod.disruption == ("DeletionByPodGC" if expected else "")


def test_a_sidecar_that_runs_is_seen_but_not_one_that_ends_with_the_pod() -> None:
    """Restartable init containers are listed apart: the kubelet ends them with the last other."""
    running_state = {"state": {"running": STARTED}}
    runner = {"name": "runner", "state": {"terminated": {"exitCode": 0}}}
    beside = {"containerStatuses": [runner, {"name": "mesh", **running_state}]}
    assert seen_pod(a_raw_pod(status=beside)).sidecars_running
    native = {
        "containerStatuses": [runner],
        "initContainerStatuses": [{"name": "mesh", **running_state}],
    }
    assert not seen_pod(a_raw_pod(status=native)).sidecars_running
    assert not seen_pod(a_raw_pod({"running": STARTED})).sidecars_running


def test_a_bare_pod_without_status_owner_or_labels_is_read() -> None:
    metadata = {"name": "x", "uid": "p", "resourceVersion": "1", "creationTimestamp": CREATED}
    pod = seen_pod({"metadata": metadata})
    assert (pod.owner_uid, pod.phase, pod.runner) == ("", "Pending", SeenContainer())


def test_what_we_write_on_a_batch_job_is_read_back() -> None:
    found = seen_batch_job(a_raw_batch_job())
    assert (found.owner_uid, found.owner_name) == (RUN_UID, "sync-vlans-x7")
    assert (found.created_at, found.start_deadline_seconds) == (NOW, 300)
    assert found.definition == bound_definition(a_definition())
    assert (found.ended, found.completed, found.failed, found.deleting) == (False, False, "", False)


@pytest.mark.parametrize(
    ("condition", "completed", "failed"),
    [
        ({"type": "Complete", "status": "True"}, True, ""),
        ({"type": "Complete", "status": "False"}, False, ""),
        ({"type": "SuccessCriteriaMet", "status": "True"}, False, ""),
        ({"type": "Failed", "status": "True", "message": "Backoff limit"}, False, "Backoff limit"),
        ({"type": "Failed", "status": "True", "reason": "Deadline"}, False, "Deadline"),
        ({"type": "Failed", "status": "True"}, False, "It failed."),
        ({"type": "FailureTarget", "status": "True", "message": "x"}, False, "x"),
    ],
    ids=lambda value: value["type"] + value["status"] if isinstance(value, dict) else "",
)
def test_a_batch_job_has_ended_once_its_controller_says_so(
    condition: dict[str, str], completed: bool, failed: str
) -> None:
    found = seen_batch_job(a_raw_batch_job(condition))
    assert (found.completed, found.failed) == (completed, failed)
    assert found.ended is (completed or bool(failed))


@pytest.mark.parametrize(
    "annotations",
    [
        pytest.param({}, id="nothing of ours"),
        pytest.param({"davit.dev/definition": "{"}, id="no JSON"),
        pytest.param(
            {"davit.dev/definition": "{}", "davit.dev/start-deadline-seconds": "soon"},
            id="no number",
        ),
    ],
)
def test_a_batch_job_that_somebody_changed_is_an_error_that_the_cache_knows(
    annotations: dict[str, str],
) -> None:
    with pytest.raises((KeyError, ValueError)):
        seen_batch_job(a_raw_batch_job(annotations=annotations))
