"""Discoveries take turns, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.unit.engine.loop import in_no_time

from davit_operator.api.base import ObjectKey
from davit_operator.handlers.turns import HELD_SECONDS, Turns


def key(name: str, namespace: str = "") -> ObjectKey:
    """Return a repository; by default each has a namespace of its own."""
    return ObjectKey(namespace or name, name)


class World:
    def __init__(self, limit: int = 2) -> None:
        self.running: set[ObjectKey] = set()
        self.woken: list[str] = []
        self.turns = Turns(lambda: self.running, limit, lambda who: self.woken.append(who.name))


def play(story: Callable[[World], Awaitable[None]]) -> None:
    async def test() -> None:
        await story(World())

    in_no_time(test)


def test_those_who_discover_and_those_who_are_about_to_are_counted() -> None:
    async def story(world: World) -> None:
        world.running.add(key("a"))
        world.turns.take(key("b"))
        assert world.turns.others(key("c")) == {key("a"), key("b")}
        assert world.turns.others(key("b")) == {key("a")}

    play(story)


def test_who_waits_longest_is_woken_first_and_no_more_than_there_are_turns() -> None:
    async def story(world: World) -> None:
        world.running = {key("x"), key("y")}
        for name in ("a", "b", "c"):
            world.turns.wait(key(name))
        world.turns.offer()
        assert world.woken == []
        world.running = {key("y")}
        world.turns.offer()
        assert world.woken == ["a"]

    play(story)


def test_a_namespace_has_one_turn_at_a_time() -> None:
    async def story(world: World) -> None:
        for name in ("a", "b"):
            world.turns.wait(key(name, "busy"))
        world.turns.wait(key("c", "other"))
        world.turns.offer()
        assert world.woken == ["a", "c"]

    play(story)


def test_a_turn_that_is_not_used_goes_to_the_next() -> None:
    async def story(world: World) -> None:
        world.running = {key("x")}
        world.turns.wait(key("a"))
        world.turns.wait(key("b"))
        world.turns.offer()
        world.turns.release(key("a"))
        assert world.woken == ["a", "b"]

    play(story)


def test_who_waits_no_more_is_not_woken() -> None:
    async def story(world: World) -> None:
        world.turns.wait(key("a"))
        world.turns.leave(key("a"))
        world.turns.offer()
        assert world.woken == []

    play(story)


def test_who_fetches_for_long_does_not_hold_up_the_others() -> None:
    async def story(world: World) -> None:
        world.turns.take(key("slow"))
        world.turns.take(key("slower"))
        world.turns.wait(key("a"))
        world.turns.offer()
        assert world.woken == []
        await asyncio.sleep(HELD_SECONDS + 1)
        assert world.woken == ["a"]
        assert world.turns.others(key("a")) == frozenset()

    play(story)
