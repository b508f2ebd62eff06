"""Workers: a key that fails is tried again, and none waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from tests.unit.engine.loop import in_no_time, now

from davit_operator.engine.work_queue import WorkQueue
from davit_operator.engine.workers import run_workers


class RefusedError(Exception):
    """A failure that belongs to the day."""


def asked(error: BaseException) -> float | None:
    return 0.0 if isinstance(error, RefusedError) else None


async def worked(
    keys: list[str], reconcile: Callable[[str], Awaitable[None]], *, seconds: float, count: int = 2
) -> None:
    """Let ``count`` workers work on ``keys`` for ``seconds``."""
    queue: WorkQueue[str] = WorkQueue(lambda: 1.0)
    for key in keys:
        queue.add(key)
    work = run_workers(queue, reconcile, asked, count)
    task = asyncio.create_task(work)
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_key_that_fails_is_tried_again_and_the_others_go_on() -> None:
    done: list[tuple[str, float]] = []

    async def reconcile(key: str) -> None:
        done.append((key, now()))
        if key == "bad":
            raise ValueError("no")

    async def test() -> None:
        await worked(["bad", "a", "b"], reconcile, seconds=1)

    in_no_time(test)
    assert [key for key, when in done if when == 0] == ["bad", "a", "b"]
    assert [when for key, when in done if key == "bad"] == [0, 0.25, 0.75]


def test_a_key_that_fails_for_hours_stops_nobody() -> None:
    tries = 0

    async def reconcile(key: str) -> None:
        nonlocal tries
        tries += 1
        raise RefusedError(key)

    async def test() -> None:
        await worked(["bad"], reconcile, seconds=2 * 3600)

    in_no_time(test)
    # Two to their number is no float any more.
    assert tries > 1_024


def test_no_key_is_worked_on_by_two_at_once() -> None:
    busy: set[str] = set()
    tries = 0

    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue(lambda: 1.0)

        async def reconcile(key: str) -> None:
            nonlocal tries
            assert key not in busy
            busy.add(key)
            tries += 1
            queue.add(key)
            await asyncio.sleep(1)
            busy.remove(key)

        queue.add("a")
        task = asyncio.create_task(run_workers(queue, reconcile, lambda _: None, 4))
        await asyncio.sleep(10.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    in_no_time(test)
    assert tries == 11


@pytest.mark.parametrize(
    ("error", "has_traceback"),
    [
        pytest.param(RefusedError("quota"), False, id="a failure of the day is one line"),
        pytest.param(KeyError("uid"), True, id="a failure of ours has its traceback"),
    ],
)
def test_a_failure_is_logged_with_its_key(
    error: Exception, has_traceback: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def reconcile(_: str) -> None:
        raise error

    async def test() -> None:
        await worked(["netops/a"], reconcile, seconds=0.1)

    with caplog.at_level(logging.WARNING):
        in_no_time(test)
    [record] = caplog.records
    assert record.getMessage() == f"netops/a: {error}; again in 0.2 s"
    assert bool(record.exc_info and record.exc_info[0]) is has_traceback
