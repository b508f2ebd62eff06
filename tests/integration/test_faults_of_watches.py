"""Watches that are dumb, cut, expired or muddled: a run ends right, and soon after its pod."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.proxy import Proxy
from tests.integration.faults import (
    Seen,
    begin_many,
    check_costs,
    check_end,
    check_log,
    check_nothing_stays,
    finish,
)
from tests.integration.kube import Kube, eventually
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.live_runs import lines
from tests.integration.place import Place

WATCHED = ("jobrepositories", "jobdefinitions", "jobruns", "jobs", "pods")
SUCCEEDED = ("Succeeded", "Succeeded")


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


@pytest.fixture
def proxy(far_operator: Proxy) -> Proxy:
    """Have all watches open, with nothing wrong about them."""
    far_operator.streams.mixed = None
    eventually(lambda: all(far_operator.streams.count(kind) for kind in WATCHED), "all is watched")
    return far_operator


def test_a_run_goes_on_after_410_gone(
    proxy: Proxy, place: Place, node: LiveNode, seen: Seen
) -> None:
    place.installed()
    log = begin_many(place, node, "ada")["ada"]
    log.print(*lines(1, 3))
    place.phase("ada", "Running")
    before = proxy.streams.count("pods")
    for kind in WATCHED:
        proxy.streams.expire(kind)
    log.print(*lines(4, 5))
    eventually(lambda: proxy.streams.count("pods") > before, "pods are watched again")
    finish(place, log, "ada", 5)
    check_log(check_end(place, seen, "ada", SUCCEEDED), 5)
    check_costs(seen, 1)
    check_nothing_stays(place)


def test_a_batch_job_deleted_in_the_gap_before_410_gone_fails_its_run(
    proxy: Proxy, place: Place, seen: Seen
) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    running = place.phase("ada", "Running")
    for kind in ("jobs", "pods"):
        proxy.streams.silence(kind)
    place.delete("Job", running["status"]["attempts"][0]["batchJob"])
    eventually(lambda: not place.all("Job") and not place.all("Pod"), "both are gone")
    for kind in ("jobs", "pods"):
        proxy.streams.expire(kind)
    check_end(place, seen, "ada", ("Failed", "BatchJobDeleted"), since=datetime.now(UTC))
    check_costs(seen, 1)


def test_silent_watches_keep_no_run_from_its_end(
    proxy: Proxy, place: Place, node: LiveNode, seen: Seen
) -> None:
    place.installed()
    log = begin_many(place, node, "ada")["ada"]
    log.print(*lines(1, 3))
    place.phase("ada", "Running")
    for kind in WATCHED:
        proxy.streams.silence(kind)
    finish(place, log, "ada", 3)
    place.run("bob")
    check_log(check_end(place, seen, "ada", SUCCEEDED), 3)
    # Nothing but a watch tells of a new run: that one is renewed.
    assert place.pod_of("bob")
    assert proxy.streams.swallowed


def test_watches_that_are_cut_all_the_time_lose_nothing(
    proxy: Proxy, place: Place, node: LiveNode, seen: Seen
) -> None:
    place.installed()
    enough = threading.Event()

    def cut() -> None:
        while not enough.wait(0.2):
            for kind in WATCHED:
                proxy.streams.cut(kind)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        logs = begin_many(place, node, "ada", "bob")
        for name, log in logs.items():
            log.print(*lines(1, 3))
            place.phase(name, "Running")
            finish(place, log, name, 3)
        for name in logs:
            check_log(check_end(place, seen, name, SUCCEEDED), 3)
    finally:
        enough.set()
        cutter.join()
    check_costs(seen, 2)
    check_nothing_stays(place)


def test_events_that_come_mixed_and_twice_change_nothing(
    proxy: Proxy, place: Place, node: LiveNode, seen: Seen
) -> None:
    proxy.streams.mixed = random.Random(7)  # noqa: S311 (a seed, not a secret)
    names = [f"run-{number}" for number in range(6)]
    place.installed()
    logs = begin_many(place, node, *names)
    for name in names:
        place.phase(name, "Running")
    *well, deleted = names
    place.delete("Job", place.batch_jobs_of(deleted)[0]["metadata"]["name"])
    told = datetime.now(UTC)
    logs[deleted].end()
    for name in well:
        logs[name].print(*lines(1, 3))
        finish(place, logs[name], name, 3)
    for name in well:
        check_log(check_end(place, seen, name, SUCCEEDED), 3)
    check_end(place, seen, deleted, ("Failed", "BatchJobDeleted"), since=told)
    check_costs(seen, len(names))
    check_nothing_stays(place)
