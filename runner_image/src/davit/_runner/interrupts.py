"""The supervisor's signals, as exceptions in the author's code."""

from __future__ import annotations

import signal
import sys

from davit._runner.execute import Uninterrupted
from davit.exceptions import JobCancelled, SoftTimeLimitExceeded, soft_time_limit_exceeded

SOFT_LIMIT_SIGNAL = signal.SIGUSR1
CANCEL_SIGNAL = signal.SIGTERM
# Follows the other two. A signal that arrives just before a call that waits does not end it: Python
# looks at signals before and after, and when the next one interrupts the call. Nothing else means
# anything by this one, and where it is not listened to it is ignored.
NUDGE_SIGNAL = signal.SIGURG
GUARDED_SIGNALS = (CANCEL_SIGNAL, signal.SIGINT, SOFT_LIMIT_SIGNAL, NUDGE_SIGNAL)


class Interrupts(Uninterrupted):
    """Raises each exception once, in the main thread."""

    def __init__(self) -> None:
        self.cancelled = False
        self._run_has_ended = False
        self._lost: BaseException | None = None

    def listen(self) -> None:
        """Take the signals from now on."""
        signal.signal(CANCEL_SIGNAL, self._cancel)
        signal.signal(SOFT_LIMIT_SIGNAL, self._soft_limit)
        signal.signal(NUDGE_SIGNAL, self._nudge)
        sys.unraisablehook = self._not_raised

    def run_has_ended(self) -> None:
        """Let the handlers finish: the soft limit is one of ``run()``."""
        self._run_has_ended = True
        if isinstance(self._lost, SoftTimeLimitExceeded):
            self._lost = None

    def _cancel(self, *_: object) -> None:
        if not self.cancelled:
            self.cancelled = True
            raise JobCancelled("The job was cancelled.")

    def _soft_limit(self, *_: object) -> None:
        if not self._run_has_ended:
            self._run_has_ended = True
            raise soft_time_limit_exceeded()

    def _not_raised(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Keep an exception of ours that met a finalizer, where Python drops all exceptions."""
        if isinstance(unraisable.exc_value, JobCancelled | SoftTimeLimitExceeded):
            self._lost = unraisable.exc_value
        else:
            sys.__unraisablehook__(unraisable)

    def _nudge(self, *_: object) -> None:
        if (lost := self._lost) is not None:
            self._lost = None
            raise lost
