"""A warning as an Event of the API's core group: what ``kubectl describe`` and ``get events`` show.

The same Events can be had from ``events.k8s.io/v1``, but written there they may not have the times
that ``kubectl get events --sort-by=.lastTimestamp`` and older tools go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from davit_operator.api.names import MANAGED_BY, MAX_OBJECT_NAME
from davit_operator.plan.pods import Manifest
from davit_operator.plan.times import format_time
from davit_operator.plan.warnings import Trouble

# The API's own limit, in bytes.
MAX_NOTE = 1_024
_CUT = " ... (cut: the object's condition says all)"
_DIGITS = 16


def warning_event(
    about: Mapping[str, Any], trouble: Trouble, now: datetime, instance: str
) -> Manifest:
    """Return the Event that says ``trouble`` of the object ``about``, as the API server sent it.

    ``instance`` names this operator, by its pod. The name follows from what is said of which
    object: to say it twice makes one Event, whoever says it.
    """
    metadata, moment = about["metadata"], format_time(now)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": _name(metadata["name"], metadata["uid"], trouble),
            "namespace": metadata["namespace"],
        },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
        "type": "Warning",
        "reason": trouble.reason,
        "action": trouble.action,
        "message": cut(trouble.message),
        "eventTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
        "source": {"component": MANAGED_BY},
        "reportingComponent": MANAGED_BY,
        "reportingInstance": instance,
    }


def cut(message: str) -> str:
    """Return ``message`` in at most as many bytes as an Event may have, with a mark where cut."""
    data = message.encode(errors="replace")
    if len(data) <= MAX_NOTE:
        return message
    # A character that is cut through goes.
    return data[: MAX_NOTE - len(_CUT)].decode(errors="ignore") + _CUT


def _name(name: str, uid: str, trouble: Trouble) -> str:
    said = "\n".join((uid, trouble.reason, trouble.message))
    digits = sha256(said.encode()).hexdigest()[:_DIGITS]
    return f"{name[: MAX_OBJECT_NAME - _DIGITS - 1].rstrip('-.')}.{digits}"
