"""What a real kubelet does to a run that says, lasts or takes too much: nothing of it is lost."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from tests.e2e.containers import kill, processes
from tests.e2e.place import Place, a, condition, messages
from tests.integration.kube import eventually
from tests.target import Target

LIMITS = """\
import time
from davit import Job, register_jobs


class Flood(Job):
    def run(self):
        for _ in range(100_000):
            self.logger.debug("")


class Gigabyte(Job):
    def run(self):
        mebibyte = "x" * 2**20
        for _ in range(1024):
            print(mebibyte, end="")
        self.logger.warning("still heard")
        return "done"


class Endless(Job):
    class Meta:
        time_limit = 2

    def run(self):
        self.logger.info("begun")
        while True:
            time.sleep(1)


class Greedy(Job):
    def run(self):
        self.logger.info("hungry")
        held = []
        while True:
            held.append(b"x" * 1024 * 1024)


class Victim(Job):
    def run(self):
        for number in range(1_000):
            self.logger.info("line %d", number)
        self.logger.info("all said")
        time.sleep(600)


register_jobs(Flood, Gigabyte, Endless, Greedy, Victim)
"""


@pytest.fixture
def limits(place: Place) -> Place:
    place.serve({"limits.py": LIMITS})
    return place


def records(place: Place, run: str) -> list[Any]:
    """Return what the node still has of the run's log."""
    pod = place.status("jobrun", run)["attempts"][0]["pod"]
    return [json.loads(line) for line in place.kubectl("logs", pod).splitlines()]


def test_a_run_that_spends_its_whole_log_in_the_shortest_records_is_not_rotated(
    limits: Place,
) -> None:
    limits.enable("jobs.flood")
    status = limits.run("floods", "jobs.flood")
    assert status["phase"] == "Succeeded"
    assert status["log"]["counts"]["debug"] == 100_000
    assert status["log"]["droppedRecords"] > 0
    assert "incomplete" not in status["log"]
    found = records(limits, "floods")
    assert [record["sequence"] for record in found] == list(range(1, len(found) + 1))
    assert found[-1]["sequence"] == status["log"]["tail"][-1]["sequence"]
    logged = [record for record in found if record["type"] == "log"]
    assert len(logged) + status["log"]["droppedRecords"] == sum(status["log"]["counts"].values())


def test_a_run_that_prints_a_gigabyte_without_an_end_of_line_is_cut_off_and_told(
    limits: Place,
) -> None:
    limits.enable("jobs.gigabyte")
    status = limits.run("prints", "jobs.gigabyte")
    assert (status["phase"], status["result"]) == ("Succeeded", "done")
    said = messages(status)
    assert "still heard" in said
    assert any(" records were dropped: 1,0" in message for message in said)
    assert "incomplete" not in status["log"]


def test_a_run_over_its_hard_limit_is_killed_with_its_log(limits: Place) -> None:
    limits.enable("jobs.endless")
    status = limits.run("lasts", "jobs.endless")
    assert (status["phase"], status["error"]["reason"]) == ("Failed", "TimeLimitExceeded")
    assert "2 seconds" in status["error"]["message"]
    assert "begun" in messages(status)


def test_a_run_over_its_memory_says_so(limits: Place) -> None:
    limits.enable("jobs.greedy")
    resources = {"requests": {"memory": "64Mi"}, "limits": {"memory": "64Mi"}}
    patch = json.dumps({"spec": {"runner": {"resources": resources}}})
    limits.kubectl("patch", "jobdefinition", "jobs.greedy", "--type=merge", "-p", patch)
    status = limits.run("eats", "jobs.greedy")
    assert status["phase"] == "Failed"
    assert "memory" in f"{status['error']['message']} {status['error']['remedy']}"
    assert status["attempts"][0]["exitCode"] == 128 + signal.SIGKILL
    assert "hungry" in messages(status)


def test_a_run_whose_whole_container_is_killed_ends_with_what_it_had_said(
    limits: Place, deployed: Target
) -> None:
    if not deployed.is_local:
        pytest.skip("CLUSTER=current: another cluster's processes cannot be killed from here")
    limits.enable("jobs.victim")
    limits.kubectl.create(a("JobRun", "dies", {"definitionRef": {"name": "jobs.victim"}}))
    limits.kubectl.wait("jobrun/dies", "jsonpath={.status.phase}=Running")
    pod = limits.status("jobrun", "dies")["attempts"][0]["pod"]
    eventually(lambda: "all said" in limits.kubectl("logs", pod, check=False), "all is said")
    # Supervisor and child at once, as the kernel does where a cgroup dies as one.
    kill(*processes(limits.kubectl.get("pod", pod)))
    limits.kubectl.wait("jobrun/dies", "condition=Finished")
    status = limits.status("jobrun", "dies")
    assert status["phase"] == "Failed"
    assert status["error"]["reason"] == "OutcomeLost"
    assert "SIGKILL" in status["error"]["message"]
    assert condition(status, "Stalled")["status"] == "True"
    assert "all said" in messages(status)
