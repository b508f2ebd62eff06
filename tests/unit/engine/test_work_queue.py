"""The work queue gives each key to one worker at a time, once for all that happened meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.engine.loop import in_no_time, now

from davit_operator.engine.work_queue import (
    FIRST_RETRY_SECONDS,
    LAST_RETRY_SECONDS,
    LAST_SOON_SECONDS,
    WorkQueue,
)


def a_queue(jitter: float = 1.0) -> WorkQueue[str]:
    return WorkQueue(lambda: jitter)


async def given_out(queue: WorkQueue[str]) -> tuple[str, float]:
    """Return the next key, and when it was given out."""
    key = await queue.get()
    queue.done(key)
    return key, now()


def test_keys_are_given_out_in_the_order_in_which_they_came() -> None:
    async def test() -> None:
        queue = a_queue()
        for key in ("b", "a", "c"):
            queue.add(key)
        assert [await queue.get() for _ in range(3)] == ["b", "a", "c"]

    in_no_time(test)


def test_a_key_that_waits_is_not_added_twice() -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add("a")
        queue.add("a")
        assert len(queue) == 1

    in_no_time(test)


def test_a_key_that_is_worked_on_is_given_out_once_more_afterwards() -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add("a")
        key = await queue.get()
        queue.add("a")
        queue.add("a")
        assert len(queue) == 0
        queue.done(key)
        assert len(queue) == 1
        queue.done(await queue.get())
        assert len(queue) == 0

    in_no_time(test)


def test_a_later_key_waits_for_its_time() -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add_after("a", 30)
        assert len(queue) == 0
        assert await given_out(queue) == ("a", 30)

    in_no_time(test)


@pytest.mark.parametrize("wishes", [(30, 10), (10, 30), (10, 20, 30)])
def test_of_several_wishes_the_earliest_counts_and_the_others_are_dropped(
    wishes: tuple[float, ...],
) -> None:
    async def test() -> None:
        queue = a_queue()
        for seconds in wishes:
            queue.add_after("a", seconds)
        assert await given_out(queue) == ("a", 10)
        await asyncio.sleep(60)
        assert len(queue) == 0

    in_no_time(test)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_time_that_has_passed_is_now(seconds: float) -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add_after("a", seconds)
        assert len(queue) == 1

    in_no_time(test)


def test_a_key_that_is_added_now_does_not_come_again_later() -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add_after("a", 5)
        queue.add("a")
        assert await given_out(queue) == ("a", 0)
        await asyncio.sleep(60)
        assert len(queue) == 0

    in_no_time(test)


def test_a_failure_is_retried_after_twice_the_time_of_the_one_before() -> None:
    async def test() -> None:
        queue = a_queue()
        pauses = []
        for _ in range(5):
            began = now()
            queue.retry("a")
            pauses.append((await given_out(queue))[1] - began)
        assert pauses == [FIRST_RETRY_SECONDS * 2**n for n in range(5)]

    in_no_time(test)


def test_retries_go_on_for_weeks_at_the_longest_pause() -> None:
    async def test() -> None:
        queue = a_queue()
        pauses = [queue.retry("a") for _ in range(20_000)]
        assert max(pauses) == pauses[-1] == LAST_RETRY_SECONDS

    in_no_time(test)


def test_jitter_changes_the_pause() -> None:
    async def test() -> None:
        assert a_queue(jitter=1.1).retry("a") == pytest.approx(FIRST_RETRY_SECONDS * 1.1)

    in_no_time(test)


def test_success_makes_the_next_retry_a_quick_one() -> None:
    async def test() -> None:
        queue = a_queue()
        for _ in range(5):
            queue.retry("a")
        queue.forget("a")
        assert queue.retry("a") == FIRST_RETRY_SECONDS

    in_no_time(test)


def test_one_keys_failures_are_not_anothers() -> None:
    async def test() -> None:
        queue = a_queue()
        for _ in range(5):
            queue.retry("a")
        assert queue.retry("b") == FIRST_RETRY_SECONDS

    in_no_time(test)


def test_what_passes_is_tried_again_every_few_seconds_for_weeks() -> None:
    async def test() -> None:
        queue = a_queue()
        pauses = [queue.retry_soon("a", 0) for _ in range(20_000)]
        assert pauses[:3] == [FIRST_RETRY_SECONDS * 2**n for n in range(3)]
        assert max(pauses) == pauses[-1] == LAST_SOON_SECONDS

    in_no_time(test)


def test_nothing_wakes_a_key_before_the_pause_that_was_asked_for_is_over() -> None:
    async def test() -> None:
        queue = a_queue()
        assert queue.retry_soon("a", 7) == 7
        queue.add("a")
        queue.add_after("a", 2)
        queue.add("b")
        assert [await given_out(queue) for _ in range(2)] == [("b", 0), ("a", 7)]
        queue.add("a")
        assert await given_out(queue) == ("a", 7)

    in_no_time(test)


def test_what_came_while_the_work_failed_waits_for_the_pause_too() -> None:
    async def test() -> None:
        queue = a_queue()
        queue.add("a")
        key = await queue.get()
        queue.add(key)
        queue.retry_soon(key, 7)
        queue.done(key)
        assert await given_out(queue) == ("a", 7)

    in_no_time(test)


def test_the_oldest_key_tells_its_age_and_a_key_that_is_added_again_is_no_younger() -> None:
    async def test() -> None:
        queue = a_queue()
        assert queue.oldest_age == 0
        queue.add("a")
        await asyncio.sleep(5)
        queue.add("b")
        queue.add("a")
        assert queue.oldest_age == 5
        await queue.get()
        assert queue.oldest_age == 0

    in_no_time(test)


def test_a_queue_that_gives_out_keys_is_not_stalled_however_old_they_are() -> None:
    async def test() -> None:
        queue = a_queue()
        for key in ("a", "b", "c"):
            queue.add(key)
        await asyncio.sleep(60)
        await queue.get()
        await asyncio.sleep(3)
        assert (queue.oldest_age, queue.stalled_for) == (63, 3)

    in_no_time(test)


def test_the_longest_work_is_that_of_the_key_that_was_taken_first() -> None:
    async def test() -> None:
        queue = a_queue()
        for key in ("a", "b"):
            queue.add(key)
            await queue.get()
            await asyncio.sleep(2)
        assert queue.longest_work == 4
        queue.done("a")
        assert queue.longest_work == 2

    in_no_time(test)


def test_urgent_keys_are_given_out_before_all_others() -> None:
    async def test() -> None:
        queue: WorkQueue[str] = WorkQueue(lambda: 1.0, str.isupper)
        for key in ("b", "a", "D", "c", "C"):
            queue.add(key)
        assert [await queue.get() for _ in range(5)] == ["D", "C", "b", "a", "c"]

    in_no_time(test)
