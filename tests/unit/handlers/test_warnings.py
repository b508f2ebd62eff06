"""Events are sent behind everything else: few, once each, and to lose them disturbs nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.engine.loop import in_no_time, now

from davit_operator.effects.errors import ApiError, Conflict, Unreachable
from davit_operator.handlers.warnings import Warnings
from davit_operator.plan.warnings import Action, Trouble

Event = Mapping[str, Any]


def about(uid: str = "uid-1") -> dict[str, Any]:
    """Return a run as the server answers when its status was written."""
    metadata = {"name": "ada", "namespace": "netops", "uid": uid, "resourceVersion": "7"}
    return {"apiVersion": "davit.dev/v1alpha1", "kind": "JobRun", "metadata": metadata}


def trouble(message: str = "It broke.") -> Trouble:
    return Trouble(reason="JobFailed", message=message, action=Action.RUN)


class World:
    """A server that takes Events, or answers with ``error``; never, while it is ``away``."""

    def __init__(self, error: Exception | None = None, *, away: bool = False) -> None:
        self.error, self.away = error, away
        self.events: list[Event] = []
        self.calls = 0
        self.warnings = Warnings(self._create, "pod-1")

    async def _create(self, event: Event) -> None:
        self.calls += 1
        if self.away:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.events.append(event)

    async def pass_time(self, seconds: float) -> None:
        """Have the Events sent for so long."""
        sending = asyncio.ensure_future(self.warnings.send())
        await asyncio.sleep(seconds)
        assert not sending.done()
        sending.cancel()


def losses(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Return the counts of lost Events that were logged."""
    return [each.args[0] for each in caplog.records if "were not written" in each.msg]  # type: ignore[index, misc]


def test_what_is_told_is_sent_later_and_nobody_waits_for_it() -> None:
    async def test() -> None:
        world = World()
        world.warnings.tell(about(), trouble())
        world.warnings.tell(about(), None)
        assert world.calls == 0
        await world.pass_time(1)
        [event] = world.events
        assert event["message"] == "It broke."
        assert event["involvedObject"]["uid"] == "uid-1"
        assert event["reportingInstance"] == "pod-1"

    in_no_time(test)


def test_an_object_that_flaps_is_heard_of_ten_times_and_then_every_five_minutes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        world = World()
        for moment in range(3_600):
            world.warnings.tell(about(), trouble(f"At {moment}."))
            await world.pass_time(1)
        assert 10 + 3_600 // 300 - 1 <= len(world.events) <= 10 + 3_600 // 300
        world.warnings.tell(about("another"), trouble())
        await world.pass_time(61)
        assert world.events[-1]["involvedObject"]["uid"] == "another"
        assert sum(losses(caplog)) == 3_601 - len(world.events)
        assert len(losses(caplog)) <= 61

    in_no_time(test)


def test_of_two_thousand_objects_it_is_known_how_much_they_said_and_of_no_more() -> None:
    async def test() -> None:
        world = World()
        sending = asyncio.ensure_future(world.warnings.send())

        async def spend() -> int:
            before = len(world.events)
            for number in range(20):
                world.warnings.tell(about("flaps"), trouble(f"At {now()}, {number}."))
                await asyncio.sleep(0)
            await asyncio.sleep(1)
            return len(world.events) - before

        assert await spend() == 10
        for number in range(1_000):
            world.warnings.tell(about(str(number)), trouble())
            await asyncio.sleep(0.01)
        assert await spend() == 0
        for number in range(2_000):
            world.warnings.tell(about(f"another {number}"), trouble())
        await asyncio.sleep(10)
        assert await spend() == 10
        sending.cancel()

    in_no_time(test)


def test_a_thousand_objects_that_fail_together_cost_a_hundred_events(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        world = World()
        for number in range(1_000):
            world.warnings.tell(about(str(number)), trouble())
        await world.pass_time(61)
        assert len(world.events) == 100
        assert losses(caplog) == [900]
        for number in range(1_000):
            world.warnings.tell(about(str(number)), trouble("Again."))
        await world.pass_time(61)
        assert len(world.events) == 200

    in_no_time(test)


def test_so_many_wait_for_a_server_that_does_not_answer_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        world = World(away=True)
        sending = asyncio.ensure_future(world.warnings.send())
        for number in range(600):
            world.warnings.tell(about(str(number)), trouble())
            await asyncio.sleep(1)
        sending.cancel()
        assert world.calls == 1
        world.away = False
        await world.pass_time(61)
        assert len(world.events) == 200
        assert sum(losses(caplog)) == 399

    in_no_time(test)


@pytest.mark.parametrize(
    "error",
    [ApiError(403, "events is forbidden"), Unreachable("no answer"), ValueError("a bug of ours")],
    ids=["refused", "unreachable", "a bug"],
)
def test_events_that_cannot_be_written_are_logged_once_a_minute_and_counted(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        world = World(error)
        sending = asyncio.ensure_future(world.warnings.send())
        for number in range(10):
            # Those of another namespace are taken.
            world.error = None if number % 2 else error
            world.warnings.tell(about(str(number)), trouble())
            await asyncio.sleep(1)
        await asyncio.sleep(61)
        assert world.calls == 10
        assert len(world.events) == 5
        assert [str(error) in record.getMessage() for record in caplog.records] == [True, False]
        assert losses(caplog) == [4]
        world.error = error
        world.warnings.tell(about("last"), trouble())
        await asyncio.sleep(1)
        assert str(error) in caplog.records[-1].getMessage()
        assert not sending.done()
        sending.cancel()

    with caplog.at_level(logging.WARNING):
        in_no_time(test)


def test_what_was_said_before_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        world = World(Conflict(409, "it exists"))
        world.warnings.tell(about(), trouble())
        await world.pass_time(61)
        assert world.calls == 1

    in_no_time(test)
    assert not caplog.records
