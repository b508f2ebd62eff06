"""Why a run waits, where only Events say it: asked of the real API server, a few times."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import Object
from tests.integration.place import Place, condition

SOURCE = {"variable": "who", "secretKeyRef": {"name": "login", "key": "user"}}


def tell(place: Place, about: Object, reason: str, message: str) -> None:
    """Write an Event as a kubelet or a controller does."""
    metadata = about["metadata"]
    involved = {"kind": about["kind"], "name": metadata["name"], "namespace": place.name}
    place.create(
        "Event",
        f"{metadata['name']}.{reason.lower()}",
        involvedObject={**involved, "uid": metadata["uid"]},
        type="Warning",
        reason=reason,
        message=message,
        lastTimestamp="2099-01-01T00:00:00Z",
        apiVersion="v1",
    )


def waits(place: Place, name: str, reason: str) -> dict[str, Any]:
    """Return the condition of a run once it waits for this reason."""
    run = place.until(
        "JobRun", name, lambda run: condition(run).get("reason") == reason, f"waits: {reason}"
    )
    assert run["status"]["phase"] == "Starting"
    return condition(run)


@pytest.mark.usefixtures("operator")
def test_a_run_that_waits_for_a_secret_says_which_one(place: Place, audit: AuditLog) -> None:
    place.installed()
    place.create(
        "JobRun", "waits", spec={"definitionRef": {"name": "hello"}, "inputsFrom": [SOURCE]}
    )
    pod = place.pod_of("waits")
    message = 'MountVolume.SetUp failed for volume "inputs" : secret "login" not found'
    tell(place, {**pod, "kind": "Pod"}, "FailedMount", message)
    found = waits(place, "waits", "SecretNotFound")
    assert f'There is no Secret "login" in namespace "{place.name}".' in found["message"]
    asked = [call.what for call in audit.calls(user=OPERATOR_USER, namespace=place.name)]
    assert 1 <= asked.count("list events") <= 2
    assert "get secrets" not in asked


@pytest.mark.usefixtures("operator")
def test_a_run_whose_pod_no_quota_is_left_for_says_so(place: Place) -> None:
    place.installed()
    body = {"metadata": {"name": "small"}, "spec": {"hard": {"pods": "0"}}}
    place.kube.call("POST", f"/api/v1/namespaces/{place.name}/resourcequotas", body)
    place.run("waits")
    found = waits(place, "waits", "QuotaExceeded")
    assert "exceeded quota: small" in found["message"]
