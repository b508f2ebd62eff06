"""The server's clock: it counts, whatever the machine's own one says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import NOW, later

from davit_operator.engine.server_clock import ServerClock


def test_time_goes_on_by_the_clock_that_nobody_sets() -> None:
    clock = ServerClock(NOW, 100.0)
    assert clock.now(100.0) == NOW
    assert clock.now(190.0) == later(90)


@pytest.mark.parametrize("wrong", [-3600, 3600], ids=["an hour behind", "an hour ahead"])
def test_a_clock_that_began_wrong_is_right_as_soon_as_the_server_has_spoken(wrong: float) -> None:
    clock = ServerClock(later(wrong), 100.0)
    clock.hear(later(10), 110.0)
    assert abs(clock.now(170.0) - later(70)) < timedelta(seconds=1)


def test_whole_seconds_of_the_server_do_not_make_time_jump() -> None:
    clock = ServerClock(NOW, 100.0)
    for second in range(5):
        clock.hear(later(second - 1), 100.0 + second)
    assert clock.now(105.0) == later(5)
