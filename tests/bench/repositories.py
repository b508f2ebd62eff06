"""What 1,000 repositories cost that do not change, and how long a push takes to become code.

``python -m tests.bench.repositories``: real etcd, API server, ``git http-backend`` and operator
process; no kubelet, so what discovery pods take is not in it. Times are of this machine.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.runner import RunnerSettings
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.effects.git_credentials import git_credentials
from davit_operator.effects.git_request import GitRequest
from davit_operator.plan.artifact import pack
from davit_operator.plan.discovery import discovery_inputs
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_ref
from davit_operator.plan.observed import OperatorDefaults
from tests.cluster.controlplane import ControlPlane, running_control_plane
from tests.cluster.pki import Subject
from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.integration import kubelet
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.conftest import install_crds, new_place
from tests.integration.kube import Kube, eventually
from tests.integration.place import Place, condition
from tests.integration.repositories import apply, sync, trust
from tests.integration.running import RUNNER_IMAGE, environment

REPOSITORIES = 1_000
INTERVAL_SECONDS = 60
# Long enough for two looks at each source.
MEASURED_SECONDS = 2 * INTERVAL_SECONDS
PUSHES = 20
TARGET_CORES = 0.2
FILES = {f"jobs/module_{number}.py": f"x = {number}\n" * 50 for number in range(50)}
_TICKS = os.sysconf("SC_CLK_TCK")
_ASKED = re.compile(r"GET /([^/]+)\.git/info/refs\?service=git-upload-pack")
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The servers that all measurements share."""

    plane: ControlPlane
    kube: Kube
    git: RunningServer
    # What the Git server prints: a line a request.
    asked: io.StringIO
    folder: Path

    def looks(self) -> dict[str, int]:
        """Return how often each repository of the server was asked for its references."""
        counts: dict[str, int] = {}
        for name in _ASKED.findall(self.asked.getvalue()):
            counts[name] = counts.get(name, 0) + 1
        return counts

    @contextmanager
    def operator(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run an operator process until the block ends."""
        kubeconfig = self.plane.config(
            "operator", Subject(user=OPERATOR_USER, group="system:masters")
        )
        folder = self.folder / f"operator-{next(_numbers)}"
        folder.mkdir()
        settings = environment(kubeconfig, folder)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "davit_operator"], env=settings, stderr=log
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def bench() -> Iterator[Bench]:
    """Run the servers until the block ends."""
    asked = io.StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="davit-bench-") as name,
        running_control_plane(Path(name) / "plane", controllers=True) as plane,
        contextlib.redirect_stderr(asked),
    ):
        folder = Path(name) / "git"
        folder.mkdir()
        with git_server(folder) as git:
            kube = Kube(plane.kubeconfig)
            install_crds(kube)
            yield Bench(plane=plane, kube=kube, git=git, asked=asked, folder=Path(name))


def unchanged(bench: Bench, sources: int) -> str:
    """Return what unchanged repositories of so many sources cost."""
    place = new_place(bench.kube, f"unchanged-{sources}")
    remote = bench.git.repository(place.name)
    commit = remote.push(FILES)
    trust(place, bench.git)
    names = [place.name, *_copies(bench.git, place.name, sources - 1)]
    for number in range(REPOSITORIES):
        _served(place, f"r{number}", bench.git.url(names[number % sources]), commit)
    with bench.operator() as operator:
        eventually(
            lambda: len(bench.looks().keys() & set(names)) == sources, "all were looked at", 300
        )
        # The operator says so of each, once.
        eventually(lambda: _all_ready(place), "all are Ready", 300)
        time.sleep(INTERVAL_SECONDS / 2)
        audit, before, used = AuditLog(bench.plane.audit_log), bench.looks(), _cpu(operator.pid)
        time.sleep(MEASURED_SECONDS)
        cores = (_cpu(operator.pid) - used) / MEASURED_SECONDS
        after = bench.looks()
        calls = audit.calls(user=OPERATOR_USER)
    looks = sum(after[name] - before.get(name, 0) for name in names)
    for number in range(REPOSITORIES):
        place.delete("JobRepository", f"r{number}")
    per_interval = looks / sources / (MEASURED_SECONDS / INTERVAL_SECONDS)
    return (
        f"{REPOSITORIES:,} unchanged repositories, {sources:,} different, at {INTERVAL_SECONDS} s: "
        f"{cores:.3f} cores (must: {TARGET_CORES}), {per_interval:.2f} ls-remotes an interval for "
        f"each URL and reference, {len(calls) / MEASURED_SECONDS:.2f} calls of the API server a "
        "second"
    )


def _copies(git: RunningServer, name: str, count: int) -> list[str]:
    """Serve the same repository under more names."""
    names = [f"{name}-{number}" for number in range(count)]
    for each in names:
        (git.root / f"{each}.git").symlink_to(git.root / f"{name}.git")
    return names


def _served(place: Place, name: str, url: str, commit: str) -> None:
    """Create a repository that serves the commit already."""
    source = {"git": {"url": url, "secretRef": {"name": "git"}}}
    spec = {"source": source, "interval": f"{INTERVAL_SECONDS}s"}
    made = place.create("JobRepository", name, spec=spec)
    defaults = OperatorDefaults(runner=RunnerSettings(image=RUNNER_IMAGE))
    inputs = discovery_inputs(JobRepository.model_validate(made), defaults)
    artifact = {"revision": f"main@sha1:{commit}", "commit": commit, "sizeBytes": 1, "files": 1}
    status = {"artifact": artifact, "discovery": {"commit": commit, "inputs": inputs}}
    place.patch("JobRepository", name, {"status": status}, "status")


def _all_ready(place: Place) -> bool:
    # More often would cost the API server what is measured.
    time.sleep(1)
    return all(condition(each).get("status") == "True" for each in place.all("JobRepository"))


def _cpu(pid: int) -> float:
    """Return the seconds that a process and its children that have ended computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def pushes(bench: Bench) -> str:
    """Return how long it takes from a push that is asked for to its code being discovered."""
    place = new_place(bench.kube, "pushes")
    remote = bench.git.repository(place.name)
    remote.push(FILES)
    trust(place, bench.git)
    apply(place, remote, interval="1h")
    found: list[tuple[float, float, float, float]] = []
    with bench.operator():
        _discovered(place, remote.git("rev-parse", "HEAD"))
        for number in range(PUSHES):
            commit = remote.push({**FILES, "jobs/new.py": f"x = {number}\n"})
            begun = time.monotonic()
            sync(place, "netops", f"push {number}")
            begun = time.monotonic()
            created = _discovered(place, commit)
            found.append((created - begun, time.monotonic() - created, *_parts(bench, remote)))
    code, serve, look, fetch = (statistics.median(each) for each in zip(*found, strict=True))
    return (
        f"push, asked for, to its discovery pod: p50 {code * 1000:.0f} ms, of it the look "
        f"{look * 1000:.0f} ms, fetch and pack {fetch * 1000:.0f} ms; end of the pod to "
        f"definitions and status: p50 {serve * 1000:.0f} ms ({PUSHES} pushes of {len(FILES)} "
        "files; half an interval comes before where nobody asks; the pod itself comes between)"
    )


def _discovered(place: Place, commit: str) -> float:
    """Have the discovery of a commit end well; return when its pod was there."""
    pod = place.discovery_pod("netops")
    created = time.monotonic()
    place.set_pod(pod, kubelet.ended(pod))

    def is_served() -> bool:
        repository = place.get("JobRepository", "netops")
        return bool(repository["status"].get("artifact", {}).get("commit") == commit)

    eventually(is_served, f"{commit} is served")
    eventually(lambda: not place.all("Pod"), "the pod is deleted")
    return created


def _parts(bench: Bench, remote: RemoteRepository) -> tuple[float, float]:
    """Return how long a look takes, and fetching and packing what it saw, by themselves."""
    number = next(_numbers)
    reader = GitReader(GitSettings(folder=bench.folder / f"reader-{number}"))
    request = GitRequest(
        address=git_address(remote.url, HostPolicy(allowed_hosts=frozenset({"127.0.0.1"}))),
        ref=git_ref(),
        namespace="bench",
        timeout_seconds=60,
        credentials=git_credentials("git", "uid", {"ca.crt": bench.git.ca.read_bytes()}),
    )
    begun = time.monotonic()
    contact = reader.resolve(request)
    seen = time.monotonic()
    pack(reader.fetch(contact).files)
    return seen - begun, time.monotonic() - seen


def measure(say: Callable[[str], None]) -> None:
    """Say each result as soon as it is there: 6 minutes in all."""
    with bench() as servers:
        say(unchanged(servers, 1))
        say(unchanged(servers, REPOSITORIES))
        say(pushes(servers))


if __name__ == "__main__":
    measure(print)
