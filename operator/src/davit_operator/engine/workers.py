"""Workers that take keys from the queue, one at a time each, for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from davit_operator.engine.work_queue import WorkQueue

K = TypeVar("K")

log = logging.getLogger(__name__)


async def run_workers(
    queue: WorkQueue[K],
    reconcile: Callable[[K], Awaitable[None]],
    pause_after: Callable[[BaseException], float | None],
    count: int,
) -> None:
    """Work until cancelled. A key whose work fails is retried; the others go on.

    ``pause_after`` tells how many seconds a failure that belongs to the day (a conflict) asks for
    at least, and None of one that is worth a traceback.
    """

    async def work() -> None:
        while True:
            key = await queue.get()
            try:
                await reconcile(key)
            # One object's failure must not stop the others.
            except Exception as error:
                asked = pause_after(error)
                seconds = queue.retry(key) if asked is None else queue.retry_soon(key, asked)
                shown = error if asked is None else None
                log.warning("%s: %s; again in %.1f s", key, error, seconds, exc_info=shown)
            else:
                queue.forget(key)
            finally:
                queue.done(key)

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(work())
