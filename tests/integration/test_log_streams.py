"""The streams of live runs: operators that come and go, turns, silence, and floods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.integration.kube import Kube, eventually
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.live_runs import (
    LONG,
    begin,
    ended,
    heard,
    job_logs,
    kept,
    lines,
    log_of,
    messages,
    record,
)
from tests.integration.place import Place
from tests.integration.running import OperatorThread

from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.replica import Limits


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


@pytest.fixture
def limited(
    no_operator: OperatorThread, tmp_path: Path
) -> Iterator[Callable[[LogLimits], OperatorThread]]:
    """Return what starts an operator with limits of the test's own."""
    started: list[OperatorThread] = []

    def start(limits: LogLimits) -> OperatorThread:
        thread = OperatorThread(no_operator.kubeconfig, tmp_path, limits=Limits(logs=limits))
        thread.start()
        started.append(thread)
        return thread

    yield start
    for thread in started:
        thread.stop()


def test_a_new_operator_goes_on_where_the_old_one_stopped(
    no_operator: OperatorThread, place: Place, node: LiveNode
) -> None:
    no_operator.start()
    place.installed()
    log = begin(place, node)
    log.print(*lines(1, 400, LONG))
    before = eventually(lambda: job_logs(place)[1:] and job_logs(place), "two JobLogs are written")
    no_operator.stop()
    log.print(*lines(401, 900, LONG))
    no_operator.start()
    eventually(lambda: len(job_logs(place)) >= len(before) + 2, "the new one writes on")
    no_operator.stop()
    log.print(*lines(901, 950, LONG))
    no_operator.start()
    told = ended(place, log, 950)
    assert "incomplete" not in told
    assert kept(place) == list(range(1, 951))
    assert told["chunks"] == len(job_logs(place))
    assert [each["metadata"] for each in job_logs(place)[: len(before)]] == [
        each["metadata"] for each in before
    ]


def test_what_was_said_while_no_operator_lived_is_read_at_the_end(
    no_operator: OperatorThread, place: Place, node: LiveNode
) -> None:
    no_operator.start()
    place.installed()
    log = begin(place, node)
    log.print(*lines(1, 400, LONG))
    eventually(lambda: job_logs(place)[1:], "two JobLogs are written")
    no_operator.stop()
    log.print(*lines(401, 500, LONG))
    log.end()
    place.finish("ada", last_sequence=500)
    no_operator.start()
    told = log_of(place.phase("ada", "Succeeded"))
    assert ("incomplete" in told, told["chunks"]) == (False, len(job_logs(place)))
    assert kept(place) == list(range(1, 501))


def test_more_runs_than_streams_take_turns_though_they_are_quiet(
    limited: Callable[[LogLimits], OperatorThread], place: Place, node: LiveNode
) -> None:
    limited(LogLimits(streams=2, turn_seconds=0.5))
    place.installed()
    names = [f"run-{number}" for number in range(5)]
    logs = {name: begin(place, node, name) for name in names}
    for number in (1, 2):
        for log in logs.values():
            log.print(record(number))
        for name in names:
            heard(place, number, name)
    for name, log in logs.items():
        assert "incomplete" not in ended(place, log, 2, name)


def test_a_run_that_said_nothing_for_long_is_followed_again(
    limited: Callable[[LogLimits], OperatorThread], place: Place, node: LiveNode
) -> None:
    limited(LogLimits(quiet_seconds=0.5))
    place.installed()
    log = begin(place, node)
    log.print(record(1))
    log.wait_for_streams(4)
    log.print(record(2))
    assert messages(heard(place, 2)) == ["line 1", "line 2"]
    assert "incomplete" not in ended(place, log, 2)


def test_a_run_that_prints_without_end_is_left_alone_until_it_ends(
    limited: Callable[[LogLimits], OperatorThread], place: Place, node: LiveNode
) -> None:
    limited(LogLimits(burst_bytes=2**20, bytes_a_second=1, rest_seconds=3_600))
    place.installed()
    log = begin(place, node)
    log.print(record(1))
    heard(place, 1)
    junk = b"x" * 9_999 + b"\n"
    for _ in range(1_000):
        log.print_raw(junk)
    eventually(lambda: log.told_bytes > 2**20, "the flood is being read")
    other = begin(place, node, "bob")
    other.print(record(1))
    heard(place, 1, "bob")
    assert log.streams == 1
    log.print(record(2))
    told = ended(place, log, 2)
    assert (messages(told), "incomplete" in told) == (["line 1", "line 2"], False)
    assert "incomplete" not in ended(place, other, 1, "bob")
