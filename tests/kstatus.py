"""What kstatus makes of an object: the rules of cli-utils' ``pkg/kstatus/status``, generic part.

Flux waits by them; they are for kinds that the library knows nothing of, as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Verdict = Literal["Current", "InProgress", "Failed", "Terminating"]


def kstatus(thing: Mapping[str, Any]) -> Verdict:
    """Return what ``status.Compute`` returns for an object, as the API server gives it."""
    metadata, status = thing["metadata"], thing.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return "Terminating"
    observed = status.get("observedGeneration")
    if observed is not None and observed != metadata["generation"]:
        return "InProgress"
    conditions = [(each["type"], each["status"]) for each in status.get("conditions") or ()]
    for condition in conditions:
        if condition == ("Reconciling", "True"):
            return "InProgress"
        if condition == ("Stalled", "True"):
            return "Failed"
    ready = next((state for kind, state in conditions if kind == "Ready"), None)
    # Nothing is known: taken for done.
    return "Current" if ready in (None, "True") else "InProgress"
