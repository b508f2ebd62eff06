"""The logs of live runs: followed while they grow, written when they must be, read to their end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from davit_contract import Outcome
from davit_operator.api.base import ObjectKey
from davit_operator.api.names import log_name
from davit_operator.api.run_output import RunLog
from davit_operator.effects.errors import ApiError, Conflict, NotFound, Unreachable
from davit_operator.effects.kube import Kube
from davit_operator.effects.pod_log import END_PAUSES, follow_pod_log, pod_log_pieces
from davit_operator.effects.resources import LOGS
from davit_operator.engine.rate import Rate
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.handlers.clock import jitter
from davit_operator.handlers.files import Files
from davit_operator.handlers.followed import Followed
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.handlers.storage import Storage, StorageFullError
from davit_operator.plan.attempts import speaks_of_another
from davit_operator.plan.log_chunks import Chunk
from davit_operator.plan.log_lines import LineReader
from davit_operator.plan.log_objects import job_log
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.retries import may_be_followed
from davit_operator.plan.run_objects import RunAttempt

# A run that ends at once is read once, at its end.
_FIRST_LOOK_SECONDS = 0.3
_REOPEN_SECONDS = 1.0
_REFRESHES_A_SECOND = 20.0

log = logging.getLogger(__name__)


class Logs:
    """One AttemptLog a live run, fed by a bounded number of streams.

    ``wake`` has the run reconciled in so many seconds; ``doubt`` has a pod looked at that lives as
    far as the watch tells, but has no more to say.
    """

    def __init__(
        self,
        kube: Kube,
        storage: Storage,
        wake: Callable[[ObjectKey, float], None],
        limits: LogLimits,
        doubt: Callable[[ObjectKey], Awaitable[None]],
    ) -> None:
        self.queue: WorkQueue[ObjectKey] = WorkQueue(jitter)
        self._kube = kube
        self._storage = storage
        self._files = Files(kube, storage)
        self._wake = wake
        self._doubt = doubt
        self._limits = limits
        self._followed: dict[ObjectKey, Followed] = {}
        self._rate = Rate(_REFRESHES_A_SECOND)
        self._now = asyncio.get_running_loop().time

    async def live(self, seen: SeenRun, batch_job: SeenBatchJob, pod: SeenPod) -> LogReading | None:
        """Return what the run has said, when its status should say so; follow it from now on."""
        followed = self._of(seen, batch_job, pod)
        if not followed.is_streamed:
            followed.is_streamed = True
            self.queue.add_after(seen.run.metadata.key, _FIRST_LOOK_SECONDS)
        async with followed.lock:
            if followed.chunk_is_due(self._now()):
                await self._write_chunks(followed, everything=True)
            self._wake(seen.run.metadata.key, followed.next_chunk(self._now()))
        return self._refreshed(seen, followed)

    async def ended(
        self, seen: SeenRun, batch_job: SeenBatchJob, pod: SeenPod, outcome: Outcome | None
    ) -> LogReading:
        """Return what a run has said whose runner has ended, once all of it is written."""
        followed = self._of(seen, batch_job, pod)
        # Of a runner that said nothing there is nothing to read.
        if outcome is None or outcome.last_sequence:
            await self._read_to_the_end(followed, outcome.last_sequence if outcome else 0)
        return await self._closed(seen, followed)

    async def lost(self, seen: SeenRun) -> LogReading | None:
        """Return what was heard of a run whose pod is gone, once that is written; None: nothing."""
        followed = self._followed.get(seen.run.metadata.key)
        return None if followed is None else await self._closed(seen, followed)

    def forget(self, key: ObjectKey) -> None:
        """Follow the run no more: its status is final, or it is gone."""
        followed = self._followed.pop(key, None)
        if followed is not None:
            followed.close()

    async def take(self, key: ObjectKey) -> None:
        """Listen to the run's pod, until it ends, is cut, or others wait for their turn."""
        followed = self._followed.get(key)
        if followed is None or followed.closed:
            return
        turn = asyncio.ensure_future(self._end_turn(followed))
        heard = followed.log.last_sequence
        try:
            await followed.listen(self._listen(followed))
        finally:
            turn.cancel()
        news = followed.log.last_sequence > heard
        if not followed.closed and followed.stream_ended(news=news):
            await self._doubt(followed.pod)
        if not followed.closed:
            self.queue.add_after(key, followed.pause)

    def _of(self, seen: SeenRun, batch_job: SeenBatchJob, pod: SeenPod) -> Followed:
        key = seen.run.metadata.key
        known = self._followed.get(key)
        if known is not None and known.pod_uid == pod.uid:
            return known
        self.forget(key)
        attempt = RunAttempt(
            run=key,
            uid=seen.run.metadata.uid,
            batch_job=batch_job.key.name,
            number=batch_job.attempt,
            folder=batch_job.folder,
        )
        # Pods that another operator saw are older than what this one has heard of them.
        told = _told(seen)
        flow = Rate(self._limits.bytes_a_second, self._limits.burst_bytes)
        followed = Followed(attempt, pod, self._now(), flow, hidden=batch_job.hides_log)
        followed.reported = (told.chunks or 0) if told else 0
        self._followed[key] = followed
        return followed

    async def _closed(self, seen: SeenRun, followed: Followed) -> LogReading:
        followed.close()
        followed.must_be_kept = may_be_followed(seen)
        async with followed.lock:
            if followed.needs_chunks:
                await self._write_chunks(followed, everything=True)
            await self._files.write(followed.files, followed.log)
            await self._files.write_result(followed.files, followed.log.result)
        return followed.reading()

    def _refreshed(self, seen: SeenRun, followed: Followed) -> LogReading | None:
        told = _told(seen)
        if followed.log.last_shown <= ((told.last_sequence or 0) if told else 0):
            return None
        key, moment = seen.run.metadata.key, self._now()
        wait = followed.clock.wait(moment) or self._rate.take(moment)
        if wait:
            self._wake(key, wait)
            return None
        followed.clock.done(moment)
        return followed.reading()

    async def _listen(self, followed: Followed) -> None:
        reader, limits = LineReader(), self._limits
        followed.pause = _REOPEN_SECONDS
        stream = follow_pod_log(
            self._kube, followed.pod, followed.log.last_time, limits.quiet_seconds
        )
        try:
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    await self._feed(followed, reader, piece)
                    self._wake(followed.attempt.run, followed.next_wish(self._now()))
                    if followed.flow.take(self._now(), len(piece)):
                        log.warning("Pod %s prints too much; its end is read", followed.pod)
                        followed.pause = limits.rest_seconds
                        return
        except NotFound:
            # Who watches pods ends the run.
            return

    async def _end_turn(self, followed: Followed) -> None:
        """Have the run rest as soon as another one has waited for its turn."""
        while True:
            await asyncio.sleep(self._limits.turn_seconds)
            if len(self.queue):
                followed.rest()

    async def _read_to_the_end(self, followed: Followed, until: int) -> None:
        for pause in END_PAUSES:
            if until and followed.log.is_complete(until):
                return
            await asyncio.sleep(pause)
            reader = LineReader()
            try:
                async with aclosing(pod_log_pieces(self._kube, followed.pod)) as pieces:
                    async for piece in pieces:
                        await self._feed(followed, reader, piece, until)
            except NotFound:
                # The pod is gone, and its log with it: what was heard is all there will be.
                return
            except (ApiError, Unreachable) as error:
                log.warning("The log of pod %s cannot be read: %s", followed.pod, error)

    async def _feed(
        self, followed: Followed, reader: LineReader, piece: bytes, until: int = 0
    ) -> None:
        async with followed.lock:
            for line in reader.feed(piece):
                followed.log.take(line, until)
            await self._write_chunks(followed, everything=False)
            await self._files.write(followed.files, followed.log)
        # What is at hand is read without waiting, and others want to work, too.
        await asyncio.sleep(0)

    async def _write_chunks(self, followed: Followed, *, everything: bool) -> None:
        chunks = followed.log.chunks
        await self._resume(followed)
        while followed.refused == "" and (everything or chunks.is_full):
            chunk = chunks.next(followed.log.last_sequence)
            if chunk is None:
                return
            await self._write_chunk(followed, chunk)
            followed.last_chunk = self._now()

    async def _resume(self, followed: Followed) -> None:
        """Learn what an operator before this one has written, as far as the status tells."""
        if followed.log.chunks.count < followed.reported:
            await self._adopt(followed, followed.reported - 1)
            followed.reported = 0

    async def _write_chunk(self, followed: Followed, chunk: Chunk) -> None:
        try:
            await self._storage.store(LOGS, job_log(followed.attempt, chunk))
        except Conflict:
            await self._adopt(followed, chunk.number)
        except ApiError as error:
            if not error.is_refusal:
                raise
            followed.refuse(f"The API server refused JobLog {chunk.number}: {error.message}")
        except StorageFullError as full:
            followed.refuse(f"JobLog {chunk.number} was not written: {full}.")
        else:
            followed.log.chunks.wrote(chunk.number + 1, chunk.last_sequence)

    async def _adopt(self, followed: Followed, number: int) -> None:
        """Count a JobLog that stands there already: written by us, before a restart."""
        attempt = followed.attempt
        key = ObjectKey(attempt.run.namespace, log_name(attempt.batch_job, number))
        found = await self._kube.get(LOGS, key)
        if found is None:
            return
        if found["spec"]["runRef"]["uid"] != attempt.uid:
            followed.refuse(f"JobLog {key.name} is not of this run.")
            return
        followed.log.chunks.wrote(number + 1, found["spec"]["lastSequence"])


def _told(seen: SeenRun) -> RunLog | None:
    """Return what the run's status says of this attempt's log."""
    return None if speaks_of_another(seen) else seen.run.status.log
