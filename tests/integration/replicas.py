"""Replicas of the operator as processes, each behind a proxy that knows what it wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Write, running_proxy
from tests.integration.kube import Kube, Object, eventually, path_of
from tests.integration.place import Place
from tests.integration.running import environment

LEASE = "davit-operator"
DURATION_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """Two operators that share the Lease of a namespace."""

    kube: Kube
    namespace: str
    both: tuple[HostOperator, HostOperator]

    def lease(self) -> Object:
        """Return the Lease's spec; empty where there is none."""
        found = self.kube.find("Lease", self.namespace, LEASE)
        return found["spec"] if found else {}

    def steal(self, **spec: object) -> None:
        """Write into the Lease what is none of our business."""
        path = path_of("Lease", self.namespace, LEASE)
        kind = "application/merge-patch+json"
        self.kube.call("PATCH", path, {"spec": spec}, content_type=kind)

    def led_by(self, replica: HostOperator) -> Object:
        """Return the Lease as soon as this replica leads."""
        return eventually(lambda: self._held_by(replica), "the Lease is its own")

    def start(self) -> tuple[HostOperator, HostOperator]:
        """Return the one that leads, and the one that stands by."""
        first, second = self.both
        first.start()
        self.led_by(first)
        second.start()
        eventually(lambda: "stands by" in second.log.read_text(), "the second stands by")
        return first, second

    def _held_by(self, replica: HostOperator) -> Object | None:
        lease = self.lease()
        holder = lease.get("holderIdentity", "")
        return lease if holder and f"{holder} leads" in replica.log.read_text() else None


def written(replica: HostOperator) -> list[Write]:
    """Return what a replica wrote beside the Lease."""
    return [write for write in replica.proxy.writes if "/leases" not in write.path]


def seconds_since(begin: float, what: str) -> float:
    """Return the seconds since ``begin``, and print them: nobody asserts them."""
    seconds = time.monotonic() - begin
    print(f"{what}: {seconds:.2f} s")  # noqa: T201 (what was measured)
    return seconds


def moment(text: str) -> datetime:
    """Return a time that stands in a Lease."""
    return datetime.fromisoformat(text)


@contextmanager
def running_replicas(place: Place, kubeconfig: Path, folder: Path) -> Iterator[Replicas]:
    """Yield two replicas, neither of which lives yet; none does when the block ends."""
    with ExitStack() as stack:
        made = []
        for number in (1, 2):
            own = folder / f"replica-{number}"
            own.mkdir()
            proxy = stack.enter_context(running_proxy(kubeconfig, own))
            settings = environment(proxy.kubeconfig, own, DAVIT_NAMESPACE=place.name)
            made.append(HostOperator(proxy=proxy, environment=settings, log=own / "log"))
            stack.callback(_end, made[-1])
        yield Replicas(kube=place.kube, namespace=place.name, both=(made[0], made[1]))


def _end(replica: HostOperator) -> None:
    """End it, though it may be held up."""
    if replica.lives:
        replica.kill()
