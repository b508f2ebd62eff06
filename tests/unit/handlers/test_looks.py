"""One look for all repositories that want the same, however many they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.builders import later
from tests.unit.engine.loop import in_no_time, now

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Waiting
from davit_operator.api.jobrepository import GitSource
from davit_operator.engine.work_queue import WorkQueue
from davit_operator.engine.workers import run_workers
from davit_operator.handlers.contacts import Contacts
from davit_operator.handlers.looks import Follower, Looks
from davit_operator.handlers.requests import LONG_AGO
from davit_operator.plan.sightings import ConfigMapLook, GitLook, Sighting, SourceLook

ONE = ConfigMapLook(namespace="netops", name="one")
TWO = ConfigMapLook(namespace="netops", name="two")
FIRST, NEXT = Sighting(revision="r1", commit="1"), Sighting(revision="r2", commit="2")
DOWN = Waiting(Reason.FETCH_FAILED, "The server does not answer.")


def key(name: str) -> ObjectKey:
    return ObjectKey("netops", name)


class World:
    """Sources that a test changes, and what is asked of them."""

    def __init__(self) -> None:
        self.holds: dict[SourceLook, Sighting | Blocked] = {ONE: FIRST, TWO: FIRST}
        self.asked: list[tuple[SourceLook, float]] = []
        self.woken: list[str] = []
        self.takes = 0.0
        self.queue: WorkQueue[SourceLook] = WorkQueue(lambda: 1.0)
        self.looks = Looks(
            self.queue,
            self.read,
            lambda who: self.woken.append(who.name),
            Contacts(2),
            clock=lambda: later(now()),
        )

    async def read(self, wanted: SourceLook, _: Sighting | None) -> Sighting:
        self.asked.append((wanted, now()))
        await asyncio.sleep(self.takes)
        found = self.holds[wanted]
        if isinstance(found, Blocked):
            raise found
        return found

    def follow(
        self,
        name: str,
        *,
        wanted: SourceLook = ONE,
        seconds: float = 60,
        since: float | None = None,
    ) -> Sighting | Blocked | None:
        moment = LONG_AGO if since is None else later(since)
        follower = Follower(key=key(name), interval=timedelta(seconds=seconds), since=moment)
        return self.looks.follow(wanted, follower)


def play(story: Callable[[World], Awaitable[None]]) -> World:
    """Let ``story`` happen beside workers, with a clock that makes nobody wait."""
    worlds: list[World] = []

    async def test() -> None:
        worlds.append(World())
        world = worlds[0]
        workers = asyncio.ensure_future(
            run_workers(world.queue, world.looks.take, lambda _: None, 4)
        )
        await story(world)
        workers.cancel()
        await asyncio.gather(workers, return_exceptions=True)

    in_no_time(test)
    return worlds[0]


def test_a_thousand_repositories_of_one_source_cost_one_look_an_interval() -> None:
    async def story(world: World) -> None:
        for number in range(1_000):
            world.follow(f"r{number}")
            await asyncio.sleep(0.03)
        await asyncio.sleep(3_600)

    world = play(story)
    # A little more than one a minute, since the shortest of the jittered pauses is 54 s.
    assert 55 <= len(world.asked) <= 68
    assert len(world.woken) == 1, "only the first was told, and only once"


def test_what_was_seen_is_known_at_once_to_those_who_come_later() -> None:
    async def story(world: World) -> None:
        assert world.follow("early") is None
        await asyncio.sleep(1)
        assert world.follow("late") == FIRST

    world = play(story)
    assert len(world.asked) == 1


def test_those_who_wait_for_a_look_are_all_told() -> None:
    async def story(world: World) -> None:
        world.takes = 5
        for name in ("a", "b", "c"):
            assert world.follow(name) is None
        await asyncio.sleep(6)

    world = play(story)
    assert sorted(world.woken) == ["a", "b", "c"]
    assert len(world.asked) == 1


def test_everybody_is_told_when_the_source_moves_and_nobody_while_it_does_not() -> None:
    async def story(world: World) -> None:
        for name in ("a", "b"):
            world.follow(name)
        await asyncio.sleep(300)
        world.woken.clear()
        world.holds[ONE] = NEXT
        await asyncio.sleep(70)
        assert sorted(world.woken) == ["a", "b"]
        assert world.follow("a") == NEXT

    play(story)


def test_a_failed_look_is_shared_and_repeated_sooner() -> None:
    async def story(world: World) -> None:
        world.holds[ONE] = DOWN
        world.follow("a")
        world.follow("b")
        await asyncio.sleep(1)
        assert world.follow("b") is DOWN
        assert world.follow("later") is DOWN
        await asyncio.sleep(100)
        assert world.woken == ["a", "b"]
        world.holds[ONE] = FIRST
        await asyncio.sleep(100)
        assert sorted(world.woken) == ["a", "a", "b", "b", "later"]

    world = play(story)
    pauses = [at for _, at in world.asked]
    assert pauses[1] - pauses[0] == pytest.approx(5, abs=1)
    assert pauses[2] - pauses[1] == pytest.approx(10, abs=2)


def test_the_shortest_interval_of_those_who_follow_counts() -> None:
    async def story(world: World) -> None:
        world.follow("slow", seconds=3_600)
        await asyncio.sleep(100)
        world.follow("fast", seconds=10)
        await asyncio.sleep(100)
        seen = len(world.asked)
        assert 8 <= seen <= 14
        world.looks.leave(key("fast"))
        await asyncio.sleep(1_000)
        assert len(world.asked) <= seen + 1

    play(story)


def test_a_request_is_answered_by_a_look_that_came_after_it() -> None:
    async def story(world: World) -> None:
        world.follow("a", seconds=3_600)
        world.follow("b", seconds=3_600)
        await asyncio.sleep(10)
        world.woken.clear()
        world.takes = 2
        assert world.follow("a", seconds=3_600, since=10) is None
        assert world.follow("b", seconds=3_600) == FIRST
        await asyncio.sleep(3)
        assert world.follow("a", seconds=3_600, since=10) == FIRST

    world = play(story)
    assert len(world.asked) == 2
    assert world.woken == ["a"]


def test_a_request_during_a_look_has_another_one_follow() -> None:
    async def story(world: World) -> None:
        world.takes = 4
        world.follow("a")
        await asyncio.sleep(2)
        assert world.follow("a", since=2) is None
        await asyncio.sleep(10)
        assert world.follow("a", since=2) == FIRST

    assert len(play(story).asked) == 2


def test_a_source_that_nobody_follows_is_not_looked_at() -> None:
    async def story(world: World) -> None:
        world.follow("a")
        world.follow("b")
        await asyncio.sleep(1)
        world.follow("a", wanted=TWO)
        world.looks.leave(key("b"))
        await asyncio.sleep(600)

    world = play(story)
    assert [wanted for wanted, _ in world.asked].count(ONE) == 1
    assert world.asked[-1][0] == TWO


def test_a_look_that_ends_after_its_last_follower_left_is_forgotten() -> None:
    async def story(world: World) -> None:
        world.takes = 5
        world.follow("a")
        await asyncio.sleep(1)
        world.looks.leave(key("a"))
        await asyncio.sleep(10)
        assert world.follow("b") is None

    assert play(story).woken == []


def test_what_turns_out_to_be_outdated_is_looked_at_again_at_once() -> None:
    async def story(world: World) -> None:
        world.follow("a")
        world.follow("b")
        await asyncio.sleep(1)
        world.holds[ONE] = NEXT
        world.looks.renew(key("a"))
        assert world.follow("a") is None
        await asyncio.sleep(1)
        assert world.follow("b") == NEXT

    world = play(story)
    assert sorted(world.woken) == ["a", "a", "b", "b"]
    assert world.asked[-1][1] < 3


def git(path: str, host: str = "hangs.example.com") -> SourceLook:
    source = GitSource(url=f"https://{host}/{path}.git")
    return GitLook(source=source, namespace="", timeout_seconds=60)


def test_a_server_that_hangs_does_not_keep_others_from_being_looked_at() -> None:
    async def story(world: World) -> None:
        hanging, other = [git(str(n)) for n in range(20)], git("jobs", "git.example.com")
        world.holds |= dict.fromkeys((*hanging, other), FIRST)
        world.takes = 60
        for number, wanted in enumerate(hanging):
            world.follow(f"h{number}", wanted=wanted)
        await asyncio.sleep(1)
        assert len(world.asked) == 2
        world.takes = 0
        world.follow("a", wanted=other)
        await asyncio.sleep(1)
        assert world.woken == ["a"]
        await asyncio.sleep(90)
        assert len(set(world.woken)) == 21

    play(story)


def test_what_the_reader_did_not_foresee_is_tried_again_and_stops_nobody() -> None:
    async def story(world: World) -> None:
        del world.holds[ONE]
        world.follow("a")
        world.follow("b", wanted=TWO)
        await asyncio.sleep(10)
        assert world.woken == ["b"]
        world.holds[ONE] = FIRST
        await asyncio.sleep(30)
        assert world.woken == ["b", "a"]

    play(story)
