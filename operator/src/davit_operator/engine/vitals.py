"""Signs of life, and what is wrong when one is missing: progress, not presence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# How often signs are taken, in seconds.
BEAT_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSigns:
    """A work queue: how many keys wait, and seconds."""

    depth: int = 0
    # How long the key waits that waits longest.
    oldest: float = 0.0
    # For how long keys have waited and no worker has taken one.
    stalled: float = 0.0
    # How long a worker has worked on the key that takes longest.
    longest_work: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What was seen at ``taken``, a time in seconds on a clock that nobody sets."""

    taken: float
    # How late the loop came to take them, in seconds.
    lag: float = 0.0
    queues: Mapping[str, QueueSigns] = field(default_factory=dict)
    # Seconds since each watch said anything; none where this replica stands by.
    watches: Mapping[str, float] = field(default_factory=dict)
    # Whether this replica leads.
    leads: bool = False
    # Seconds since the leader renewed its Lease; None: it does not lead, or needs none.
    lease: float | None = None

    def lag_at(self, moment: float) -> float:
        """Return how late the loop is at ``moment``: it may not have come since."""
        return max(self.lag, moment - self.taken - BEAT_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalLimits:
    """How many seconds each sign may be missing before this process counts as stuck."""

    lag: float = 5.0
    # No single call takes longer than 30 s, and none of an object's looks at it makes many.
    queue: float = 180.0
    # Its server ends a watch after 20 s, and a dead one is opened anew; see handlers/informer.py.
    watch: float = 120.0
    # The Lease's holder ends by itself earlier.
    lease: float = 15.0


def complaints(vitals: Vitals, moment: float, limits: VitalLimits) -> tuple[str, ...]:
    """Return what is stuck at ``moment``, a sentence each."""
    return tuple(_complaints(vitals, moment, limits))


def _complaints(vitals: Vitals, moment: float, limits: VitalLimits) -> Iterator[str]:
    lag = vitals.lag_at(moment)
    if lag > limits.lag:
        yield f"the event loop is {lag:.1f} s late: something blocks it"
    for name, signs in vitals.queues.items():
        if signs.stalled > limits.queue:
            yield (
                f"queue {name} gave out nothing for {signs.stalled:.0f} s, and {signs.depth} wait"
            )
    for name, age in vitals.watches.items():
        if age > limits.watch:
            yield f"the watch of {name} was silent for {age:.0f} s"
    if vitals.lease is not None and vitals.lease > limits.lease:
        yield f"the Lease was not renewed for {vitals.lease:.0f} s"
