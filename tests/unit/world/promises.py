"""What must hold at every moment, as far as the API server and the nodes can tell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.unit.world.api_server import TERMINAL, ApiServer, Raw
from tests.unit.world.cluster import Cluster
from tests.unit.world.reading import definition_uid, is_over, owner_uid

from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import JobRun, JobRunStatus, Phase

_REMEDIES = ("Create another", "create another", "Check ", "See whether", "Mend ", "Restore ")


class Promises:
    """Hears of all that happens, and asserts; ``rules`` are the definition's."""

    def __init__(self, server: ApiServer, cluster: Cluster, rules: Mapping[str, Any]) -> None:
        self._server, self._cluster = server, cluster
        retries, concurrency = rules["retries"], rules["concurrency"]
        self._begins = 1 + retries["limit"] + retries["infrastructureLimit"]
        self._slots = None if concurrency["policy"] == "Allow" else int(concurrency["limit"])
        # By uid: how often the run's code began, the uids of its batch Jobs and pods.
        self._begun: Counter[str] = Counter()
        self._run_of_job: dict[str, str] = {}
        self._pods: defaultdict[str, set[str]] = defaultdict(set)
        server.seen = self._changed
        cluster.began = self._began

    def _changed(self, plural: str, before: Raw | None, after: Raw | None) -> None:
        if plural == "jobruns" and before is not None and after is not None:
            self._run_changed(before, after)
        elif plural == "jobs" and before is None and after is not None:
            self._job_made(after)
        elif plural == "pods" and before is None and after is not None:
            self._pod_made(after)

    def _run_changed(self, before: Raw, after: Raw) -> None:
        if before.get("status") == after.get("status"):
            return
        old, run = JobRun.model_validate(before), JobRun.model_validate(after)
        assert not old.finished, "the status of a run that has ended was written again"
        assert run.status != old.status, "a write for nothing"
        self._attempts_go_on(old.status, run.status)
        for condition in run.status.conditions:
            assert condition.reason in list(Reason)
        if run.finished:
            self._ended_well_told(run)

    def _attempts_go_on(self, old: JobRunStatus, new: JobRunStatus) -> None:
        assert [each.number for each in new.attempts] == list(range(1, 1 + len(new.attempts)))
        assert len(new.attempts) >= len(old.attempts)
        for was, now in zip(old.attempts, new.attempts, strict=False):
            assert now.batch_job == was.batch_job
            assert was.reason in (None, now.reason)
            assert was.started_at is None or now.started_at is not None
        assert all(each.reason for each in new.attempts[:-1])

    def _ended_well_told(self, run: JobRun) -> None:
        status, uid = run.status, run.metadata.uid
        kinds = {each.type: each.status for each in status.conditions}
        assert kinds["Finished"] == "True"
        assert status.finished_at
        assert all(each.reason for each in status.attempts)
        if status.phase is Phase.SUCCEEDED:
            assert self._pods[uid] & self._cluster.succeeded
            return
        assert status.error is not None
        assert status.error.reason in list(Reason)
        assert status.error.message
        message = status.conditions[0].message
        assert status.error.remedy or any(each in message for each in _REMEDIES), message
        if status.phase is Phase.REJECTED:
            assert not self._begun[uid], "a run was rejected that had begun"

    def _job_made(self, job: Raw) -> None:
        uid = owner_uid(job)
        self._run_of_job[job["metadata"]["uid"]] = uid
        run = self._server.of_uid("jobruns", uid)
        assert run is None or run["status"].get("phase") not in TERMINAL, "made for an ended run"

    def _pod_made(self, pod: Raw) -> None:
        uid = self._run_of(pod)
        self._pods[uid].add(pod["metadata"]["uid"])
        live = [each for each in self._server.all("pods") if not is_over(each)]
        of_run = [each["metadata"]["name"] for each in live if self._run_of(each) == uid]
        assert len(of_run) == 1, f"two live pods of one run: {of_run}"
        of_definition = [each for each in live if definition_uid(each) == definition_uid(pod)]
        names = [each["metadata"]["name"] for each in of_definition]
        assert self._slots is None or len(names) <= self._slots, f"too many at once: {names}"

    def _began(self, pod: Raw) -> None:
        uid = self._run_of(pod)
        self._begun[uid] += 1
        assert self._begun[uid] <= self._begins, "the author's code ran more often than it may"

    def _run_of(self, pod: Raw) -> str:
        return self._run_of_job[owner_uid(pod)]
