"""What holds of a run whatever went wrong meanwhile: its end, when it came, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.cluster.controlplane import ControlPlane
from tests.faults.proxy import Proxy, running_proxy
from tests.integration import kubelet
from tests.integration.audit import AuditLog, Call
from tests.integration.kube import Object, RefusedError, eventually, path_of
from tests.integration.live_node import LiveLog, LiveNode
from tests.integration.live_runs import log_of
from tests.integration.place import Place, condition, phase_of
from tests.integration.running import OperatorThread

# The promise, and what a machine that does much else at once may add to it.
SOON_SECONDS = 5.0
LOAD_SECONDS = 5.0


class Seen:
    """The audit log of one place."""

    def __init__(self, plane: ControlPlane, place: Place) -> None:
        self._log = AuditLog(plane.audit_log)
        self._place = place

    def calls(self, what: str, code: int, name: str = "") -> list[Call]:
        """Return the place's calls of a kind that were answered so."""
        return [
            call
            for call in self._log.calls(namespace=self._place.name)
            if (call.what, call.code) == (what, code) and name in ("", call.name)
        ]

    def end_of(self, run: str) -> datetime:
        """Return when the run's last status was written."""
        return max(call.at for call in self.calls("update jobruns/status", 200, run))

    def told_by_the_kubelet(self, run: str) -> datetime:
        """Return when a kubelet last spoke of the run's pod."""
        pod = self._place.get("JobRun", run)["status"]["attempts"][-1]["pod"]
        return max(call.at for call in self.calls("patch pods/status", 200, pod))


def check_end(
    place: Place, seen: Seen, run: str, end: tuple[str, str], since: datetime | None = None
) -> Object:
    """Check how a run ended, how soon ``since`` the cause was seen (default: the kubelet told it).

    Its one attempt had one batch Job and one pod, and nothing stays when the run is deleted.
    """
    found = place.ended(run)
    assert (phase_of(found), condition(found)["reason"]) == end
    cause = since or seen.told_by_the_kubelet(run)
    took = (seen.end_of(run) - cause).total_seconds()
    assert took <= SOON_SECONDS + LOAD_SECONDS, f"{run} ended {took:.1f} s after its cause"
    [attempt] = found["status"]["attempts"]
    assert len(seen.calls("create jobs", 201, attempt["batchJob"])) == 1
    pods = [call for call in seen.calls("create pods", 201) if call.name == attempt["pod"]]
    assert len(pods) <= 1
    return found


def check_costs(seen: Seen, runs: int) -> None:
    """Check that there was one batch Job and one pod for each run of the place, ever."""
    assert len(seen.calls("create jobs", 201)) == runs
    assert len(seen.calls("create pods", 201)) == runs


def check_nothing_stays(place: Place) -> None:
    """Delete the place's runs: everything goes with them."""
    for run in place.all("JobRun"):
        place.delete("JobRun", run["metadata"]["name"])
    kinds = ("JobRun", "Job", "Pod", "JobLog", "JobFile")

    def gone() -> bool:
        let_go(place)
        return not any(place.all(kind) for kind in kinds)

    eventually(gone, "everything is gone")


def let_go(place: Place) -> None:
    """End the pods that are to go, as their kubelet does."""
    for pod in place.all("Pod"):
        if "deletionTimestamp" in pod["metadata"]:
            path = path_of("Pod", place.name, pod["metadata"]["name"])
            # Its grace may have ended by itself.
            with suppress(RefusedError):
                place.kube.call("DELETE", path, {"gracePeriodSeconds": 0})


def begin_many(place: Place, node: LiveNode, *names: str) -> dict[str, LiveLog]:
    """Have runs live at once; return what they print."""
    for name in names:
        place.run(name)
    logs = {}
    for name in names:
        pod = place.pod_of(name)
        logs[name] = node.take(place, pod)
        place.set_pod(pod, kubelet.running())
    return logs


def finish(place: Place, log: LiveLog, run: str, last_sequence: int) -> datetime:
    """Have the run's pod end well after so many lines; return when."""
    log.end()
    place.finish(run, last_sequence=last_sequence)
    return datetime.now(UTC)


def check_log(found: Object, last_sequence: int) -> None:
    """Check that all lines of a run's log were read."""
    log = log_of(found)
    assert (log["lastSequence"], log.get("incomplete")) == (last_sequence, None)
    assert log["counts"]["info"] == last_sequence


@contextmanager
def operator_behind_a_proxy(
    kubeconfig: Path, folder: Path
) -> Iterator[tuple[OperatorThread, Proxy]]:
    """Return an operator, which does not run yet, and the proxy through which it works."""
    with running_proxy(kubeconfig, folder) as proxy:
        thread = OperatorThread(proxy.kubeconfig, folder)
        yield thread, proxy
        thread.stop()
