"""Whatever ends a pod that runs: the run says so, at once, and nothing is left of it."""

from __future__ import annotations

import json
import os
import secrets
import signal
from collections.abc import Iterator

import pytest

from tests.e2e.containers import is_gone, kill, processes
from tests.e2e.faulty import JOBS
from tests.e2e.mutations import LABEL, a_pod, mutating_pods
from tests.e2e.scene import Scene, new_scene, prompt, runner_ended
from tests.integration.kube import Object, eventually, path_of
from tests.integration.place import condition
from tests.target import Target

LIMIT = {"requests": {"memory": "96Mi"}, "limits": {"memory": "96Mi"}}
# What a mesh adds to a pod: it runs for as long as the pod does.
SIDECAR = """\
[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{
  name: "mesh", image: "IMAGE", command: ["sleep", "600"],
  securityContext: Object.spec.containers.securityContext{
    allowPrivilegeEscalation: false,
    capabilities: Object.spec.containers.securityContext.capabilities{drop: ["ALL"]}
  }}}]
"""
EATS = [{"name": "EATS", "value": "all"}]
SAID = [f"line {number:02d}" for number in range(20)]
# They need nothing but time, or somebody who does something to them.
AT_ONCE = ("pod-deleted", "job-deleted", "evicted", "ignores", "child-killed", "again", "forges")


@pytest.fixture(scope="module")
def local(deployed: Target) -> Target:
    if not deployed.is_local:
        pytest.skip("CLUSTER=current: another cluster's nodes are not ours to break")
    return deployed


@pytest.fixture(scope="module")
def scene(local: Target) -> Iterator[Scene]:
    """Have most of the runs live, side by side."""
    patch = SIDECAR.replace("IMAGE", local.runner_image)
    with (
        new_scene(local, "davit-faults", JOBS) as made,
        mutating_pods(made, local.runner_image, patch, "mesh"),
    ):
        for job in AT_ONCE:
            made.offer(job)
        made.offer("eats-at-import", runner={"resources": LIMIT, "env": EATS})
        made.offer("out-of-memory", runner={"resources": LIMIT})
        made.offer("hangs")
        made.offer("beside", runner={"podLabels": {LABEL: ""}})
        for job in (*AT_ONCE, "eats-at-import", "out-of-memory", "hangs", "beside"):
            made.start(job)
        yield made


def said(status: Object) -> list[str]:
    """Return the job's own lines."""
    return [each["message"] for each in status["log"]["tail"] if each["message"].startswith("line")]


def test_a_pod_that_is_deleted(scene: Scene) -> None:
    pod = scene.pod("pod-deleted")
    scene.place.delete("Pod", pod["metadata"]["name"])
    status = scene.ended("pod-deleted", "Failed", "PodDeleted")
    ended = scene.when_pod("pod-deleted", runner_ended)
    prompt("pod deleted", ended, scene.when_ended("pod-deleted"))
    told = condition(scene.place.get("JobRun", "pod-deleted"))["message"]
    assert f'Pod "{pod["metadata"]["name"]}" was deleted' in told
    assert said(status) == SAID


def test_a_batch_job_that_is_deleted_after_its_pod(scene: Scene) -> None:
    pod = scene.pod("job-deleted")
    name = pod["metadata"]["ownerReferences"][0]["name"]
    path = path_of("Job", scene.place.name, name)
    scene.place.kube.call("DELETE", path, {"propagationPolicy": "Foreground"})
    status = scene.ended("job-deleted", "Failed", "BatchJobDeleted")
    ended = scene.when_pod("job-deleted", runner_ended)
    prompt("batch Job deleted", ended, scene.when_ended("job-deleted"))
    assert said(status) == SAID


def test_a_pod_that_is_evicted_through_the_api(scene: Scene) -> None:
    name = scene.pod("evicted")["metadata"]["name"]
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": scene.place.name},
    }
    scene.place.kube.call("POST", path_of("Pod", scene.place.name, name, "eviction"), eviction)
    status = scene.ended("evicted", "Failed", "Evicted")
    prompt("evicted", scene.when_pod("evicted", runner_ended), scene.when_ended("evicted"))
    assert said(status) == SAID


def test_a_pod_that_gives_way_to_one_of_a_higher_priority(scene: Scene, local: Target) -> None:
    suffix = secrets.token_hex(4)
    low, high = f"davit-low-{suffix}", f"davit-high-{suffix}"
    scene.kubectl.create(priority_class(low, -10), priority_class(high, 1_000))
    try:
        # Both together do not fit.
        amount = {"requests": {"cpu": f"{int(free_millicores(scene) * 0.8)}m"}}
        scene.offer("preempted", runner={"priorityClassName": low, "resources": amount})
        scene.start("preempted")
        scene.pod("preempted")
        scene.kubectl.create(
            a_pod("first", local.runner_image, priorityClassName=high, resources=amount)
        )
        status = scene.ended("preempted", "Failed", "Preempted")
        ended = scene.when_pod("preempted", runner_ended)
        prompt("preempted", ended, scene.when_ended("preempted"))
        assert said(status) == SAID
        scene.kubectl("delete", "pod", "first", "--wait=false")
    finally:
        scene.kubectl("delete", "priorityclass", low, high)


def priority_class(name: str, value: int) -> Object:
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
    }


def free_millicores(scene: Scene) -> int:
    """Return what the only node has left of its processors."""
    [node] = scene.kubectl.items("nodes")
    pods = scene.kubectl.items("pods", "--all-namespaces")
    taken = (
        container.get("resources", {}).get("requests", {}).get("cpu", "0")
        for pod in pods
        if pod["status"]["phase"] in ("Pending", "Running")
        for container in pod["spec"]["containers"]
    )
    return millicores(node["status"]["allocatable"]["cpu"]) - sum(map(millicores, taken))


def millicores(quantity: str) -> int:
    return int(quantity[:-1]) if quantity.endswith("m") else int(float(quantity) * 1000)


def test_a_job_that_ignores_sigterm_when_its_pod_is_deleted(scene: Scene) -> None:
    pod = scene.pod("ignores")
    scene.place.delete("Pod", pod["metadata"]["name"])
    status = scene.ended("ignores", "Failed", "PodDeleted")
    prompt("SIGTERM ignored", scene.when_pod("ignores", runner_ended), scene.when_ended("ignores"))
    assert said(status) == SAID


def test_a_job_whose_process_is_killed(scene: Scene) -> None:
    _, child, *_ = processes(scene.pod("child-killed"))
    kill(child)
    status = scene.ended("child-killed", "Failed", "JobCrashed")
    prompt("child", scene.when_pod("child-killed", runner_ended), scene.when_ended("child-killed"))
    assert "SIGKILL" in status["error"]["message"]
    assert said(status) == SAID


def test_a_container_that_dies_as_one_for_its_memory(scene: Scene) -> None:
    """As with cgroups of version 2: nobody is left to leave an outcome."""
    pod = scene.pod("out-of-memory")
    supervisor, child, *_ = processes(pod)
    # Version 1 kills the child alone; the supervisor must not get to tell of it.
    os.kill(supervisor, signal.SIGSTOP)
    scene.kubectl("exec", pod["metadata"]["name"], "--", "touch", "/tmp/go")
    eventually(lambda: is_gone(child), "the kernel kills what eats all memory")
    kill(supervisor)
    status = scene.ended("out-of-memory", "Failed", "OutOfMemory")
    ended = scene.when_pod("out-of-memory", runner_ended)
    prompt("out of memory", ended, scene.when_ended("out-of-memory"))
    assert "limits.memory" in status["error"]["remedy"]
    assert said(status) == SAID


def test_a_module_that_eats_all_memory_when_it_is_imported(scene: Scene) -> None:
    status = scene.ended("eats-at-import", "Failed", "OutOfMemory")
    ended = scene.when_pod("eats-at-import", runner_ended)
    prompt("memory at import", ended, scene.when_ended("eats-at-import"))
    assert "limits.memory" in status["error"]["remedy"]


def test_a_job_that_forges_its_outcome_and_takes_the_runner_with_it(scene: Scene) -> None:
    supervisor, *_ = processes(scene.pod("forges"))
    kill(supervisor)
    status = scene.ended("forges", "Failed", "OutcomeLost")
    prompt("forged", scene.when_pod("forges", runner_ended), scene.when_ended("forges"))
    assert "not this run's" in status["error"]["message"]
    assert "/dev/termination-log" in status["error"]["remedy"]
    assert said(status) == SAID


def test_a_job_that_forks_and_hangs(scene: Scene) -> None:
    status = scene.ended("hangs", "Failed", "TimeLimitExceeded")
    prompt("hangs", scene.when_pod("hangs", runner_ended), scene.when_ended("hangs"))
    assert said(status) == SAID


def test_a_sidecar_that_outlives_its_job(scene: Scene) -> None:
    status = scene.ended("beside", "Succeeded", "Succeeded")
    prompt("sidecar", scene.when_pod("beside", runner_ended), scene.when_ended("beside"))
    assert status["result"] == "done"
    assert said(status) == SAID
    names = {each.name: each.object for each in scene.witness.all("Pod") if "beside" in each.name}
    assert [len(pod["spec"]["containers"]) for pod in names.values()] == [2]
    assert json.dumps(scene.place.all("Job")).count("jobs.beside") == 0


def test_a_run_made_anew_while_the_pod_of_the_old_one_still_dies(scene: Scene) -> None:
    old = scene.pod("again")["metadata"]["name"]
    first = scene.place.get("JobRun", "again")
    scene.place.delete("JobRun", "again")
    eventually(lambda: not scene.place.find("JobRun", "again"), "the old run is gone")
    scene.place.patch(
        "JobDefinition", "jobs.again", {"spec": {"overrides": {"timeLimitSeconds": 3}}}
    )
    second = scene.start("again")
    assert scene.place.find("Pod", old), "the old pod still dies"
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    status = scene.ended("again", "Failed", "TimeLimitExceeded")
    assert scene.pods_ever("again") == 1
    assert status["attempts"][0]["pod"] != old
    assert said(status) == SAID
    eventually(lambda: not scene.place.find("Pod", old), "the old pod is gone")
