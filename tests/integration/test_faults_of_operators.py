"""Operators that are killed at each of their writes, before it and after it, and two at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Fault, Moment, Write, running_proxy
from tests.integration import kubelet
from tests.integration.faults import (
    Seen,
    begin_many,
    check_costs,
    check_end,
    check_log,
    check_nothing_stays,
    finish,
    let_go,
)
from tests.integration.kube import Kube, Object, RefusedError, eventually
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.live_runs import LONG, kept, lines
from tests.integration.place import ENDED, Place, condition, phase_of
from tests.integration.running import OperatorThread, environment

from davit_contract import OutcomeReason, places

# Each of some twenty kills costs a start of the operator; generous, for a machine that is busy.
SECONDS = 900.0
LINES = 400
# Each run, how it ends, and of how many attempts.
ENDS = {
    "talks": ("Succeeded", "Succeeded", 1),
    "breaks": ("Failed", "JobFailed", 1),
    "again": ("Succeeded", "Succeeded", 2),
    "cancelled": ("Cancelled", "Cancelled", 1),
    "deleted": ("Failed", "BatchJobDeleted", 1),
    "stuck": ("Failed", "Unschedulable", 1),
    "refused": ("Rejected", "Disabled", 0),
}
DEFINITIONS = {"again": "retried", "stuck": "hasty", "refused": "off"}
# What several runs write. The others may slip through while the operator dies of something else.
ALWAYS_STRUCK = {"POST jobs", "PUT jobruns/status Running", "PUT jobruns/status Failed"}
LEAST_KILLS = 12


class EachWrite(Fault):
    """Strikes at the first write of each kind, before it, and at the next one, after it."""

    def __init__(self, namespace: str, strike: Callable[[], object]) -> None:
        super().__init__(moment=Moment.BEFORE, strike=strike)
        self.struck: set[tuple[str, Moment]] = set()
        self.is_armed = True
        self._within = f"/namespaces/{namespace}/"

    def is_due(self, write: Write) -> bool:
        """Return whether this write is new in its kind; say when it is struck."""
        if not self.is_armed or self._within not in write.path:
            return False
        for moment in Moment:
            if (what(write), moment) not in self.struck:
                self.struck.add((what(write), moment))
                self.moment, self.is_armed = moment, False
                return True
        return False


def what(write: Write) -> str:
    """Return what is written, such as ``PUT jobruns/status Running``."""
    plural, _, rest = write.path.partition("/namespaces/")[2].partition("/")[2].partition("/")
    if not rest.endswith("/status"):
        return f"{write.method} {plural}"
    phase = json.loads(write.body)["status"].get("phase", "") if plural == "jobruns" else ""
    return f"{write.method} {plural}/status {phase}".strip()


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


@pytest.fixture
def host(
    no_operator: OperatorThread, operator_kubeconfig: Path, tmp_path: Path
) -> Iterator[HostOperator]:
    assert no_operator
    with running_proxy(operator_kubeconfig, tmp_path) as proxy:
        surroundings = environment(proxy.kubeconfig, tmp_path)
        made = HostOperator(proxy=proxy, environment=surroundings, log=tmp_path / "log")
        yield made
        made.stop()


class Kubelet:
    """Plays the node's part for all runs of the place, a step whenever it is asked."""

    def __init__(self, place: Place, node: LiveNode) -> None:
        self._place = place
        self._node = node

    def step(self) -> None:
        """Bring each pod one step further, as its run wants."""
        let_go(self._place)
        runs = {run["metadata"]["name"]: run for run in self._place.all("JobRun")}
        for pod in self._place.all("Pod"):
            owner = pod["metadata"]["ownerReferences"][0]["name"]
            name, _, attempt = (part for part in owner.rsplit("-", 2))
            if "deletionTimestamp" not in pod["metadata"] and phase_of(runs[name]) not in ENDED:
                # The pod may just have gone.
                with suppress(RefusedError):
                    self._play(runs[name], pod, int(attempt))

    def _play(self, run: Object, pod: Object, attempt: int) -> None:
        place, name, phase = self._place, run["metadata"]["name"], pod["status"]["phase"]
        if name == "stuck":
            place.set_pod(pod, kubelet.unschedulable("0/3 nodes are available."))
        elif phase == "Pending":
            log = self._node.take(place, pod)
            place.set_pod(pod, kubelet.running())
            if name == "talks":
                log.print(*lines(1, LINES, LONG))
        elif phase == "Running" and phase_of(run) == "Running":
            self._go_on(run, pod, attempt)

    def _go_on(self, run: Object, pod: Object, attempt: int) -> None:
        place, name = self._place, run["metadata"]["name"]
        asked = places.CANCEL_ANNOTATION in pod["metadata"]["annotations"]
        if name == "deleted":
            place.delete("Job", pod["metadata"]["ownerReferences"][0]["name"])
        elif name == "cancelled" and not asked:
            place.patch("JobRun", name, {"spec": {"cancel": True}})
        elif name == "cancelled":
            place.set_pod(pod, kubelet.ended(pod, reason=OutcomeReason.CANCELLED))
        elif name == "breaks" or (name == "again" and attempt == 1):
            place.set_pod(pod, kubelet.ended(pod, reason=OutcomeReason.JOB_FAILED))
        else:
            told = LINES if name == "talks" else 0
            place.set_pod(pod, kubelet.ended(pod, last_sequence=told))


def test_runs_end_right_though_the_operator_dies_at_each_of_its_writes(
    host: HostOperator, plane: ControlPlane, place: Place, node: LiveNode
) -> None:
    seen, world = Seen(plane, place), Kubelet(place, node)
    place.installed()
    place.installed("retried", retries={"limit": 1, "backoffSeconds": 0})
    place.installed("hasty", startDeadlineSeconds=5)
    place.installed("off", enabled=False)
    for name in ENDS:
        place.run(name, DEFINITIONS.get(name, "hello"))
    host.proxy.fault = fault = EachWrite(place.name, host.kill)

    def all_ended() -> bool:
        if not host.lives:
            host.start()
        # A write that the one before left behind may have used it up.
        fault.is_armed = True
        world.step()
        return all(phase_of(run) in ENDED for run in place.all("JobRun"))

    eventually(all_ended, f"all runs end; {fault.struck}", SECONDS)
    found = {run["metadata"]["name"]: run for run in place.all("JobRun")}
    ends = {
        name: (
            phase_of(run),
            condition(run)["reason"],
            len(run["status"].get("attempts") or ()),
        )
        for name, run in found.items()
    }
    assert ends == ENDS
    assert kept(place) == list(range(1, LINES + 1))
    # A create whose caller has died is carried out, and may be logged as answered to nobody.
    made = [call.name for call in seen.calls("create jobs", 201)]
    assert len(made) == len(set(made))
    pods = sum(number for *_, number in ENDS.values())
    assert len(seen.calls("create pods", 201)) == pods
    assert {(each, moment) for each in ALWAYS_STRUCK for moment in Moment} <= fault.struck
    assert len(fault.struck) >= LEAST_KILLS
    assert "Traceback" not in host.log.read_text()
    check_nothing_stays(place)


@pytest.fixture
def both(
    no_operator: OperatorThread, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OperatorThread, ...]]:
    """Have two operators work that do not know of each other."""
    folders = [tmp_path_factory.mktemp("state") for _ in range(2)]
    made = tuple(OperatorThread(no_operator.kubeconfig, folder) for folder in folders)
    for operator in made:
        operator.start()
    yield made
    for operator in made:
        operator.stop()


@pytest.mark.usefixtures("both")
def test_two_operators_at_once_make_each_pod_once_and_lose_no_line(
    plane: ControlPlane, place: Place, node: LiveNode
) -> None:
    seen, names = Seen(plane, place), [f"run-{number}" for number in range(6)]
    place.installed()
    logs = begin_many(place, node, *names)
    for name, log in logs.items():
        log.print(*lines(1, 20))
        place.phase(name, "Running")
    for name, log in logs.items():
        finish(place, log, name, 20)
    ended = {name: check_end(place, seen, name, ("Succeeded", "Succeeded")) for name in names}
    for name, found in ended.items():
        check_log(found, 20)
        assert place.get("JobRun", name)["status"] == found["status"]
    check_costs(seen, len(names))
    check_nothing_stays(place)
