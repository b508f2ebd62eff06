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
    is_expected: Callable[[BaseException], bool],
    count: int,
) -> None:
    """Work until cancelled. A key whose work fails is retried; the others go on.

    ``is_expected`` tells failures that belong to the day (a conflict) from those worth a traceback.
    """

    async def work() -> None:
        while True:
            key = await queue.get()
            try:
                await reconcile(key)
            # One object's failure must not stop the others.
            except Exception as error:
                seconds = queue.retry(key)
                shown = None if is_expected(error) else error
                log.warning("%s: %s; again in %.1f s", key, error, seconds, exc_info=shown)
            else:
                queue.forget(key)
            finally:
                queue.done(key)

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(work())
