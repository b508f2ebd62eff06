"""What holds for runs in any order of things: the operator is real, its world is a small model."""

from __future__ import annotations

import logging
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st
from tests.unit.world.ends import ENDS
from tests.unit.world.world import World

_POLICIES = st.sampled_from(
    [("Allow", 1), ("Forbid", 1), ("Queue", 1), ("Queue", 2), ("Replace", 1)]
)


RULES: dict[str, Any] = {
    "concurrency": {"policy": "Allow", "limit": 1},
    "retries": {"limit": 0, "infrastructureLimit": 0},
    "cancelGraceSeconds": 10,
}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    policy, limit = draw(_POLICIES)
    limits = {"limit": draw(st.integers(0, 2)), "infrastructureLimit": draw(st.integers(0, 1))}
    return {
        "concurrency": {"policy": policy, "limit": limit},
        "retries": limits,
        "cancelGraceSeconds": 10,
    }


@given(
    rules=rules(),
    queue=st.sampled_from([False, False, True]),
    skew=st.sampled_from([0.0, 3.0, -3.0]),
    choices=st.binary(min_size=60, max_size=140),
)
def test_runs_keep_their_promises_in_any_order_of_things(
    rules: dict[str, Any], queue: bool, skew: float, choices: bytes
) -> None:
    world = World(rules, queue=queue, skew=skew)
    logging.disable(logging.ERROR)
    try:
        live_through(world, choices)
    finally:
        logging.disable(logging.NOTSET)
        note("\n".join(world.story))
        world.close()


def live_through(world: World, choices: bytes) -> None:
    """Have what comes next chosen by one byte after the other; then nothing more goes wrong."""
    for choice in choices:
        kind, number = choice & 15, choice >> 4
        if kind < 10:
            world.take(world.progress(), number)
        elif kind < 12:
            world.take(world.pauses(), number)
        elif kind < 15:
            world.take(world.trouble(), number * 3 + kind - 12)
        else:
            world.check_idle()
    world.calm()
    world.check_end()


def test_what_was_started_and_deleted_while_no_operator_ran_is_not_started_again() -> None:
    world = World(RULES)
    try:
        world.people.create("anna")
        world.settle()
        [job] = world.server.all("jobs")
        world.happen("make pod")
        world.crash()
        world.server.delete("jobs", job)
        world.settle()
        [run] = world.server.all("jobruns")
        assert run["status"]["error"]["reason"] == "BatchJobDeleted"
        assert world.server.all("jobs") == []
    finally:
        world.close()


def test_an_attempt_whose_batch_job_is_gone_does_not_give_way_to_the_one_before() -> None:
    world = World({**RULES, "retries": {"limit": 1, "infrastructureLimit": 0, "backoffSeconds": 1}})
    try:
        world.people.create("anna")
        for number, pause in ((1, 10), (2, 1)):
            world.settle()
            for step in ("make pod", "bind", "begin", "tell"):
                world.happen(step)
            world.settle()
            if number == 1:
                [pod] = world.server.all("pods")
                world.cluster.end(pod, ENDS[1])
            world.settle()
            world.wait(pause)
        world.settle()
        world.crash()
        [_, second] = world.server.all("jobs")
        world.server.delete("jobs", second)
        world.settle()
        [run] = world.server.all("jobruns")
        assert [each["reason"] for each in run["status"]["attempts"]] == [
            "JobFailed",
            "BatchJobDeleted",
        ]
        assert len(world.server.all("jobs")) == 1
    finally:
        world.close()
