"""The probes say what is stuck, once it is; /metrics counts without naming anybody."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.cluster.controlplane import ControlPlane
from tests.faults.proxy import Proxy, running_proxy
from tests.integration.kube import eventually
from tests.integration.place import Place
from tests.integration.running import OperatorThread

from davit_operator.engine.vitals import VitalLimits
from davit_operator.handlers.replica import Limits

Start = Callable[[VitalLimits], "Probed"]


class Probed:
    """An operator, and how it answers."""

    def __init__(self, thread: OperatorThread, port: int) -> None:
        self.thread = thread
        self._port = port

    def get(self, path: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self._port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def fails(self, word: str) -> str:
        """Return what /healthz says once it fails for this."""

        def probe() -> str | None:
            status, said = self.get("/healthz")
            return said if status == 500 and word in said else None

        return eventually(probe, f"/healthz fails: {word}")

    def samples(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        """Return what Prometheus reads, by name."""
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found


@pytest.fixture
def proxy(plane: ControlPlane, tmp_path: Path) -> Iterator[Proxy]:
    with running_proxy(plane.kubeconfig, tmp_path) as running:
        yield running


@pytest.fixture
def start(no_operator: OperatorThread, proxy: Proxy, tmp_path: Path) -> Iterator[Start]:
    """Return what starts an operator behind the proxy, and has it ready."""
    assert no_operator
    started: list[OperatorThread] = []

    def begin(limits: VitalLimits) -> Probed:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        thread = OperatorThread(
            proxy.kubeconfig, tmp_path, probe_port=port, limits=Limits(vitals=limits)
        )
        started.append(thread)
        thread.start()
        probed = Probed(thread, port)
        eventually(lambda: _is_ready(probed), "it is ready")
        return probed

    yield begin
    for thread in started:
        thread.stop()


def _is_ready(probed: Probed) -> bool:
    try:
        return probed.get("/readyz") == (200, "leading\n")
    except OSError:
        return False


def test_an_operator_that_works_says_so(start: Start) -> None:
    probed = start(VitalLimits())
    assert probed.get("/healthz") == (200, "alive, leading\n")


def test_a_loop_that_is_blocked_fails_the_probe_that_it_cannot_answer(start: Start) -> None:
    probed = start(VitalLimits(lag=1))
    probed.thread.call(lambda: time.sleep(4))
    assert "the event loop is" in probed.fails("something blocks it")


def test_a_queue_whose_workers_hang_fails_the_probe(
    start: Start, proxy: Proxy, place: Place
) -> None:
    place.installed(enabled=False)
    probed = start(VitalLimits(queue=1))
    eventually(lambda: proxy.streams.count("jobruns"), "the watch is open")
    # Each worker waits for an answer.
    proxy.latency_seconds = 20
    for number in range(40):
        place.run(f"run-{number}")
    assert "queue JobRun gave out nothing" in probed.fails("queue JobRun")
    proxy.latency_seconds = 0


def test_a_watch_that_hears_nothing_fails_the_probe_until_it_is_opened_anew(
    start: Start, proxy: Proxy
) -> None:
    # Longer than a server keeps a watch (20 s), and shorter than until a silent one is opened anew
    # (25 s): then it is heard again.
    probed = start(VitalLimits(watch=22))
    eventually(lambda: proxy.streams.count("jobruns"), "the watch is open")
    proxy.streams.silence("jobruns")
    assert "the watch of jobruns was silent" in probed.fails("the watch of jobruns")
    eventually(lambda: probed.get("/healthz")[0] == 200, "another watch is heard")


def test_what_prometheus_scrapes_counts_and_names_nobody(start: Start, place: Place) -> None:
    place.installed("hello", enabled=False)
    probed = start(VitalLimits())
    place.run("ada")
    place.ended("ada")
    found = eventually(lambda: _finished(probed), "the run is counted, and the watch heard")
    assert ({"phase": "Rejected", "reason": "Disabled"}, 1.0) in found["davit_runs_finished_total"]
    assert found["davit_leader"] == [({}, 1.0)]
    assert found["davit_loop_lag_seconds"][0][1] < 60
    done = [v for labels, v in found["davit_reconciles_total"] if labels["kind"] == "JobRun"]
    assert sum(done) >= 1
    assert {labels["queue"] for labels, _ in found["davit_queue_depth"]} >= {"JobRun", "logs"}
    assert {labels["resource"] for labels, _ in found["davit_watch_age_seconds"]} >= {"jobruns"}
    assert {labels["phase"] for labels, _ in found["davit_runs"]} >= {"Pending", "Running"}
    calls = [labels for labels, _ in found["davit_api_calls_total"]]
    assert {"verb": "PUT", "resource": "jobruns/status", "code": "200"} in calls
    said = {value for each in found.values() for labels, _ in each for value in labels.values()}
    assert not said & {"ada", "hello", "netops", place.name}


def _finished(probed: Probed) -> dict[str, list[tuple[dict[str, str], float]]] | None:
    found = probed.samples()
    # A watch has an age once it was heard.
    ages = [labels["resource"] for labels, _ in found.get("davit_watch_age_seconds", ())]
    return found if "davit_runs_finished_total" in found and "jobruns" in ages else None
