"""Who has a slot follows from what the caches show, and from what is just being created."""

from __future__ import annotations

from typing import Any

from tests.builders import a_batch_job, a_definition, a_pod, a_run, ended, later, running, seen_run

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobrun import Attempt, JobRun, JobRunStatus, Phase
from davit_operator.engine.cache import Entry
from davit_operator.handlers.caches import Caches, Watched
from davit_operator.handlers.slots import Slots
from davit_operator.plan.times import format_time

STARTED = JobRunStatus(
    phase=Phase.RUNNING, attempts=[Attempt(number=1, batch_job="sync-vlans-x7-1")]
)


class World:
    """Slots over real caches; ``keep`` is what a watch does."""

    def __init__(self, policy: str = "Queue", limit: int = 1) -> None:
        rule = {"policy": policy, "limit": limit}
        self.definition = a_definition(spec={"concurrency": rule})
        self.caches = Caches()
        self.woken: list[str] = []
        self.time = 0.0
        self.slots = Slots(
            self.caches, lambda key, _: self.woken.append(key.name), lambda: self.time
        )
        self._version = 0

    def keep(self, watched: Watched[Any], key: ObjectKey, uid: str, value: Any) -> None:
        self._version += 1
        watched.cache.put(key, Entry(uid, self._version, value))

    def run(self, name: str, second: int = 0, **changes: Any) -> JobRun:
        made = a_run(name=name, creationTimestamp=format_time(later(second)), **changes)
        metadata = made.metadata.model_copy(update={"uid": f"uid of {name}"})
        made = made.model_copy(update={"metadata": metadata})
        self.keep(self.caches.runs, metadata.key, metadata.uid, made)
        return made

    def launched(self, run: JobRun, **changes: Any) -> Any:
        key = ObjectKey(run.metadata.namespace, f"{run.metadata.name}-1")
        batch_job = a_batch_job(
            key=key,
            uid=f"job of {run.metadata.name}",
            owner_uid=run.metadata.uid,
            owner_name=run.metadata.name,
            **changes,
        )
        self.keep(self.caches.batch_jobs, key, batch_job.uid, batch_job)
        return batch_job

    def pod(self, run: JobRun, runner: Any = None, **changes: Any) -> None:
        key = ObjectKey(run.metadata.namespace, f"{run.metadata.name}-1-abcde")
        pod = a_pod(
            runner,
            key=key,
            owner_uid=f"job of {run.metadata.name}",
            owner_name=f"{run.metadata.name}-1",
            definition_uid=self.definition.metadata.uid,
            **changes,
        )
        self.keep(self.caches.pods, key, f"pod of {run.metadata.name}", pod)

    def holders(self, run: JobRun) -> list[tuple[str, str]]:
        seen = self.slots.seen(run, self.definition)
        assert seen is not None
        return [(holder.kind, holder.name) for holder in seen.holders]

    def queue(self, run: JobRun) -> None:
        slots = self.slots.seen(run, self.definition)
        self.slots.wait(seen_run(run=run, definition=self.definition, slots=slots))


def test_where_all_are_allowed_nobody_is_counted() -> None:
    world = World("Allow")
    assert world.slots.seen(world.run("a"), world.definition) is None


def test_a_run_that_was_started_has_a_slot_as_long_as_it_lives() -> None:
    world = World()
    first, second = world.run("first", status=STARTED), world.run("second", 1)
    assert world.holders(second) == [("JobRun", "first")]
    assert world.holders(first) == []
    world.run("first", status=STARTED.model_copy(update={"phase": Phase.FAILED}))
    assert world.holders(second) == []


def test_a_run_has_its_slot_before_its_batch_job_is_in_any_cache() -> None:
    world = World()
    first, second = world.run("first"), world.run("second", 1)
    assert world.holders(second) == []
    world.slots.reserve(first)
    assert world.holders(second) == [("JobRun", "first")]
    seen = world.slots.seen(second, world.definition)
    assert seen is not None
    assert seen.before == 0
    world.slots.leave(first.metadata.key)
    assert world.holders(second) == []


def test_after_a_restart_a_batch_job_tells_who_was_started() -> None:
    world = World()
    first, second = world.run("first"), world.run("second", 1)
    world.launched(first)
    assert world.holders(second) == [("JobRun", "first")]
    world.launched(first, failed="It failed.")
    assert world.holders(second) == []


def test_what_is_left_of_a_run_has_its_slot_until_it_can_execute_nothing() -> None:
    world = World()
    gone, second = a_run(name="gone"), world.run("second", 1)
    world.launched(gone)
    assert world.holders(second) == [("batch Job", "gone-1")]
    world.pod(gone, running(), deleting=True)
    assert world.holders(second) == [("pod", "gone-1-abcde")]
    world.pod(gone, ended())
    assert world.holders(second) == []


def test_runs_of_other_definitions_do_not_count() -> None:
    world = World()
    second = world.run("second")
    other = a_run(name="other", status=STARTED)
    spec = other.spec.model_copy(
        update={"definition_ref": other.spec.definition_ref.model_copy(update={"name": "else"})}
    )
    other = other.model_copy(update={"spec": spec})
    world.keep(world.caches.runs, other.metadata.key, "other", other)
    assert world.holders(second) == []


def test_older_runs_that_may_start_come_before() -> None:
    world = World()
    for name, second in (("c", 5), ("a", 5), ("early", 1), ("late", 9)):
        world.run(name, second)
    seen = world.slots.seen(world.run("b", 5), world.definition)
    assert seen is not None
    assert seen.before == 2


def test_the_oldest_of_those_who_wait_are_woken_when_somebody_leaves() -> None:
    world = World(limit=2)
    first = world.run("first", status=STARTED)
    world.slots.seen(first, world.definition)
    for name, second in (("c", 3), ("a", 1), ("b", 2)):
        world.queue(world.run(name, second))
    world.slots.leave(first.metadata.key)
    assert world.woken == ["a", "b"]


def test_who_stops_waiting_lets_the_next_one_pass() -> None:
    world = World()
    waiting = [world.run(name, second) for name, second in (("a", 1), ("b", 2))]
    for run in waiting:
        world.queue(run)
    world.slots.settle(waiting[0].metadata.key)
    assert world.woken == ["b"]
    world.slots.settle(waiting[0].metadata.key)
    assert world.woken == ["b"]


def test_who_wants_to_replace_has_those_with_slots_look_for_themselves() -> None:
    world = World("Replace")
    world.run("first", status=STARTED)
    world.queue(world.run("second", 1))
    assert world.woken == ["first"]


def test_a_batch_job_that_vanished_has_its_slot_while_a_pod_of_it_may_come() -> None:
    world = World()
    second, batch_job = world.run("second", 1), world.launched(a_run(name="gone"))
    world.caches.batch_jobs.cache.drop(batch_job.key, batch_job.uid)
    world.slots.bury(batch_job)
    assert world.holders(second) == [("batch Job", "gone-1")]
    world.time = 60.0
    assert world.holders(second) == []


def test_a_batch_job_whose_pod_was_seen_leaves_nothing_but_the_pod() -> None:
    world = World()
    gone = a_run(name="gone")
    second, batch_job = world.run("second", 1), world.launched(gone)
    world.pod(gone, ended())
    world.caches.batch_jobs.cache.drop(batch_job.key, batch_job.uid)
    world.slots.bury(batch_job)
    assert world.holders(second) == []


def test_a_run_made_anew_under_its_name_has_not_the_slot_of_the_one_before() -> None:
    world = World()
    first = world.run("first")
    world.slots.seen(first, world.definition)
    world.slots.reserve(first)
    world.queue(world.run("second", 1))
    metadata = first.metadata.model_copy(update={"uid": "another"})
    again = first.model_copy(update={"metadata": metadata})
    world.keep(world.caches.runs, metadata.key, "another", again)
    world.slots.seen(again, world.definition)
    assert world.woken == ["second"]


def test_after_a_restart_a_run_that_was_started_is_not_taken_for_one_that_waits_too() -> None:
    world = World(limit=2)
    world.launched(world.run("first"))
    seen = world.slots.seen(world.run("second", 1), world.definition)
    assert seen is not None
    assert ([each.name for each in seen.holders], seen.before) == (["first"], 0)


def test_a_run_made_anew_while_it_waited_lets_the_one_pass_that_is_older_now() -> None:
    world = World()
    world.queue(world.run("first", 1))
    world.queue(world.run("second", 2))
    world.queue(world.run("first", 3))
    assert world.woken == ["second"]


def test_who_was_given_a_slot_keeps_it_though_an_older_one_comes() -> None:
    world = World()
    first = world.run("first", 5)
    world.slots.seen(first, world.definition)
    world.slots.reserve(first)
    older = world.run("older", 1)
    assert world.holders(older) == [("JobRun", "first")]
    seen = world.slots.seen(first, world.definition)
    assert seen is not None
    assert seen.given
