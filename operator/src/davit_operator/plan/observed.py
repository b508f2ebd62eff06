"""What the shell saw: frozen values that the plans decide from, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from davit_contract import JobDescription, Outcome
from davit_operator.api.base import ObjectKey
from davit_operator.api.errors import Blocked
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository, Problem
from davit_operator.api.jobrun import JobRun, RunDefinition
from davit_operator.api.run_output import LogCountsStatus, LogLine, RunFile, RunProgress
from davit_operator.api.runner import RunnerSettings
from davit_operator.plan.artifact import AnyArtifact
from davit_operator.plan.claims import ClaimedFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDefaults:
    """What the operator's settings say where no object does."""

    runner: RunnerSettings
    # How long a run waits for a definition that does not exist yet.
    start_deadline_seconds: int = 300
    soft_time_limit_seconds: int = 300
    time_limit_seconds: int = 600
    discovery_seconds: int = 60
    # How long a discovery pod may wait for its start: meanwhile others wait for it.
    discovery_start_seconds: int = 120
    discoveries: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenContainer:
    """The state of the container ``runner``; times are RFC 3339, as the kubelet gave them."""

    running: bool = False
    terminated: bool = False
    # Of the waiting or terminated state.
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    started_at: str = ""
    finished_at: str = ""
    image_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPod:
    """The part of a pod that the plans decide from."""

    key: ObjectKey
    uid: str
    resource_version: str
    # The controller among its owners: a batch Job or a JobRepository.
    owner_uid: str
    owner_name: str
    component: str
    created_at: datetime
    phase: str = "Pending"
    node: str = ""
    # Of the pod's status: Evicted, Preempting, DeadlineExceeded, ...
    reason: str = ""
    message: str = ""
    # Why the scheduler found no node; empty once it did.
    unschedulable: str = ""
    # Reason of its condition DisruptionTarget: PreemptionByScheduler, EvictionByEvictionAPI, ...
    disruption: str = ""
    deleting: bool = False
    # When it is to be gone, the grace for its end included; None while it is not deleted.
    deleting_until: datetime | None = None
    # When it was told to end, RFC 3339; empty while it was not.
    cancelled_at: str = ""
    # Of a run's pod: the JobDefinition that it is of.
    definition_uid: str = ""
    # The run that it was told to make room for; empty: none.
    replaced_by: str = ""
    # Names of the ConfigMaps that its volumes show.
    config_maps: frozenset[str] = frozenset()
    runner: SeenContainer = field(default_factory=SeenContainer)
    # Whether containers beside the runner run that keep the pod alive.
    sidecars_running: bool = False

    @property
    def over(self) -> bool:
        """Return whether the author's code does not run in it, and never will again."""
        return self.runner.terminated or self.phase in {"Succeeded", "Failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBatchJob:
    """The part of a batch Job that the plans decide from."""

    key: ObjectKey
    uid: str
    resource_version: str
    # Uid of the JobRun; empty where it was deleted, and this was left behind.
    owner_uid: str
    owner_name: str
    created_at: datetime
    definition: RunDefinition
    start_deadline_seconds: int
    # Which attempt of its run it makes, from 1.
    attempt: int = 1
    cancel_grace_seconds: int = 30
    # True: neither the log's end nor a traceback may stand in the run's status.
    hides_log: bool = False
    # Where its pod may put files that are too large for its log.
    folder: ClaimedFolder | None = None
    # The queue of Kueue that has to admit it first; empty: none.
    queue: str = ""
    # True: the queue has not admitted it, or has taken that back.
    suspended: bool = False
    # When it was admitted; its start is awaited from then on.
    admitted_at: datetime | None = None
    deleting: bool = False
    completed: bool = False
    # The message of the condition Failed, or of FailureTarget: that it is about to.
    failed: str = ""

    @property
    def awaited_since(self) -> datetime:
        """Return from when on its pod is to start."""
        return self.admitted_at or self.created_at

    @property
    def ended(self) -> bool:
        """Return whether the Job's controller will do no more for it."""
        return self.completed or bool(self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReading:
    """What was read of a run's log."""

    # Of what was read; the runner's Outcome counts what was dropped, too.
    counts: LogCountsStatus = field(default_factory=LogCountsStatus)
    # The last records, oldest first, as far as they fit into the status.
    tail: tuple[LogLine, ...] = ()
    # JSON of what run() returned; None: it returned nothing, or nothing was read.
    result: str | None = None
    progress: RunProgress | None = None
    files: tuple[RunFile, ...] = ()
    # Which files could not be kept, and why.
    files_message: str = ""
    last_sequence: int = 0
    # Records before the last one that were not read.
    missing: int = 0
    # JobLogs that hold the whole log; 0: the tail does.
    chunks: int = 0
    # Why not all of it could be written.
    refused: str = ""
    # True: nothing of its text may stand in the run's status.
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvent:
    """What a core/v1 Event says; ``time`` is RFC 3339, in whole seconds."""

    time: str
    reason: str
    message: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What takes a slot of its definition: a run that was started, or a pod that is left of one.

    ``created`` is the run's creationTimestamp; empty for a pod.
    """

    name: str
    created: str = ""
    # The object as messages name it.
    kind: str = "JobRun"

    @property
    def is_live(self) -> bool:
        """Return whether it is a run that has not ended."""
        return self.kind == "JobRun"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSlots:
    """Who else wants, or has, one of the definition's slots; each oldest first."""

    holders: tuple[Holder, ...] = ()
    # True: it was given one, and its batch Job may be there already.
    given: bool = False
    # Runs that wait, and are older.
    before: int = 0
    # Runs that wait, of whatever age, where these may take the slots of others.
    claimants: tuple[JobRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRun:
    """Everything that the plan for one run decides from."""

    run: JobRun
    now: datetime
    defaults: OperatorDefaults
    definition: JobDefinition | None = None
    # The older definition of the same class, which stands in its place.
    elder: JobDefinition | None = None
    repository: JobRepository | None = None
    batch_job: SeenBatchJob | None = None
    # Name of the batch Job that this operator saw of the run, even if it is gone by now.
    launched: str = ""
    pod: SeenPod | None = None
    # None where the definition has room for all.
    slots: SeenSlots | None = None
    # The runner's last word; None while it runs, or when it left none.
    outcome: Outcome | None = None
    # Read once the runner has ended.
    log: LogReading | None = None
    # Of the pod that does not start, or of the batch Job that has none; oldest first.
    events: tuple[SeenEvent, ...] = ()
    # True: definition and batch Job were read from the API just now, not from a cache.
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The commit that the source names now, and its code where that is at hand."""

    revision: str
    commit: str
    artifact: AnyArtifact | None = None
    # What was discovered of an image, by its digest; empty where that cannot be pulled.
    image: str = ""
    # Why the code cannot be served.
    refused: Blocked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a discovery pod said."""

    descriptions: tuple[JobDescription, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRepository:
    """Everything that the plan for one repository decides from."""

    repository: JobRepository
    now: datetime
    defaults: OperatorDefaults
    # None: it was not looked at yet, or is suspended.
    source: Fetched | Blocked | None = None
    # The pods of the repository, and the one of them that discovers ``source``.
    pods: tuple[SeenPod, ...] = ()
    discovery_pod: SeenPod | None = None
    # What that pod said once it has ended.
    discovered: Discovered | Blocked | None = None
    # Discovery pods that have not ended: of the cluster, and whether one is of this namespace, but
    # not ``discovery_pod``.
    discoveries: int = 0
    discovery_here: bool = False
    # True: it is discovered again, though the commit is the one that is served.
    refresh: bool = False
    # Class paths of definitions that could not be written, and are not tried again yet.
    unwritten: frozenset[str] = frozenset()
    # True: a ConfigMap is gone that holds what is served.
    parts_missing: bool = False
    # Of this namespace: those that refer to the repository, and the names of all.
    definitions: tuple[JobDefinition, ...] = ()
    names_taken: frozenset[str] = frozenset()
