"""What counts as stuck: what makes no progress, and not what is merely busy."""

from __future__ import annotations

import pytest

from davit_operator.engine.vitals import QueueSigns, VitalLimits, Vitals, complaints

LIMITS = VitalLimits(lag=5, queue=60, watch=90, lease=15)
WELL = Vitals(
    taken=100,
    lag=0.2,
    queues={"JobRun": QueueSigns(depth=900, oldest=300, stalled=2, longest_work=500)},
    watches={"jobruns": 60},
    leads=True,
    lease=3,
)


def test_a_busy_operator_that_makes_progress_is_well() -> None:
    assert complaints(WELL, 100.4, LIMITS) == ()


@pytest.mark.parametrize(
    ("vitals", "moment", "said"),
    [
        (WELL, 107.5, "the event loop is 7.0 s late: something blocks it"),
        (Vitals(taken=100, lag=6), 100, "the event loop is 6.0 s late: something blocks it"),
        (
            Vitals(taken=100, queues={"JobRun": QueueSigns(depth=3, oldest=99, stalled=61)}),
            100,
            "queue JobRun gave out nothing for 61 s, and 3 wait",
        ),
        (Vitals(taken=100, watches={"pods": 91}), 100, "the watch of pods was silent for 91 s"),
        (Vitals(taken=100, lease=16), 100, "the Lease was not renewed for 16 s"),
    ],
    ids=["a loop that never came back", "a loop that is slow", "a queue", "a watch", "the Lease"],
)
def test_what_is_stuck_is_named(vitals: Vitals, moment: float, said: str) -> None:
    assert complaints(vitals, moment, LIMITS) == (said,)
