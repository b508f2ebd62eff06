"""The limits of one child: when it is told to stop, and when it is killed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from davit._runner.interrupts import CANCEL_SIGNAL, NUDGE_SIGNAL, SOFT_LIMIT_SIGNAL
from davit._runner.memory import oom_kills
from davit._runner.verdict import Ending

if TYPE_CHECKING:
    from signal import Signals

    from davit._runner.cancel import CancelSwitch
    from davit._runner.fork import Task
    from davit._runner.tree import ProcessTree
    from davit._runner.verdict import Verdict
    from davit._runner.watch import ModuleWatch

# How often the cancel file is looked at; its volume is refreshed by the kubelet, without a signal.
_CANCEL_POLL_SECONDS = 0.25
# When to nudge a child that was told to stop, in seconds after it was told.
_NUDGES = (0.05, 0.1, 0.2, 0.4, *range(1, 11))
_LONGEST_WAIT_SECONDS = 600.0


class Enforcement:
    """Enforces what ``task`` says, on a clock that starts with the child."""

    def __init__(self, task: Task, switch: CancelSwitch, watch: ModuleWatch | None) -> None:
        self._task = task
        self._switch = switch
        self._watch = watch
        self._pid = 0
        self._begun = 0.0
        self._looked_at = 0.0
        self._soft_limit_told = False
        self._cancelled_at: float | None = None
        self._killed_for = ""
        self._oom_kills = 0
        # When to nudge the child next.
        self._nudges: list[float] = []

    def begin(self, pid: int) -> None:
        """Start the clock of the child ``pid``."""
        self._pid = pid
        self._oom_kills = oom_kills()
        self._begun = time.monotonic()

    def limit(self, soft_seconds: float, hard_seconds: float) -> None:
        """Set the time limits anew, on the clock that runs already."""
        self._task = self._task._replace(
            soft_time_limit_seconds=soft_seconds, time_limit_seconds=hard_seconds
        )

    def patience(self) -> float:
        """Return the seconds until something must be enforced."""
        now = time.monotonic()
        waits = [_LONGEST_WAIT_SECONDS]
        if self._task.soft_time_limit_seconds and not self._soft_limit_told:
            waits.append(self._begun + self._task.soft_time_limit_seconds - now)
        if self._task.cancel_file and self._cancelled_at is None:
            waits.append(_CANCEL_POLL_SECONDS)
        if not self._killed_for:
            waits += self._until_killed(now)
        waits += [at - now for at in self._nudges[:1]]
        return min(waits)

    def _until_killed(self, now: float) -> list[float]:
        waits = []
        if self._task.time_limit_seconds:
            waits.append(self._begun + self._task.time_limit_seconds - now)
        if self._cancelled_at is not None:
            waits.append(self._cancelled_at + self._task.cancel_grace_seconds - now)
        if self._watch:
            waits.append(self._watch.patience(now))
        return waits

    def enforce(self, tree: ProcessTree) -> None:
        """Tell the child to stop, or kill it with all of ``tree``, when it is time."""
        now = time.monotonic()
        hard, soft = self._task.time_limit_seconds, self._task.soft_time_limit_seconds
        if self._killed_for:
            return
        if hard and now >= self._begun + hard:
            self._killed_for = "time limit"
        elif self._cancelled_at is not None and now >= self._cancelled_at + self._grace(now):
            self._killed_for = "cancel"
        elif self._watch and self._watch.condemns(tree, self._pid, now):
            self._killed_for = "watch"
        elif self._cancelled_at is None and self._is_cancelled(now):
            self._cancelled_at = now
            self._tell(CANCEL_SIGNAL, now)
        elif self._cancelled_at is None and soft and now >= self._begun + soft:
            self._tell_of_the_soft_limit(now)
        self._nudge(now)
        if self._killed_for:
            tree.kill(self._pid)

    def _tell_of_the_soft_limit(self, now: float) -> None:
        if not self._soft_limit_told:
            self._soft_limit_told = True
            self._tell(SOFT_LIMIT_SIGNAL, now)

    def _tell(self, number: Signals, now: float) -> None:
        os.kill(self._pid, number)
        self._nudges = [now + seconds for seconds in _NUDGES]

    def _nudge(self, now: float) -> None:
        if self._nudges and now >= self._nudges[0]:
            del self._nudges[0]
            os.kill(self._pid, NUDGE_SIGNAL)

    def _grace(self, now: float) -> float:
        """Return the seconds from the cancel to the kill."""
        if self._switch.is_urgent and self._cancelled_at is not None:
            waited = round(now - self._cancelled_at, 1)
            self._task = self._task._replace(cancel_grace_seconds=waited)
            return 0
        return self._task.cancel_grace_seconds

    def _is_cancelled(self, now: float) -> bool:
        if self._switch.is_on or now < self._looked_at + _CANCEL_POLL_SECONDS:
            return self._switch.is_on
        self._looked_at = now
        return self._switch.asks(self._task.cancel_file)

    def ending(self, exit_code: int, verdict: Verdict | None, busy_with: str) -> Ending:
        """Return what was seen of the child's end."""
        return Ending(
            exit_code=exit_code,
            verdict=verdict,
            busy_with=busy_with,
            time_limit_seconds=self._task.time_limit_seconds,
            timed_out=self._killed_for == "time limit",
            cancel_grace_seconds=self._task.cancel_grace_seconds,
            cancelled=self._cancelled_at is not None,
            cancel_enforced=self._killed_for == "cancel",
            out_of_memory=oom_kills() > self._oom_kills,
        )
