"""What live runs say: seen while they run, each record once, and whole at their end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.integration import kubelet
from tests.integration.kube import Kube, Object, eventually
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.live_runs import (
    LONG,
    begin,
    ended,
    heard,
    job_logs,
    kept,
    lines,
    messages,
    record,
)
from tests.integration.place import Place, phase_of

from davit_contract import ErrorInfo, OutcomeReason, ProgressRecord
from davit_operator.api.names import log_name

pytestmark = pytest.mark.usefixtures("operator")


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


@contextmanager
def quota(place: Place, job_logs: int) -> Iterator[None]:
    """Let the namespace have so many JobLogs."""
    hard = {"count/joblogs.davit.dev": str(job_logs)}
    place.create("ResourceQuota", "few", spec={"hard": hard})
    # Its controller learns of new kinds within minutes; admission looks at the status alone.
    status = {"hard": hard, "used": {"count/joblogs.davit.dev": "0"}}
    place.patch("ResourceQuota", "few", {"status": status}, "status")
    yield
    place.delete("ResourceQuota", "few")


def test_what_a_run_says_is_seen_while_it_runs(place: Place, node: LiveNode) -> None:
    place.installed()
    log = begin(place, node)
    progress = ProgressRecord(sequence=4, time=kubelet.STARTED, done=3, total=8)
    log.print(record(1), record(2, level="warning"), record(3), progress)
    heard(place, 4)
    status = place.get("JobRun", "ada")["status"]
    assert messages(status["log"]) == ["line 1", "line 2", "line 3"]
    counts = {level: count for level, count in status["log"]["counts"].items() if count}
    assert counts == {"info": 2, "warning": 1}
    assert status["progress"] == {"done": 3, "total": 8}
    log.print(record(5))
    assert messages(heard(place, 5))[-1] == "line 5"
    told = ended(place, log, 5)
    assert messages(told) == ["line 1", "line 2", "line 3", "line 5"]
    assert "incomplete" not in told
    assert not job_logs(place)


def test_a_long_log_is_kept_by_time_though_it_never_pauses(place: Place, node: LiveNode) -> None:
    place.installed()
    log, number = begin(place, node), 20
    log.print(*lines(1, number, LONG))

    def one_line_later() -> list[Object]:
        nonlocal number
        number += 1
        log.print(record(number))
        return job_logs(place)

    [first] = eventually(one_line_later, "a JobLog is written while the run talks")
    assert phase_of(place.get("JobRun", "ada")) == "Running"
    assert first["spec"]["firstSequence"] == 1
    assert "incomplete" not in ended(place, log, number)
    assert kept(place) == list(range(1, number + 1))


def test_a_stream_cut_in_the_middle_of_a_line_loses_and_repeats_nothing(
    place: Place, node: LiveNode
) -> None:
    place.installed()
    log = begin(place, node)
    log.print(*lines(1, 150))
    heard(place, 150)
    log.tear(record(151))
    log.wait_for_streams(2)
    log.print(*lines(152, 180))
    log.cut()
    log.print(*lines(181, 200))
    heard(place, 200)
    assert "incomplete" not in ended(place, log, 200)
    assert kept(place) == list(range(1, 201))


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_log_that_cannot_be_read_for_a_while_is_read_later(
    place: Place, node: LiveNode, status: int
) -> None:
    place.installed()
    place.run("ada")
    pod = place.pod_of("ada")
    log = node.take(place, pod)
    log.status = status
    log.print(record(1))
    place.set_pod(pod, kubelet.running())
    log.wait_for_streams(2)
    log.status = 200
    assert messages(heard(place, 1)) == ["line 1"]
    assert "incomplete" not in ended(place, log, 1)


def test_a_log_that_ends_late_is_complete(place: Place, node: LiveNode) -> None:
    place.installed()
    log = begin(place, node)
    log.print(*lines(1, 3))
    heard(place, 3)
    log.print_late(3, *lines(4, 6))
    told = ended(place, log, 6)
    assert messages(told)[-1] == "line 6"
    assert (log.reads, "incomplete" in told) == (3, False)


def test_records_that_are_missing_are_stated(place: Place, node: LiveNode) -> None:
    place.installed()
    log = begin(place, node)
    log.print(*lines(1, 10), *lines(14, 20))
    told = ended(place, log, 20)
    assert told["incomplete"] is True
    assert told["message"] == "3 of 20 records could not be read from the node."
    assert told["lastSequence"] == 20


def test_a_log_that_is_not_for_everybody_stands_in_job_logs_alone(
    place: Place, node: LiveNode
) -> None:
    place.installed(logTail="None")
    log = begin(place, node)
    log.print(*lines(1, 3))
    counts = heard(place, 3)["counts"]
    assert (counts["info"], place.get("JobRun", "ada")["status"]["log"]["tail"]) == (3, [])
    log.end()
    raised = ErrorInfo(type="ValueError", message="no", traceback="Traceback ...")
    place.finish("ada", reason=OutcomeReason.JOB_FAILED, error=raised, last_sequence=3)
    status = place.phase("ada", "Failed")["status"]
    assert (status["log"]["tail"], status["log"]["chunks"]) == ([], 1)
    assert "traceback" not in status["error"]
    assert "line" not in json.dumps(status["log"])
    assert kept(place) == [1, 2, 3]


def test_a_job_log_of_another_run_is_left_alone_and_said(place: Place, node: LiveNode) -> None:
    place.installed()
    log = begin(place, node)
    batch_job = place.batch_jobs_of("ada")[0]["metadata"]["name"]
    reference = {"name": "bob", "uid": "77777777-0000-4000-8000-000000000007"}
    spec = {"runRef": reference, "index": 0, "firstSequence": 1, "lastSequence": 9, "data": ""}
    made = place.create("JobLog", log_name(batch_job, 0), spec=spec)
    log.print(*lines(1, 200, LONG))
    told = ended(place, log, 200)
    name = made["metadata"]["name"]
    assert told["message"] == f"JobLog {name} is not of this run."
    assert (told["incomplete"], "chunks" in told) == (True, False)
    assert told["tail"][-1]["sequence"] == 200
    assert place.get("JobLog", name)["metadata"] == made["metadata"]
    assert len(job_logs(place)) == 1


def test_a_run_whose_job_logs_a_quota_refuses_ends_and_says_so(
    place: Place, node: LiveNode
) -> None:
    place.installed()
    with quota(place, job_logs=1):
        log = begin(place, node)
        log.print(*lines(1, 600, LONG))
        told = ended(place, log, 600)
    assert told["message"].startswith("The API server refused JobLog 1: ")
    assert "exceeded quota" in told["message"]
    assert (told["incomplete"], told["chunks"]) == (True, 1)
    assert told["tail"][-1]["sequence"] == 600
