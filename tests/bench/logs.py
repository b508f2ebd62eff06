"""What logs take on the local cluster with its real kubelet: ``python -m tests.bench.logs``.

A line is as old as its time, which the runner stamps. Whoever sees it is another process of the
same machine, with the same clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.bench.place import bench_place
from tests.bench.watching import Seen, Watching
from tests.cluster.controlplane import Ports
from tests.cluster.state import AUDIT_LOG
from tests.e2e.place import Place, a
from tests.integration.audit import AuditLog, Call
from tests.kubectl import Kubectl

CROWDS = (1, 20, 100)
ENDS = 12
SIZES = (10, 1_000, 100_000)
# How long a crowd is looked at once all of it talks.
LOOK_SECONDS = 20.0
FIRST_SECONDS = 10.0
JOBS = """\
import time

from davit import IntegerVar, Job, register_jobs


class Chats(Job):
    def run(self):
        for number in range(1200):
            self.logger.info("line %d", number)
            time.sleep(0.5)


class Talks(Job):
    lines = IntegerVar()

    def run(self, lines):
        for number in range(lines):
            self.logger.info("line %d", number)


register_jobs(Chats, Talks)
"""
Say = Callable[[str], None]


def measure(say: Say) -> None:
    """Say how soon lines are seen, how soon runs end, and what their logs take."""
    with bench_place("davit-bench-logs") as place:
        place.serve({"jobs.py": JOBS})
        for definition in ("jobs.chats", "jobs.talks"):
            place.enable(definition)
        for part in (_sizes, _ends, _crowds):
            part(place, say)


# --- bytes in etcd


def _sizes(place: Place, say: Say) -> None:
    for lines in SIZES:
        name = f"lines-{lines}"
        log = place.run(name, "jobs.talks", {"lines": lines})["log"]
        sizes = _in_etcd(place.kubectl.namespace)
        dropped = log.get("droppedRecords", 0)
        parts = ", ".join(f"{kind} {size:,}" for kind, size in sizes.items())
        say(f"bytes in etcd of a run of {lines:,} lines ({dropped:,} dropped): {parts}")
        place.kubectl("delete", "jobrun", name, "--cascade=foreground")


def _in_etcd(of: str) -> dict[str, int]:
    """Return the bytes of a namespace's objects by kind, keys and values."""
    kinds = ("davit.dev/jobruns", "davit.dev/joblogs", "jobs", "pods")
    found: Counter[str] = Counter()
    for kind in kinds:
        key = f"/registry/{kind}/{of}/".encode()
        end = key[:-1] + bytes([key[-1] + 1])
        asked = {"key": b64encode(key).decode(), "range_end": b64encode(end).decode()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{Ports().etcd}/v3/kv/range", data=json.dumps(asked).encode()
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            pairs = json.load(answer).get("kvs", [])
        name = kind.rpartition("/")[2]
        found[name] += sum(len(b64decode(p["key"]) + b64decode(p["value"])) for p in pairs)
    return dict(found)


# --- from the end of the pod to the end of the run


def _ends(place: Place, say: Say) -> None:
    audit, pods = AuditLog(AUDIT_LOG), _watch(place, "Pod")
    for number in range(ENDS):
        place.run(f"end-{number}", "jobs.talks", {"lines": 500})
    calls = audit.calls(namespace=place.kubectl.namespace)
    took = [_end_latency(f"end-{number}", calls, pods) for number in range(ENDS)]
    say(f"pod's end to the run's, of {ENDS} runs of 500 lines, on the kubelet: {_figures(took)}")


def _end_latency(run: str, calls: Sequence[Call], pods: Watching) -> float:
    """Return the seconds from the kubelet's word that the pod has ended to the last status."""
    over = next(seen for seen in pods.seen if seen.name.startswith(f"{run}-") and _is_over(seen))
    ends = [c.at for c in calls if (c.what, c.name) == ("update jobruns/status", run)]
    words = [
        c.at
        for c in calls
        if c.what == "patch pods/status" and c.name == over.name and c.at.timestamp() <= over.at
    ]
    return (max(ends) - max(words)).total_seconds()


def _is_over(seen: Seen) -> bool:
    statuses = seen.thing.get("status", {}).get("containerStatuses", [])
    return any("terminated" in each["state"] for each in statuses)


# --- from a line to who reads it


def _crowds(place: Place, say: Say) -> None:
    for count in CROWDS:
        runs = _watch(place, "JobRun")
        chats = [f"chat-{count}-{number}" for number in range(count)]
        spec = {"definitionRef": {"name": "jobs.chats"}}
        place.kubectl.create(a("JobRun", chats[0], spec))
        with _followed(place.kubectl, chats[0]) as ages:
            if count > 1:
                place.kubectl.create(*(a("JobRun", name, spec) for name in chats[1:]))
            _until_all_talk(runs, chats)
            time.sleep(LOOK_SECONDS)
        first, later = _ages([seen for seen in list(runs.seen) if seen.name in chats])
        say(f"{count} chatty runs, two lines a second each:")
        say(f"  line to `kubectl davit logs -f`: {_figures(ages)}")
        say(f"  line to status.log.tail, in a run's first 10 s: {_figures(first)}")
        say(f"  line to status.log.tail, later: {_figures(later)}")
        place.kubectl("delete", "jobrun", *chats, "--cascade=foreground")


@contextmanager
def _followed(kubectl: Kubectl, run: str) -> Iterator[list[float]]:
    """Yield the ages of a run's lines as ``kubectl davit logs -f`` prints them."""
    ages: list[float] = []
    program = [sys.executable, "-m", "davit_kubectl", "--kubeconfig", str(kubectl.kubeconfig)]
    words = ["-n", kubectl.namespace, "logs", "-f", run, "-o", "json"]
    process = subprocess.Popen([*program, *words], stdout=subprocess.PIPE, text=True)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            ages.append(time.time() - _time(json.loads(line)))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield ages
    finally:
        process.kill()
        process.wait()
        reader.join()


def _until_all_talk(runs: Watching, names: Sequence[str]) -> None:
    deadline = time.monotonic() + 300
    while not {seen.name for seen in list(runs.seen) if _tail(seen)}.issuperset(names):
        assert time.monotonic() < deadline, "not all runs talk"
        time.sleep(0.2)


def _ages(states: Sequence[Seen]) -> tuple[list[float], list[float]]:
    """Return how old lines were when a status showed them: of a run's first seconds, and later."""
    first: list[float] = []
    later: list[float] = []
    known: dict[str, int] = {}
    began: dict[str, float] = {}
    for seen in states:
        for line in _tail(seen):
            if line["sequence"] <= known.get(seen.name, 0):
                continue
            known[seen.name] = line["sequence"]
            printed = _time(line)
            begin = began.setdefault(seen.name, printed)
            (first if printed < begin + FIRST_SECONDS else later).append(seen.at - printed)
    return first, later


def _tail(seen: Seen) -> list[dict[str, Any]]:
    tail: list[dict[str, Any]] = seen.thing.get("status", {}).get("log", {}).get("tail", [])
    return tail


def _time(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["time"]).timestamp()


def _watch(place: Place, kind: str) -> Watching:
    return Watching(place.kubectl.kubeconfig, kind, place.kubectl.namespace)


def _figures(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nothing was seen"
    ordered = sorted(seconds)
    p50, p99 = (ordered[round(share * (len(ordered) - 1))] for share in (0.5, 0.99))
    return f"p50 {p50 * 1000:,.0f} ms, p99 {p99 * 1000:,.0f} ms ({len(ordered):,} measured)"


if __name__ == "__main__":
    measure(lambda text: print(text, flush=True))  # noqa: T201 (for who reads it)
