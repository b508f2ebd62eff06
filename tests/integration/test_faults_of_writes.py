"""Writes that are refused, slow, or the last thing that an operator does: each counts once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from tests.faults.proxy import Proxy, Refusal, Write
from tests.integration.faults import (
    Seen,
    check_costs,
    check_end,
    check_nothing_stays,
)
from tests.integration.kube import eventually
from tests.integration.place import Place

SUCCEEDED = ("Succeeded", "Succeeded")


@pytest.fixture
def proxy(far_operator: Proxy) -> Iterator[Proxy]:
    """Have the proxy do nothing that the test does not ask for."""
    yield far_operator
    far_operator.refusal = None
    far_operator.latency_seconds = 0.0


def of_runs(place: Place, *words: str) -> Callable[[Write], bool]:
    """Match the statuses of the place's runs that hold one of the words."""
    path = f"/namespaces/{place.name}/jobruns/"

    def matches(write: Write) -> bool:
        said = write.body.decode()
        return path in write.path and (not words or any(word in said for word in words))

    return matches


def test_a_storm_of_conflicts_delays_an_end_by_seconds(
    proxy: Proxy, place: Place, seen: Seen
) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    # Pauses that double without end would be at 16 s by then.
    proxy.refusal = storm = Refusal(status=409, times=7, matches=of_runs(place))
    place.finish("ada")
    eventually(lambda: storm.times == 0, "the storm is over")
    check_end(place, seen, "ada", SUCCEEDED, datetime.now(UTC))
    check_costs(seen, 1)
    check_nothing_stays(place)


@pytest.mark.usefixtures("proxy")
def test_a_second_writer_of_a_run_keeps_it_not_from_its_end(place: Place, seen: Seen) -> None:
    place.installed()
    place.run("ada")
    enough = threading.Event()

    def scribble() -> None:
        number = 0
        while not enough.wait(0.02):
            number += 1
            place.patch("JobRun", "ada", {"metadata": {"annotations": {"touched": str(number)}}})

    other = threading.Thread(target=scribble)
    other.start()
    try:
        place.start("ada")
        place.phase("ada", "Running")
        place.finish("ada")
        check_end(place, seen, "ada", SUCCEEDED)
    finally:
        enough.set()
        other.join()
    check_costs(seen, 1)


def test_a_server_that_says_how_long_to_wait_is_not_asked_before(
    proxy: Proxy, place: Place, seen: Seen
) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    busy = Refusal(status=429, times=2, matches=of_runs(place), headers={"Retry-After": "3"})
    proxy.refusal = busy
    place.finish("ada")
    eventually(lambda: busy.times == 1, "the server was asked")
    # What happens meanwhile is no reason either.
    place.patch("JobRun", "ada", {"metadata": {"annotations": {"touched": "true"}}})
    eventually(lambda: busy.times == 0, "the server was asked again")
    check_end(place, seen, "ada", SUCCEEDED, datetime.now(UTC))
    asked = [write.at for write in proxy.writes if of_runs(place, "Succeeded")(write)]
    assert len(asked) == 3
    assert all(later - sooner >= 3 for sooner, later in pairwise(asked))
    check_costs(seen, 1)


def test_calls_that_take_two_seconds_each_change_no_end(
    proxy: Proxy, place: Place, seen: Seen
) -> None:
    place.installed()
    proxy.latency_seconds = 2.0
    names = [f"run-{number}" for number in range(4)]
    for name in names:
        place.run(name)
    *well, deleted = names
    for name in names:
        place.start(name)
    for name in names:
        place.phase(name, "Running")
    for name in well:
        place.finish(name)
    place.delete("Job", place.batch_jobs_of(deleted)[0]["metadata"]["name"])
    gone = datetime.now(UTC)
    for name in well:
        check_end(place, seen, name, SUCCEEDED)
    check_end(place, seen, deleted, ("Failed", "BatchJobDeleted"), gone)
    check_costs(seen, len(names))
    check_nothing_stays(place)
