"""A node that goes silent: what ran there has ended, though nobody will ever say so."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.scene import PROMPT_SECONDS, Scene, new_scene, prompt
from tests.integration.kube import Kube, eventually, path_of
from tests.integration.place import condition, phase_of
from tests.target import Target

JOBS = """\
import time

from davit import Job, register_jobs


class Waits(Job):
    def run(self):
        for number in range(20):
            self.logger.info("line %02d", number)
        self.logger.info("all said")
        while True:
            time.sleep(60)


register_jobs(Waits)
"""
UNREACHABLE = "node.kubernetes.io/unreachable"
# So long the controllers wait for a silent kubelet, and then some.
PATIENCE_SECONDS = 180.0
HEARTBEAT_SECONDS = 10.0


@pytest.fixture
def scene(deployed: Target) -> Iterator[Scene]:
    if not deployed.is_local:
        pytest.skip("CLUSTER=current: another cluster's nodes are not ours to break")
    with new_scene(deployed, "davit-node", JOBS) as made:
        yield made


@contextmanager
def another_node(kube: Kube) -> Iterator[Any]:
    """Yield what has a second node say that it is well: of a cluster without any, no pod goes."""
    name = f"davit-e2e-{secrets.token_hex(4)}"
    spec = {"unschedulable": True}
    kube.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec})

    def beat() -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "message": "",
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
        }
        path = path_of("Node", name=name, subresource="status")
        patch = {"status": {"conditions": [ready]}}
        kube.call("PATCH", path, patch, content_type="application/merge-patch+json")

    try:
        beat()
        yield beat
    finally:
        kube.call("DELETE", path_of("Node", name=name))


def test_a_run_whose_node_goes_silent_ends_with_its_pods_grace(scene: Scene) -> None:
    from tests.cluster.faults import silent_kubelet

    kube, place = scene.place.kube, scene.place
    soon = {"key": UNREACHABLE, "operator": "Exists", "tolerationSeconds": 1}
    scene.offer("waits", runner={"tolerations": [{**soon, "effect": "NoExecute"}]})
    scene.start("waits")
    pod = scene.pod("waits")["metadata"]["name"]
    last = "all said"
    place.until("JobRun", "waits", lambda run: last in str(run["status"].get("log")), "tells it")
    with another_node(kube) as beat:
        with silent_kubelet():
            beats = [datetime.now(UTC)]

            def ended() -> Any:
                if (datetime.now(UTC) - beats[-1]).total_seconds() > HEARTBEAT_SECONDS:
                    beat()
                    beats.append(datetime.now(UTC))
                found = place.get("JobRun", "waits")
                return found if phase_of(found) == "Failed" else None

            run = eventually(ended, "the run ends", PATIENCE_SECONDS)
            status = run["status"]
            assert condition(run)["reason"] == "NodeLost", condition(run)["message"]
            left = place.get("Pod", pod)
            until = datetime.fromisoformat(left["metadata"]["deletionTimestamp"]).timestamp()
            prompt("silent node", until, scene.when_ended("waits"))
            assert scene.when_ended("waits") > until, f"{PROMPT_SECONDS} s at most, but not before"
            assert status["error"]["remedy"]
            said = [line["message"] for line in status["log"]["tail"]]
            assert [text for text in said if text.startswith("line")] == [
                f"line {number:02d}" for number in range(20)
            ]
        scene.ended("waits", "Failed", "NodeLost")
    assert scene.pods_ever("waits") == 1
