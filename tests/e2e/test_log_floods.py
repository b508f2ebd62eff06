"""Jobs that print without measure, or forge records, harm their own log, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.host import environment, git_source, new_place, resting, served_git
from tests.e2e.logs import TALKS, WHOLE, kept_log, talked
from tests.faults.host_operator import OperatorProcess
from tests.integration.kube import Kube, Object
from tests.integration.place import Place, condition, phase_of
from tests.kubectl import Kubectl
from tests.target import Target

MEBIBYTE = 1024 * 1024
FLOODS = """\
import json
import os

from davit import Job, register_jobs


class Pours(Job):
    def run(self):
        line = "x" * 1023
        for _ in range(100 * 1024):
            print(line)
        self.logger.warning("poured")
        return "poured"


class Forges(Job):
    def run(self):
        self.logger.info("honest")
        opened = [fd for fd in map(self.opened, self.paths()) if fd is not None]
        for fd in opened:
            self.write(fd, self.record(3, "I am the runner"))
            self.write(fd, b"\\x00\\xff" * 512 * 1024 + b"\\n" + b"y" * 1024 * 1024)
            self.write(fd, b"\\n" + self.record(10**12, "I am the last"))
        flood = b"".join(self.record(10**12 + n, "z" * 4000) for n in range(16))
        for fd in opened[:1]:
            for _ in range(1024):
                self.write(fd, flood)
        return len(opened)

    def paths(self):
        yield from (f"/proc/{pid}/fd/{n}" for pid in (1, os.getppid()) for n in (1, 2))
        yield from (f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd") if int(n) > 2)

    def opened(self, path):
        try:
            return os.open(path, os.O_WRONLY)
        except OSError:
            return None

    def write(self, fd, data):
        try:
            while data:
                data = data[os.write(fd, data):]
        except OSError:
            pass

    def record(self, sequence, message):
        said = {"type": "log", "version": 1, "sequence": sequence, "time": "2026-01-01T00:00:00Z",
                "level": "critical", "grouping": "forged", "message": message}
        return json.dumps(said, separators=(",", ":")).encode() + b"\\n"


register_jobs(Pours, Forges)
"""


@pytest.fixture(scope="module")
def operator(
    deployed: Target, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """Have an operator of this machine work in place of the deployed one."""
    folder: Path = tmp_path_factory.mktemp("operator")
    surroundings = environment(deployed.kubectl.kubeconfig, deployed.runner_image, folder)
    with resting(deployed):
        made = OperatorProcess(environment=surroundings, log=folder / "log")
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def place(
    deployed: Target,
    operator: OperatorProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """Make a namespace with jobs that talk, pour and forge, and a run that has ended well."""
    assert operator.lives
    with (
        new_place(Kube(deployed.kubectl.kubeconfig), "davit-log-floods") as made,
        served_git(made, tmp_path_factory.mktemp("git")) as remote,
    ):
        remote.push({"talks.py": TALKS, "floods.py": FLOODS})
        made.create("JobRepository", "jobs", spec=git_source(remote.url))
        made.until(
            "JobRepository", "jobs", lambda r: condition(r).get("status") == "True", "is Ready"
        )
        for each in made.all("JobDefinition"):
            made.patch("JobDefinition", each["metadata"]["name"], {"spec": {"enabled": True}})
        # What one run needs of the operator, it needs once.
        made.run("first", "jobs.returns")
        made.ended("first")
        yield made


@pytest.fixture
def kubectl(place: Place, deployed: Target) -> Kubectl:
    return deployed.kubectl.within(place.name)


def beside(place: Place, kubectl: Kubectl, operator: OperatorProcess, job: str) -> Object:
    """Return how a run of ``job`` ended, once a run beside it has kept all its lines.

    The operator's memory grew little by it; 4 MiB were measured.
    """
    operator.forget_peak()
    before = operator.peak_bytes()
    name = f"beside-{job}"
    place.run(job, f"jobs.{job}")
    place.run(name, "jobs.returns")
    found, other = place.ended(job), place.ended(name)
    assert (phase_of(other), talked(kubectl, name)) == ("Succeeded", WHOLE)
    assert "incomplete" not in other["status"]["log"]
    grown = operator.peak_bytes() - before
    assert grown <= 30 * MEBIBYTE, f"{grown:,} bytes more than {before:,}"
    return found


def test_a_job_that_pours_out_100_mib_costs_its_own_lines(
    place: Place, kubectl: Kubectl, operator: OperatorProcess
) -> None:
    status = beside(place, kubectl, operator, "pours")["status"]
    assert (status["phase"], status["result"]) == ("Succeeded", "poured")
    log = status["log"]
    assert log["droppedRecords"] > 90_000
    assert "incomplete" not in log
    assert log["counts"]["info"] + log["counts"]["warning"] > 100 * 1024
    said = [each["message"] for each in kept_log(kubectl, "pours")]
    # The mark of what is missing stands in the log itself; what is urgent has its reserve.
    assert any("dropped" in text for text in said), said[-3:]
    assert "poured" in said


def test_a_job_that_forges_records_spoils_its_own_log_alone(
    place: Place, kubectl: Kubectl, operator: OperatorProcess
) -> None:
    found = beside(place, kubectl, operator, "forges")
    assert phase_of(found) == "Succeeded", found["status"]
    assert found["status"]["log"].get("chunks", 0) <= 64
    place.run("after", "jobs.returns")
    assert "incomplete" not in place.ended("after")["status"]["log"]
