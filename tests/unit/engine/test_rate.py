"""A rate gives so many a second, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit_operator.engine.rate import Rate


def test_as_many_as_a_second_has_are_given_at_once() -> None:
    rate = Rate(3)
    assert [rate.take(100.0) for _ in range(3)] == [0, 0, 0]


def test_who_comes_too_early_is_told_how_long_to_wait() -> None:
    rate = Rate(2)
    rate.take(100.0)
    rate.take(100.0)
    assert rate.take(100.0) == 0.5
    assert rate.take(100.25) == 0.25
    assert rate.take(100.5) == 0


def test_who_is_told_to_wait_takes_nothing() -> None:
    rate = Rate(1)
    rate.take(0.0)
    assert [rate.take(0.5) for _ in range(5)] == [0.5] * 5
    assert rate.take(1.0) == 0


def test_a_long_rest_saves_up_no_more_than_a_burst() -> None:
    rate = Rate(2, at_once=4)
    assert [rate.take(1e6) for _ in range(4)] == [0] * 4
    assert rate.take(1e6) == 0.5


def test_more_than_there_is_may_be_taken_once_and_is_paid_off() -> None:
    rate = Rate(10, at_once=100)
    assert rate.take(50.0, amount=300) == 0
    assert rate.take(50.0, amount=300) == pytest.approx(20.1)
    assert rate.take(70.2) == 0


@given(pauses=st.lists(st.floats(0, 2), max_size=200), per_second=st.integers(1, 20))
def test_no_span_of_time_sees_more_than_a_burst_and_its_rate(
    pauses: list[float], per_second: int
) -> None:
    rate, moment, taken = Rate(per_second), 1_000.0, 0
    for pause in pauses:
        moment += pause
        taken += rate.take(moment) == 0
    assert taken <= per_second + (moment - 1_000.0) * per_second + 1e-6
