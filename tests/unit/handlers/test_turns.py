"""Discoveries take turns, and nobody waits for ever."""

from __future__ import annotations

from davit_operator.api.base import ObjectKey
from davit_operator.handlers.turns import Turns


def key(name: str, namespace: str = "") -> ObjectKey:
    """Return a repository; by default each has a namespace of its own."""
    return ObjectKey(namespace or name, name)


class World:
    def __init__(self, limit: int = 2) -> None:
        self.running: set[ObjectKey] = set()
        self.woken: list[str] = []
        self.turns = Turns(lambda: self.running, limit, lambda who: self.woken.append(who.name))


def test_those_who_discover_and_those_who_are_about_to_are_counted() -> None:
    world = World()
    world.running.add(key("a"))
    world.turns.take(key("b"))
    assert world.turns.others(key("c")) == {key("a"), key("b")}
    assert world.turns.others(key("b")) == {key("a")}


def test_who_waits_longest_is_woken_first_and_no_more_than_there_are_turns() -> None:
    world = World()
    world.running = {key("x"), key("y")}
    for name in ("a", "b", "c"):
        world.turns.wait(key(name))
    world.turns.offer()
    assert world.woken == []
    world.running = {key("y")}
    world.turns.offer()
    assert world.woken == ["a"]


def test_a_namespace_has_one_turn_at_a_time() -> None:
    world = World()
    for name in ("a", "b"):
        world.turns.wait(key(name, "busy"))
    world.turns.wait(key("c", "other"))
    world.turns.offer()
    assert world.woken == ["a", "c"]


def test_a_turn_that_is_not_used_goes_to_the_next() -> None:
    world = World()
    world.running = {key("x")}
    world.turns.wait(key("a"))
    world.turns.wait(key("b"))
    world.turns.offer()
    world.turns.release(key("a"))
    assert world.woken == ["a", "b"]


def test_who_waits_no_more_is_not_woken() -> None:
    world = World()
    world.turns.wait(key("a"))
    world.turns.leave(key("a"))
    world.turns.offer()
    assert world.woken == []
