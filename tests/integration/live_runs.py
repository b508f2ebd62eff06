"""Runs that live, with logs that a test writes: what is begun, heard and kept of them."""

from __future__ import annotations

import base64
import gzip
import json

from tests.builders import a_log_record
from tests.integration import kubelet
from tests.integration.kube import Object
from tests.integration.live_node import LiveLog, LiveNode
from tests.integration.place import Place, phase_of

from davit_contract import LogRecord

# Enough of them are more than a JobLog.
LONG = "x" * 1_500


def record(number: int, text: str = "line {}", **changes: str) -> LogRecord:
    """Return a record, a hundred a second, as busy jobs have them."""
    second, hundredth = divmod(number, 100)
    time = f"2026-11-22T06:{30 + second // 60:02d}:{second % 60:02d}.{hundredth:02d}0000Z"
    return a_log_record(number, text.format(number), time=time, **changes)


def lines(first: int, last: int, text: str = "line {}") -> list[LogRecord]:
    """Return numbered records."""
    return [record(number, text) for number in range(first, last + 1)]


def begin(place: Place, node: LiveNode, name: str = "ada") -> LiveLog:
    """Have a run live, and return what it prints."""
    place.run(name)
    pod = place.pod_of(name)
    log = node.take(place, pod)
    place.set_pod(pod, kubelet.running())
    return log


def heard(place: Place, sequence: int, name: str = "ada") -> Object:
    """Return a live run's log in its status once it tells up to ``sequence``."""
    run = place.until(
        "JobRun", name, lambda run: log_of(run).get("lastSequence") == sequence, f"tells {sequence}"
    )
    assert phase_of(run) == "Running"
    return log_of(run)


def log_of(run: Object) -> Object:
    """Return what the run says of its log; empty where it says nothing."""
    log: Object = run.get("status", {}).get("log") or {}
    return log


def ended(place: Place, log: LiveLog, last_sequence: int, name: str = "ada") -> Object:
    """Have the run end well, and return what its status says of its log."""
    log.end()
    place.finish(name, last_sequence=last_sequence)
    return log_of(place.phase(name, "Succeeded"))


def messages(log: Object) -> list[str]:
    """Return the texts of the tail."""
    return [line["message"] for line in log["tail"]]


def job_logs(place: Place) -> list[Object]:
    """Return the place's JobLogs, in their order."""
    return sorted(place.all("JobLog"), key=lambda each: int(each["spec"]["index"]))


def kept(place: Place) -> list[int]:
    """Return the numbers of the records that the JobLogs hold."""
    found = [
        json.loads(line)["sequence"]
        for each in job_logs(place)
        for line in gzip.decompress(base64.b64decode(each["spec"]["data"])).splitlines()
    ]
    assert [each["spec"]["index"] for each in job_logs(place)] == list(range(len(job_logs(place))))
    return found
