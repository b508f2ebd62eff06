"""Who has the slots of each definition, and who waits for one.

All of it follows from the caches, but for what no cache shows yet: a batch Job that is being
created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import nsmallest

from davit_operator.api.base import ObjectKey
from davit_operator.api.execution import ConcurrencyPolicy
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import JobRun
from davit_operator.handlers.caches import Caches
from davit_operator.plan.concurrency import rule_of
from davit_operator.plan.observed import Holder, SeenBatchJob, SeenPod, SeenRun, SeenSlots

Age = tuple[str, str]

# Longer than one watch is behind another one.
_LATE_SECONDS = 5.0


class Slots:
    """Slots of definitions; ``wake`` has a run looked at, in so many seconds.

    ``steady`` is a clock that never goes back.
    """

    def __init__(
        self,
        caches: Caches,
        wake: Callable[[ObjectKey, float], None],
        steady: Callable[[], float],
    ) -> None:
        self._caches = caches
        self._wake = wake
        self._steady = steady
        # Batch Jobs by their definition that were deleted before any pod of theirs was heard of,
        # and until when one may be.
        self._buried: dict[str, dict[str, float]] = {}
        # Runs whose batch Job is being created, or was: until they have ended.
        self._reserved: dict[ObjectKey, str] = {}
        # The uid of the definition of each live run that needs a slot.
        self._definitions: dict[ObjectKey, str] = {}
        # Runs that wait, by their definition's uid, and how many may be started at once.
        self._waiting: dict[str, dict[ObjectKey, Age]] = {}
        self._limits: dict[str, int] = {}

    def seen(self, run: JobRun, definition: JobDefinition | None) -> SeenSlots | None:
        """Return who else has, or wants, a slot; None where there is one for everybody."""
        if definition is None:
            return None
        rule = rule_of(definition)
        if rule.policy is ConcurrencyPolicy.ALLOW:
            return None
        if self._reserved.get(run.metadata.key, run.metadata.uid) != run.metadata.uid:
            # A run of the same name was deleted, and this one made at once.
            self.leave(run.metadata.key)
        self._definitions[run.metadata.key] = definition.metadata.uid
        own = _age(run)
        live = {each.metadata.uid: each for each in self._live(definition)}
        others = [
            each
            for each in self._caches.waiting_runs(definition.metadata.key)
            if each.metadata.uid != run.metadata.uid and each.metadata.uid not in live
        ]
        live.pop(run.metadata.uid, None)
        replaces = rule.policy is ConcurrencyPolicy.REPLACE
        return SeenSlots(
            holders=self._holders(run, definition, live),
            given=self._reserved.get(run.metadata.key) == run.metadata.uid,
            before=sum(_age(each) < own for each in others),
            claimants=tuple(sorted(others, key=_age)) if replaces else (),
        )

    def reserve(self, run: JobRun) -> None:
        """Count the run as started, before its batch Job is in any cache."""
        self._reserved[run.metadata.key] = run.metadata.uid
        # Whoever waits may have to be told that it is forbidden now.
        self.offer(self._definitions.get(run.metadata.key, ""))

    def wait(self, seen: SeenRun) -> None:
        """Have the run woken when it may be its turn."""
        if seen.definition is None or seen.slots is None:
            return
        uid, rule = seen.definition.metadata.uid, rule_of(seen.definition)
        self._limits[uid] = rule.limit
        waiting, key, age = self._waiting.setdefault(uid, {}), seen.run.metadata.key, _age(seen.run)
        known, waiting[key] = waiting.get(key, age), age
        if known != age:
            # An older run of this name was woken in place of another one.
            self.offer(uid)
        if rule.policy is ConcurrencyPolicy.REPLACE:
            for holder in seen.slots.holders:
                self._wake(ObjectKey(seen.run.metadata.namespace, holder.name), 0)
        graves = self._buried.get(uid)
        if graves:
            self._wake(seen.run.metadata.key, max(graves.values()) - self._steady())

    def leave(self, key: ObjectKey) -> None:
        """Forget the run: it has ended, or is gone; those that wait may have its slot."""
        self._reserved.pop(key, None)
        self.settle(key)
        self.offer(self._definitions.pop(key, ""))

    def settle(self, key: ObjectKey) -> None:
        """Have the run wait no more; where it did, the one behind it may be next."""
        for uid, waiting in tuple(self._waiting.items()):
            if waiting.pop(key, None) is None:
                continue
            if not waiting:
                del self._waiting[uid], self._limits[uid]
            self.offer(uid)

    def offer(self, definition_uid: str) -> None:
        """Wake those whose turn it may be: a slot of the definition may be free."""
        waiting = self._waiting.get(definition_uid)
        if not waiting:
            return
        for key in nsmallest(self._limits[definition_uid], waiting, key=lambda key: waiting[key]):
            self._wake(key, 0)

    def bury(self, batch_job: SeenBatchJob) -> None:
        """Count what was deleted as taken for a while, where a pod of it may yet be heard of."""
        if batch_job.ended or batch_job.suspended or any(self._pods_of(batch_job)):
            return
        graves = self._buried.setdefault(batch_job.definition.uid, {})
        graves[batch_job.key.name] = self._steady() + _LATE_SECONDS

    def _pods_of(self, batch_job: SeenBatchJob) -> Iterator[SeenPod]:
        return self._caches.pods.cache.of(batch_job.uid)

    def _holders(
        self, run: JobRun, definition: JobDefinition, live: Mapping[str, JobRun]
    ) -> tuple[Holder, ...]:
        holders = [Holder(name=each.metadata.name, created=_age(each)[0]) for each in live.values()]
        left = self._left(definition.metadata.uid, frozenset({run.metadata.uid, *live}))
        return tuple(sorted((*left, *holders), key=lambda each: (each.created, each.name)))

    def _live(self, definition: JobDefinition) -> Iterator[JobRun]:
        """Yield the runs of the definition that were started and have not ended."""
        key = definition.metadata.key
        yield from self._caches.started_runs(key)
        launched = (
            (ObjectKey(key.namespace, each.owner_name), each.owner_uid)
            for each in self._caches.live_batch_jobs(definition.metadata.uid)
        )
        for run_key, uid in (*self._reserved.items(), *launched):
            run = self._caches.runs.cache.get(run_key)
            if run is None or run.metadata.uid != uid or run.finished:
                continue
            if (run_key.namespace, run.spec.definition_ref.name) == key:
                yield run

    def _left(self, definition_uid: str, known: frozenset[str]) -> Iterator[Holder]:
        """Yield what is left of runs that are not ``known``, and may still execute code."""
        batch_jobs = self._caches.batch_jobs.cache
        for name in self._open_graves(definition_uid):
            yield Holder(name=name, kind="batch Job")
        for batch_job in self._caches.live_batch_jobs(definition_uid):
            if batch_job.owner_uid not in known and not any(self._pods_of(batch_job)):
                # Its pod may come yet.
                yield Holder(name=batch_job.key.name, kind="batch Job")
        for pod in self._caches.live_pods(definition_uid):
            maker = batch_jobs.get((pod.key.namespace, pod.owner_name))
            if maker is None or maker.uid != pod.owner_uid or maker.owner_uid not in known:
                yield Holder(name=pod.key.name, kind="pod")

    def _open_graves(self, definition_uid: str) -> tuple[str, ...]:
        graves, now = self._buried.get(definition_uid, {}), self._steady()
        left = {name: until for name, until in graves.items() if until > now}
        if left:
            self._buried[definition_uid] = left
        else:
            self._buried.pop(definition_uid, None)
        return tuple(left)


def _age(run: JobRun) -> Age:
    return run.metadata.creation_timestamp, run.metadata.name
