"""A live run is refreshed often at its beginning, and every ten seconds later."""

from __future__ import annotations

import pytest

from davit_operator.plan.log_refresh import RefreshClock


def refreshes(clock: RefreshClock, moment: float, count: int) -> list[float]:
    """Return when a run that always has news is refreshed."""
    times = []
    for _ in range(count):
        moment += clock.wait(moment)
        clock.done(moment)
        times.append(moment)
    return times


def test_refreshes_come_after_1_2_4_and_8_seconds_and_every_10_from_then() -> None:
    assert refreshes(RefreshClock(0.0), 0.0, 7) == [1, 2, 4, 8, 18, 28, 38]


def test_the_times_count_from_the_runs_beginning() -> None:
    assert refreshes(RefreshClock(500.0), 500.0, 3) == [501, 502, 504]


def test_news_after_a_silence_need_not_wait() -> None:
    clock = RefreshClock(0.0)
    clock.done(1.0)
    assert clock.wait(3_600.0) == 0


@pytest.mark.parametrize(("moment", "wait"), [(0.0, 1.0), (0.75, 0.25), (1.0, 0.0), (5.0, 0.0)])
def test_the_wait_is_what_is_left_of_the_pause(moment: float, wait: float) -> None:
    assert RefreshClock(0.0).wait(moment) == wait
