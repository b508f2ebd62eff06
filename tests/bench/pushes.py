"""From a push to definitions that may be run, on the local cluster with its real kubelet.

Times are of the API server's audit log. The operator is asked at once; where nobody asks, half an
interval comes before.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from datetime import datetime

from tests.bench.place import bench_place
from tests.cluster.state import AUDIT_LOG
from tests.e2e.place import Place
from tests.integration.audit import AuditLog

PUSHES = 10
JOB = """\
from davit import Job, register_jobs

class Job{number}(Job):
    def run(self):
        return {number}

register_jobs(Job{number})
"""
# What is timed: from the call before it to this one, which the operator or the test makes.
STEPS = {
    "patch jobrepositories": "",
    "create configmaps": "look, fetch and pack",
    "create pods": "publish",
    "update jobdefinitions/status": "discovery",
}


def measure(say: Callable[[str], None]) -> None:
    """Say how long the steps of a push take."""
    with bench_place("davit-bench-pushes") as place:
        place.serve(_files(0))
        found = [_steps(place, number) for number in range(1, PUSHES + 1)]
    medians = {step: statistics.median(each[step] for each in found) for step in found[0]}
    split = ", ".join(f"{step} {seconds * 1000:.0f} ms" for step, seconds in medians.items())
    whole = statistics.median(sum(each.values()) for each in found)
    say(f"push, asked for, to definitions: p50 {whole * 1000:.0f} ms ({split}; {PUSHES} pushes)")


def _files(number: int) -> dict[str, str]:
    return {"job.py": JOB.format(number=0), "more.py": f"# push {number}\n"}


def _steps(place: Place, number: int) -> dict[str, float]:
    commit = place.remote.push(_files(number))
    audit = AuditLog(AUDIT_LOG)
    word = f"davit.dev/requestedAt=push-{number}"
    place.kubectl("annotate", "--overwrite", "jobrepository/jobs", word)
    place.await_served(commit)
    times = _times(audit, place.kubectl.namespace)
    calls = list(STEPS)
    return {
        STEPS[call]: (times[call] - times[before]).total_seconds()
        for before, call in itertools.pairwise(calls)
    }


def _times(audit: AuditLog, namespace: str) -> dict[str, datetime]:
    """Return when each of the timed calls came first."""
    found: dict[str, datetime] = {}
    for call in audit.calls(namespace=namespace):
        if call.what in STEPS and call.code < 400:
            found.setdefault(call.what, call.at)
    return found


if __name__ == "__main__":
    measure(print)
