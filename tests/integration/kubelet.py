"""What a kubelet says of a pod, in a control plane that has none: a test says it in its place."""

from __future__ import annotations

import json
from typing import Any

from davit_contract import ErrorInfo, LogCounts, Outcome, OutcomeReason, encode, places

STARTED = "2026-11-22T06:30:00Z"
ENDED = "2026-11-22T06:30:02Z"


def running() -> dict[str, Any]:
    """Return the status of a pod whose runner runs."""
    return _status("Running", {"running": {"startedAt": STARTED}})


def ended(pod: dict[str, Any], **outcome: Any) -> dict[str, Any]:
    """Return the status of a pod whose runner ended and left an Outcome."""
    last_word = outcome_of(pod, **outcome)
    succeeded = last_word.reason is OutcomeReason.SUCCEEDED
    exit_code = 0 if succeeded else 1
    return terminated(exit_code, "Completed" if succeeded else "Error", encode(last_word))


def outcome_of(
    pod: dict[str, Any],
    reason: OutcomeReason = OutcomeReason.SUCCEEDED,
    *,
    error: ErrorInfo | None = None,
    last_sequence: int = 0,
) -> Outcome:
    """Return the runner's last word, on what the pod was asked."""
    request = json.loads(pod["metadata"]["annotations"][places.REQUEST_ANNOTATION])
    return Outcome(
        subject=request["subject"],
        reason=reason,
        exit_code=0 if reason is OutcomeReason.SUCCEEDED else 1,
        started_at="2026-11-22T06:30:00.500000Z",
        finished_at="2026-11-22T06:30:01.750000Z",
        last_sequence=last_sequence,
        error=error,
        counts=LogCounts(info=last_sequence),
    )


def terminated(exit_code: int, reason: str, message: str = "") -> dict[str, Any]:
    """Return the status of a pod whose runner ended in any way."""
    state = {
        "exitCode": exit_code,
        "reason": reason,
        "message": message,
        "startedAt": STARTED,
        "finishedAt": ENDED,
    }
    return _status("Failed" if exit_code else "Succeeded", {"terminated": state})


def waiting(reason: str, message: str) -> dict[str, Any]:
    """Return the status of a pod whose runner cannot be started."""
    return _status("Pending", {"waiting": {"reason": reason, "message": message}})


def unschedulable(message: str) -> dict[str, Any]:
    """Return the status that the scheduler gives a pod that fits no node."""
    why = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return {"phase": "Pending", "conditions": [why]}


def evicted(message: str) -> dict[str, Any]:
    """Return the status of a pod that its node threw out."""
    return {**terminated(137, "Error"), "reason": "Evicted", "message": message}


def _status(phase: str, state: dict[str, Any]) -> dict[str, Any]:
    container = {
        "name": places.RUNNER_CONTAINER,
        "state": state,
        "ready": "running" in state,
        "restartCount": 0,
        "image": "runner:test",
        "imageID": "runner@sha256:" + "1a" * 32,
    }
    return {"phase": phase, "containerStatuses": [container]}
