"""Two replicas, one of which works: the other one takes over, and never a moment too early."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import HostOperator
from tests.faults.proxy import Fault, Moment
from tests.integration.audit import AuditLog
from tests.integration.kube import eventually, path_of
from tests.integration.place import Place, condition
from tests.integration.replicas import (
    DURATION_SECONDS,
    LEASE,
    Replicas,
    moment,
    running_replicas,
    seconds_since,
    written,
)
from tests.integration.running import OperatorThread

# More than one worker's share, so that writes are under way at any moment.
RUNS = 30
RENEWALS = 4
# The status of a write: none came back, and another one was faster.
CUT, CONFLICT = 0, 409


@pytest.fixture
def replicas(
    no_operator: OperatorThread, plane: ControlPlane, place: Place, tmp_path: Path
) -> Iterator[Replicas]:
    assert no_operator
    with running_replicas(place, plane.kubeconfig, tmp_path) as made:
        yield made


def works(place: Place, name: str) -> None:
    """Have a run of a definition that is disabled rejected: somebody works."""
    place.run(name)
    assert condition(place.ended(name))["reason"] == "Disabled"


def test_one_replica_works_and_the_other_writes_nothing_and_asks_little(
    replicas: Replicas, place: Place, plane: ControlPlane
) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    audit = AuditLog(plane.audit_log)
    works(place, "ada")

    def asked(what: str) -> int:
        calls = audit.calls(namespace=place.name)
        return len([call for call in calls if call.what == f"{what} leases"])

    eventually(lambda: asked("update") >= RENEWALS, "the leader renews")
    assert written(leader)
    assert not standby.proxy.writes
    # One of each: to see who leads, and to hear of it from then on.
    assert asked("get") + asked("watch") <= 2
    lease = replicas.lease()
    assert (lease["leaseDurationSeconds"], lease["leaseTransitions"]) == (DURATION_SECONDS, 0)


def test_a_replica_that_is_told_to_end_hands_over_at_once(replicas: Replicas, place: Place) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    works(place, "ada")
    last = replicas.lease()
    begin = time.monotonic()
    leader.send(signal.SIGTERM)
    lease = replicas.led_by(standby)
    seconds_since(begin, "handover after SIGTERM")
    assert leader.await_end() == 0
    # Nobody waited for the Lease to run out.
    waited = moment(lease["acquireTime"]) - moment(last["renewTime"])
    assert waited.total_seconds() < DURATION_SECONDS
    assert lease["leaseTransitions"] == 1
    works(place, "bob")
    assert written(standby)


def test_a_replica_that_is_killed_is_replaced_when_its_lease_has_run_out(
    replicas: Replicas, place: Place
) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    leader.kill()
    last, begin = replicas.lease(), time.monotonic()
    place.run("ada")
    lease = replicas.led_by(standby)
    seconds_since(begin, "takeover after SIGKILL")
    waited = moment(lease["acquireTime"]) - moment(last["renewTime"])
    assert waited.total_seconds() >= DURATION_SECONDS
    assert condition(place.ended("ada"))["reason"] == "Disabled"


def test_no_write_of_a_leader_that_was_stopped_takes_effect_when_it_wakes(
    replicas: Replicas, place: Place
) -> None:
    place.installed()
    leader, standby = replicas.start()
    leader.proxy.fault = Fault(
        moment=Moment.AFTER,
        strike=lambda: leader.send(signal.SIGSTOP),
        matches=lambda write: write.path.endswith("/jobs"),
        nth=3,
    )
    for number in range(RUNS):
        place.run(f"run-{number}")
    replicas.led_by(standby)
    # All of it is the other's by now, and some of it is what the first one is in the middle of.
    for number in range(RUNS):
        place.pod_of(f"run-{number}")
    assert leader.proxy.fault.has_struck
    before = len(leader.proxy.writes)
    leader.send(signal.SIGCONT)
    assert leader.await_end() == 1
    # What was half sent is sent on by the kernel: the other one was faster by half a minute.
    assert {write.status for write in leader.proxy.writes[before:]} <= {CUT, CONFLICT}
    assert "does not lead any more" in leader.log.read_text()
    for number in range(RUNS):
        assert len(place.batch_jobs_of(f"run-{number}")) == 1


def test_a_lease_that_is_deleted_is_made_again_by_who_leads(
    replicas: Replicas, place: Place
) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    holder = replicas.lease()["holderIdentity"]
    place.delete("Lease", LEASE)
    lease = eventually(replicas.lease, "the Lease is there again")
    assert lease["holderIdentity"] == holder
    works(place, "ada")
    assert leader.lives
    assert not standby.proxy.writes


def test_a_leader_whose_lease_is_somebody_elses_ends_and_is_replaced_in_time(
    replicas: Replicas, place: Place
) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    begin = time.monotonic()
    replicas.steal(holderIdentity="thief", leaseTransitions=7)
    assert leader.await_end() == 1
    seconds_since(begin, "end after the Lease was stolen")
    assert "thief holds the Lease" in leader.log.read_text()
    assert "leads" not in standby.log.read_text()
    assert replicas.led_by(standby)["leaseTransitions"] == 8
    works(place, "ada")


def test_a_leader_that_cannot_renew_ends_before_another_one_leads(
    replicas: Replicas, place: Place
) -> None:
    place.installed(enabled=False)
    leader, standby = replicas.start()
    path = path_of("Lease", place.name, LEASE)
    leader.proxy.answers = {path: (503, b"{}")}
    assert leader.await_end() == 1
    assert "was not renewed for 10 s" in leader.log.read_text()
    assert "leads" not in standby.log.read_text()
    replicas.led_by(standby)
    works(place, "ada")


def end(replica: HostOperator) -> int:
    replica.send(signal.SIGTERM)
    return replica.await_end()


def test_a_replica_that_stands_by_ends_when_told(replicas: Replicas) -> None:
    leader, standby = replicas.start()
    assert end(standby) == 0
    assert leader.lives
    assert end(leader) == 0
    assert "holderIdentity" not in replicas.lease()
