"""Whatever keeps a pod from starting: while it lasts the run says it, and it ends with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.e2e.mutations import LABEL, mutating_pods
from tests.e2e.scene import (
    PATIENCE_SECONDS,
    Scene,
    new_scene,
    prompt,
    runner_ended,
    runner_state,
)
from tests.integration.kube import Object, eventually
from tests.target import Target

JOBS = """\
import time

from davit import Job, StringVar, register_jobs


class No_Image(Job):
    def run(self):
        pass


class No_Image_Name(No_Image):
    pass


class No_Python(No_Image):
    pass


class No_Outcome(No_Image):
    pass


class No_Quota(No_Image):
    pass


class No_Code(No_Image):
    pass


class Not_Admitted(No_Image):
    pass


class No_Config_Map(Job):
    who = StringVar()

    def run(self, who):
        pass


class Late_Image(Job):
    class Meta:
        time_limit = 5
        soft_time_limit = 0

    def run(self):
        time.sleep(2)
        return "in time"


register_jobs(
    No_Image, No_Image_Name, No_Python, No_Outcome, No_Quota, No_Code, Not_Admitted, No_Config_Map,
    Late_Image,
)
"""
DEADLINE = 12
RUNS = (
    "no-image",
    "no-image-name",
    "no-python",
    "no-outcome",
    "no-quota",
    "not-admitted",
    "no-config-map",
    "late-image",
)
HOST_NETWORK = '[JSONPatch{op: "add", path: "/spec/hostNetwork", value: true}]'


@pytest.fixture(scope="module")
def local(deployed: Target) -> Target:
    if not deployed.is_local:
        pytest.skip("CLUSTER=current: another cluster's images are not ours to change")
    return deployed


@pytest.fixture(scope="module")
def scene(local: Target) -> Iterator[Scene]:
    """Have all runs wait, side by side."""
    from tests.cluster.node import PAUSE_IMAGE

    with (
        late_image() as late,
        new_scene(local, "davit-starts", JOBS) as made,
        mutating_pods(made, local.runner_image, HOST_NETWORK, "violates PodSecurity"),
        no_quota(made) as priority,
    ):
        runners: dict[str, Object] = {
            "no-image": {"image": "localhost/davit-none:1"},
            "no-image-name": {"image": "No:Image:Name"},
            "no-python": {"image": PAUSE_IMAGE},
            "no-outcome": {"env": [{"name": "PYTHONHOME", "value": "/nowhere"}]},
            "no-quota": {"priorityClassName": priority},
            "not-admitted": {"podLabels": {LABEL: ""}},
            "late-image": {"image": late},
        }
        for run in RUNS:
            deadline = 120 if run == "late-image" else DEADLINE
            made.offer(run, startDeadlineSeconds=deadline, runner=runners.get(run, {}))
        who = {"variable": "who", "configMapKeyRef": {"name": "people", "key": "first"}}
        for run in RUNS:
            made.start(run, inputsFrom=[who] if run == "no-config-map" else [])
        comes(made, local.runner_image, late)
        yield made


@contextmanager
def late_image() -> Iterator[str]:
    """Yield an image that the node does not have, and nobody else."""
    from tests.cluster.node import ctr

    name = f"localhost/davit-late:{secrets.token_hex(4)}"
    yield name
    ctr("images", "rm", name)


def comes(scene: Scene, image: str, late: str) -> None:
    """Have the late image come once the node was told that there is none."""
    from tests.cluster.node import ctr

    pod = scene.place.pod_of("late-image")["metadata"]["name"]
    scene.when("Pod", pod, cannot_pull)
    ctr("images", "tag", image, late)


@contextmanager
def no_quota(scene: Scene) -> Iterator[str]:
    """Yield a PriorityClass of whose pods the namespace may have none."""
    name = f"davit-none-{secrets.token_hex(4)}"
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": [name]}
    scene.place.create(
        "ResourceQuota",
        "none",
        spec={"hard": {"pods": "0"}, "scopeSelector": {"matchExpressions": [scope]}},
    )
    priority = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 0}
    scene.kubectl.create({**priority, "metadata": {"name": name}})
    try:
        yield name
    finally:
        scene.kubectl("delete", "priorityclass", name)


def cannot_pull(pod: Object) -> bool:
    reason = runner_state(pod).get("waiting", {}).get("reason", "")
    return reason in ("ErrImagePull", "ImagePullBackOff")


def ends_at_its_deadline(scene: Scene, run: str, reason: str) -> Object:
    """Return the status of a run that was given all of its start deadline."""
    status = scene.ended(run, "Failed", reason)
    name = status["attempts"][0]["batchJob"]
    batch_job = next(each for each in scene.witness.all("Job") if each.name == name)
    created = datetime.fromisoformat(batch_job.object["metadata"]["creationTimestamp"])
    end = scene.when_ended(run)
    assert end - created.timestamp() >= DEADLINE
    # Whole seconds are all that the object tells.
    prompt(f"{run}: deadline", created.timestamp() + DEADLINE, end)
    return status


def test_an_image_that_does_not_exist(scene: Scene) -> None:
    status = ends_at_its_deadline(scene, "no-image", "ImagePullFailed")
    cause = scene.when_pod("no-image", cannot_pull)
    prompt("no image", cause, scene.when_told("no-image", "ImagePullFailed"))
    assert "davit-none" in status["error"]["message"]
    assert 'JobDefinition "jobs.no-image"' in status["error"]["remedy"]


def test_a_name_that_is_no_images(scene: Scene) -> None:
    scene.ended("no-image-name", "Failed", "ImagePullFailed")

    def is_told(pod: Object) -> bool:
        return bool(runner_state(pod).get("waiting", {}).get("reason") == "InvalidImageName")

    prompt("no name", scene.when_pod("no-image-name", is_told), scene.when_ended("no-image-name"))


def test_an_image_without_python(scene: Scene) -> None:
    status = scene.ended("no-python", "Failed", "ContainerConfigInvalid")
    prompt("no python", scene.when_pod("no-python", runner_ended), scene.when_ended("no-python"))
    assert "python3" in status["error"]["message"]
    assert "spec.runner.image" in status["error"]["remedy"]


def test_a_container_that_ends_without_outcome(scene: Scene) -> None:
    status = scene.ended("no-outcome", "Failed", "OutcomeLost")
    ended = scene.when_pod("no-outcome", runner_ended)
    prompt("no outcome", ended, scene.when_ended("no-outcome"))
    assert "exit code 1" in status["error"]["message"]


def test_a_quota_that_leaves_no_pod(scene: Scene) -> None:
    ends_at_its_deadline(scene, "no-quota", "QuotaExceeded")
    event = scene.when_event("no-quota", "FailedCreate")
    prompt("quota", event, scene.when_told("no-quota", "QuotaExceeded"))
    assert scene.pods_ever("no-quota") == 0


def test_a_pod_that_pod_security_denies(scene: Scene) -> None:
    status = scene.ended("not-admitted", "Failed", "AdmissionDenied")
    event = scene.when_event("not-admitted", "FailedCreate")
    prompt("Pod Security", event, scene.when_ended("not-admitted"))
    assert "violates PodSecurity" in status["error"]["message"]
    assert scene.pods_ever("not-admitted") == 0


def test_a_config_map_that_is_missing(scene: Scene) -> None:
    status = ends_at_its_deadline(scene, "no-config-map", "ConfigMapNotFound")
    event = scene.when_event("no-config-map", "FailedMount")
    prompt("ConfigMap", event, scene.when_told("no-config-map", "ConfigMapNotFound"))
    assert 'ConfigMap "people"' in status["error"]["message"]


def test_an_image_that_comes_late_and_eats_nothing_of_the_time_limit(scene: Scene) -> None:
    status = scene.ended("late-image", "Succeeded", "Succeeded")
    waited = scene.when_pod("late-image", lambda pod: "running" in runner_state(pod))
    assert waited - scene.when_pod("late-image", cannot_pull) > 5, "longer than its time limit"
    assert status["result"] == "in time"
    assert status["durationSeconds"] < 5


def test_code_that_is_gone_when_a_run_starts(scene: Scene) -> None:
    """It is told and written anew, and the run goes on."""
    for run in RUNS:
        # A node that shows it to another pod still has it at hand.
        scene.when_ended(run)
    repository = scene.place.get("JobRepository", "jobs")
    [part] = repository["status"]["artifact"]["parts"]
    scene.offer("no-code", startDeadlineSeconds=300)
    scene.place.delete("ConfigMap", part)
    scene.start("no-code")
    told = scene.when_told("no-code", "ArtifactMissing")
    prompt("code", scene.when_event("no-code", "FailedMount"), told)
    eventually(lambda: scene.place.find("ConfigMap", part), "the code is back", PATIENCE_SECONDS)
    scene.ended("no-code", "Succeeded", "Succeeded")
