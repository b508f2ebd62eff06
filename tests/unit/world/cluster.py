"""What the cluster does by itself: scheduler, kubelets, Job controller, garbage collector, Kueue.

Each step is one that may come next; in which order they come is not theirs to say. Code is true
before the API tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from tests.unit.world.api_server import ApiServer, Raw
from tests.unit.world.clock import Clock
from tests.unit.world.ends import ENDS, WAITS, last_word
from tests.unit.world.reading import (
    conditions_of,
    is_deleting,
    is_over,
    is_put_back,
    owner_uid,
    state_of,
)

from davit_contract import OutcomeReason, places
from davit_operator.api.names import QUEUE_LABEL
from davit_operator.plan.times import parse_time

Step = tuple[str, Callable[[], object]]

_FINAL = frozenset({"Failed", "Complete"})


class Cluster:
    """Controllers and nodes; ``began`` hears of each pod whose code begins."""

    def __init__(self, server: ApiServer, clock: Clock, skew: float) -> None:
        self._server, self._clock, self._skew = server, clock, skew
        self.began: Callable[[Raw], None] = lambda _pod: None
        # Uids: whose code has begun, runs no more, succeeded; whose node says nothing.
        self.begun: set[str] = set()
        self.ended: set[str] = set()
        self.succeeded: set[str] = set()
        self.silent: set[str] = set()
        self._begun_jobs: set[str] = set()
        self._suffixes = count(1)

    def steps(self) -> Iterator[Step]:
        """Yield what comes in time if nothing goes wrong."""
        for job in self._server.all("jobs"):
            yield from self._of_job(job)
        for pod in self._server.all("pods"):
            yield from self._of_pod(pod)

    def mishaps(self) -> Iterator[Step]:
        """Yield what may go wrong."""
        for job in self._server.all("jobs"):
            if conditions_of(job) or self._pods_of(job):
                continue
            for why in ("exceeded quota: pods", 'violates PodSecurity "restricted"'):
                yield f"no pod: {why}", partial(self._event, job, "FailedCreate", why)
        for pod in self._server.all("pods"):
            if not is_over(pod):
                yield from self._mishaps_of(pod)
        for job in self._server.all("jobs"):
            if self._may_be_put_back(job):
                yield "Kueue puts back", partial(self._server.specify, "jobs", job, suspend=True)

    # --- Job controller, garbage collector, Kueue

    def _of_job(self, job: Raw) -> Iterator[Step]:
        name, known = job["metadata"]["name"], conditions_of(job)
        if self._server.of_uid("jobruns", owner_uid(job)) is None:
            yield f"collect {name}", partial(self._server.remove, "jobs", job)
        elif known & _FINAL:
            yield from self._of_finished(job)
        elif is_put_back(job):
            yield from self._of_suspended(job)
        elif not self._pods_of(job) and not known and not job.get("status", {}).get("made"):
            yield f"make pod of {name}", partial(self._make_pod, job)
        else:
            yield from self._of_counted(job)

    def _of_finished(self, job: Raw) -> Iterator[Step]:
        since = parse_time(job["status"]["completionTime"])
        age = (self._clock.now() - since).total_seconds()
        run = self._server.of_uid("jobruns", owner_uid(job)) or {}
        # No operator is away for so long right after a create.
        told = run.get("status", {}).get("attempts")
        if told and age >= job["spec"]["ttlSecondsAfterFinished"]:
            yield f"ttl of {job['metadata']['name']}", partial(self._server.remove, "jobs", job)

    def _of_suspended(self, job: Raw) -> Iterator[Step]:
        name, pods = job["metadata"]["name"], self._pods_of(job)
        for pod in pods:
            if not is_deleting(pod):
                yield f"suspend {name}", partial(self._server.delete, "pods", pod)
        # One whose code began is not: no operator could keep a second pod from it in time.
        if not pods and job["metadata"]["uid"] not in self._begun_jobs:
            yield f"admit {name}", partial(self._admit, job)

    def _of_counted(self, job: Raw) -> Iterator[Step]:
        """Yield what the controller says of a Job whose pod was made, as far as that is told."""
        name, pods = job["metadata"]["name"], self._pods_of(job)
        if any(pod["status"]["phase"] == "Succeeded" for pod in pods):
            yield f"complete {name}", partial(self._finish, job, "Complete")
            return
        if pods and not any(is_over(pod) or is_deleting(pod) for pod in pods):
            return
        if pods and "FailureTarget" not in conditions_of(job):
            yield f"about to fail {name}", partial(self._finish, job, "FailureTarget")
        if all(is_over(pod) for pod in pods):
            yield f"fail {name}", partial(self._finish, job, "Failed")

    def _make_pod(self, job: Raw) -> None:
        template, meta = job["spec"]["template"], job["metadata"]
        labels = {**template["metadata"]["labels"], "batch.kubernetes.io/job-name": meta["name"]}
        owner = {"apiVersion": "batch/v1", "kind": "Job", "controller": True}
        self._server.put("jobs", job, status={**job.get("status", {}), "made": True})
        self._server.create(
            "pods",
            {
                "metadata": {
                    "name": f"{meta['name']}-p{next(self._suffixes)}",
                    "labels": labels,
                    "annotations": template["metadata"]["annotations"],
                    "ownerReferences": [{**owner, "name": meta["name"], "uid": meta["uid"]}],
                },
                "spec": {
                    "terminationGracePeriodSeconds": template["spec"][
                        "terminationGracePeriodSeconds"
                    ]
                },
                "status": {"phase": "Pending"},
            },
        )

    def _finish(self, job: Raw, kind: str) -> None:
        known = job.get("status", {})
        condition = {"type": kind, "status": "True", "reason": "BackoffLimitExceeded"}
        conditions = [*known.get("conditions", ()), condition]
        done = {} if kind == "FailureTarget" else {"completionTime": self._clock.text()}
        self._server.put("jobs", job, status={**known, "conditions": conditions, **done})

    def _admit(self, job: Raw) -> None:
        job = self._server.specify("jobs", job, suspend=False)
        # A Job that is resumed makes a pod again.
        known = {key: each for key, each in job.get("status", {}).items() if key != "made"}
        self._server.put("jobs", job, status={**known, "startTime": self._clock.text()})

    def _may_be_put_back(self, job: Raw) -> bool:
        """Return whether Kueue may take its admission back; not once the code has ended."""
        queued = QUEUE_LABEL in job["metadata"].get("labels", {})
        over = any(map(is_over, self._pods_of(job)))
        return queued and not (job["spec"]["suspend"] or conditions_of(job) or over)

    def _pods_of(self, job: Raw) -> list[Raw]:
        uid = job["metadata"]["uid"]
        return [pod for pod in self._server.all("pods") if owner_uid(pod) == uid]

    # --- scheduler and kubelet

    def _of_pod(self, pod: Raw) -> Iterator[Step]:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        job = self._server.of_uid("jobs", owner_uid(pod))
        if is_deleting(pod):
            yield from self._of_doomed(pod, job)
            return
        if job is None:
            yield f"collect {name}", partial(self._server.delete, "pods", pod)
        if uid in self.silent or is_over(pod):
            return
        if "nodeName" not in pod["spec"]:
            yield f"bind {name}", partial(self._bind, pod)
        elif uid not in self.begun:
            yield f"begin {name}", partial(self._begin, pod)
        elif "running" not in state_of(pod) and uid not in self.ended:
            yield f"tell that {name} runs", partial(self._tell_running, pod)
        elif places.CANCEL_ANNOTATION in pod["metadata"].get("annotations", {}):
            how = (OutcomeReason.CANCELLED, 130, "Error")
            yield f"{name} obeys", partial(self.end, pod, how)
        else:
            yield f"{name} succeeds", partial(self.end, pod, ENDS[0])

    def _of_doomed(self, pod: Raw, job: Raw | None) -> Iterator[Step]:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        runs = uid in self.begun and uid not in self.ended
        if runs and uid not in self.silent:
            told = (OutcomeReason.CANCELLED, 143, "Error")
            yield f"{name} is told by SIGTERM", partial(self.end, pod, told)
            yield f"{name} is killed", partial(self.end, pod, (None, 137, "Error"))
        elif uid not in self.silent and (job is None or conditions_of(job) or is_put_back(job)):
            # Its finalizer stays until its end is counted.
            yield f"remove {name}", partial(self._server.remove, "pods", pod)
        elif uid in self.silent:
            age = -self._server.seconds_until(pod["metadata"]["deletionTimestamp"])
            if age > 40 and (job is None or conditions_of(job) or is_put_back(job)):
                yield f"collect lost {name}", partial(self._collect_lost, pod)

    def _mishaps_of(self, pod: Raw) -> Iterator[Step]:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        if uid in self.silent:
            if not is_deleting(pod):
                lost = partial(self._disrupt, pod, "DeletionByTaintManager")
                yield f"{name} is given up", lost
            yield f"the node of {name} answers", partial(self.silent.discard, uid)
            return
        if "nodeName" not in pod["spec"]:
            yield f"{name} finds no node", partial(self._unschedulable, pod)
        elif uid in self.begun:
            yield from self._ends_of(pod)
        else:
            yield from self._waits_of(pod)
        if not is_deleting(pod):
            for why in ("PreemptionByScheduler", "EvictionByEvictionAPI"):
                yield f"{name}: {why}", partial(self._disrupt, pod, why)

    def _ends_of(self, pod: Raw) -> Iterator[Step]:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        yield f"the node of {name} is lost", partial(self.silent.add, uid)
        for how in ENDS:
            yield f"{name} ends: {how}", partial(self.end, pod, how)

    def _waits_of(self, pod: Raw) -> Iterator[Step]:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        yield f"the node of {name} is lost", partial(self.silent.add, uid)
        for reason in WAITS:
            state = {"waiting": {"reason": reason, "message": "no"}}
            yield f"{name} waits: {reason}", partial(self._contain, pod, state)
        evicted = {"phase": "Failed", "reason": "Evicted", "message": "disk"}
        yield f"{name} is refused", partial(self._server.put, "pods", pod, status=evicted)
        missing = 'MountVolume.SetUp failed: secret "s" not found'
        yield f"{name} misses a secret", partial(self._event, pod, "FailedMount", missing)

    def _bind(self, pod: Raw) -> None:
        status = {**pod["status"], "conditions": []}
        self._server.put("pods", pod, spec={**pod["spec"], "nodeName": "n1"}, status=status)

    def _unschedulable(self, pod: Raw) -> None:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        conditions = [{**condition, "message": "0/1 nodes"}]
        self._server.put("pods", pod, status={**pod["status"], "conditions": conditions})

    def _begin(self, pod: Raw) -> None:
        self.begun.add(pod["metadata"]["uid"])
        self._begun_jobs.add(owner_uid(pod))
        self.began(pod)

    def _tell_running(self, pod: Raw) -> None:
        self._contain(pod, {"running": {"startedAt": self._clock.text(self._skew)}}, "Running")

    def end(self, pod: Raw, how: tuple[OutcomeReason | None, int, str]) -> None:
        reason, code, called = how
        self.ended.add(pod["metadata"]["uid"])
        if reason is OutcomeReason.SUCCEEDED:
            self.succeeded.add(pod["metadata"]["uid"])
        moment = self._clock.text(self._skew)
        state = {
            "reason": called,
            "exitCode": code,
            "startedAt": moment,
            "finishedAt": moment,
            "message": last_word(pod, reason, code, moment) if reason else "",
        }
        self._contain(pod, {"terminated": state}, "Failed" if code else "Succeeded")

    def _contain(self, pod: Raw, state: Raw, phase: str = "Pending") -> None:
        known = self._server.find("pods", pod["metadata"]["name"])
        assert known is not None
        container = {"name": places.RUNNER_CONTAINER, "state": state, "imageID": "i"}
        status = {**known["status"], "phase": phase, "containerStatuses": [container]}
        self._server.put("pods", pod, status=status)

    def _disrupt(self, pod: Raw, why: str) -> None:
        condition = {"type": "DisruptionTarget", "status": "True", "reason": why}
        conditions = [*pod["status"].get("conditions", ()), condition]
        pod = self._server.put("pods", pod, status={**pod["status"], "conditions": conditions})
        self._server.delete("pods", pod)

    def _collect_lost(self, pod: Raw) -> None:
        self.ended.add(pod["metadata"]["uid"])
        self._server.remove("pods", pod)

    def _event(self, about: Raw, reason: str, message: str) -> None:
        event = {
            "metadata": {"creationTimestamp": self._clock.text()},
            "lastTimestamp": self._clock.text(),
            "type": "Warning",
            "reason": reason,
            "message": message,
        }
        self._server.events.setdefault(about["metadata"]["uid"], []).append(event)
