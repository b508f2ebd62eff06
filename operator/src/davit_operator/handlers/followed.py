"""One live run whose log is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from math import inf
from typing import Any

from davit_operator.engine.rate import Rate
from davit_operator.plan.attempt_log import AttemptLog
from davit_operator.plan.log_refresh import RefreshClock
from davit_operator.plan.observed import LogReading, SeenPod
from davit_operator.plan.run_files import RunFiles
from davit_operator.plan.run_objects import RunAttempt

# Two seconds after the container, as streams are opened anew each second: by then the watch has
# told of its end, if it tells of anything.
_ENDS_IN_DOUBT = 3


class Followed:
    """What was heard of a run, and what of that is written.

    ``moment`` is when it began, ``flow`` how many bytes of it may be read while it lives.
    """

    def __init__(
        self, attempt: RunAttempt, pod: SeenPod, moment: float, flow: Rate, *, hidden: bool
    ) -> None:
        self.attempt = attempt
        self.pod = pod.key
        self.pod_uid = pod.uid
        self.log = AttemptLog()
        self.files = RunFiles(attempt)
        # Who feeds it, or writes it, holds this.
        self.lock = asyncio.Lock()
        self.clock = RefreshClock(moment)
        self.flow = flow
        # Until it is listened to again.
        self.pause = 0.0
        self.is_streamed = False
        # How many streams in a row have ended without news, and at how many the pod is looked at.
        self.ends = 0
        self.ends_in_doubt = _ENDS_IN_DOUBT
        # JobLogs that the run's status speaks of: written by an operator before this one.
        self.reported = 0
        self.last_chunk = moment
        # True: another attempt follows, whose log takes the place of this one in the status.
        self.must_be_kept = False
        # Why nothing more can be written.
        self.refused = ""
        self._began = moment
        self._hidden = hidden
        self._listening: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def needs_chunks(self) -> bool:
        """Return whether the log is more than the tail holds, or cannot stay in the status."""
        return self._hidden or self.must_be_kept or not self.log.tail.is_whole

    def chunk_is_due(self, moment: float) -> bool:
        """Return whether it is time to write a JobLog."""
        return self.next_chunk(moment) == 0

    def next_chunk(self, moment: float) -> float:
        """Return in how many seconds a JobLog is due; infinite when none will be."""
        if not self.needs_chunks or self.refused:
            return inf
        return self.log.chunks.wait(moment - self._began, moment - self.last_chunk)

    def next_wish(self, moment: float) -> float:
        """Return in how many seconds the run should be looked at, now that there is news."""
        return min(self.clock.wait(moment), self.next_chunk(moment))

    def reading(self) -> LogReading:
        """Return what stands in the run's status of all this."""
        reading = self.log.reading()
        return replace(
            reading,
            files=self.files.listed,
            files_message=self.files.message,
            refused=self.refused or reading.refused,
            hidden=self._hidden,
        )

    def refuse(self, why: str) -> None:
        """Say that no more can be written."""
        self.refused = self.refused or why
        self.log.chunks.stop()

    def stream_ended(self, *, news: bool) -> bool:
        """Count a stream that has ended; return whether its pod may have ended, and nobody said so.

        That is asked at the third end in a row without news, then each time after twice as many.
        """
        if news:
            self.ends, self.ends_in_doubt = 0, _ENDS_IN_DOUBT
            return False
        self.ends += 1
        if self.ends < self.ends_in_doubt:
            return False
        self.ends_in_doubt *= 2
        return True

    async def listen(self, listening: Coroutine[Any, Any, None]) -> None:
        """Run ``listening`` until it ends, or ``close`` ends it."""
        self._listening = task = asyncio.ensure_future(listening)
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
        if not task.cancelled():
            task.result()

    def close(self) -> None:
        """Listen no more."""
        self.closed = True
        self.rest()

    def rest(self) -> None:
        """Listen no more for now."""
        if self._listening is not None:
            self._listening.cancel()
