"""Condition types, reasons and the one function that sets a condition.

Types and reasons are API: add, never rename. ``Ready``, ``Reconciling`` and ``Stalled`` mean what
kstatus says they mean, so that ``kubectl wait``, Flux and Argo CD report truthfully.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from davit_operator.api.base import ApiModel
from davit_operator.api.schema import DATE_TIME

# The API's own limit for a condition's message.
MAX_MESSAGE = 32_768


class ConditionType(StrEnum):
    """What a condition speaks of."""

    READY = "Ready"
    # Only present while true.
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    FETCH_FAILED = "FetchFailed"
    DISCOVERY_PROBLEMS = "DiscoveryProblems"
    # A run has ended, either way.
    FINISHED = "Finished"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class Reason(StrEnum):
    """Why a condition has its status."""

    # --- JobRepository
    # The newest revision is served.
    ARTIFACT_SERVED = "ArtifactServed"
    # A new revision is being fetched or discovered.
    PROGRESSING = "Progressing"
    # Some modules gave problems; the others' jobs are served.
    PROBLEMS_FOUND = "ProblemsFound"
    SUSPENDED = "Suspended"
    # The spec names something impossible: a URL, a ref, two sources.
    INVALID_SPEC = "InvalidSpec"
    # The URL's host or protocol is not allowed here.
    URL_REFUSED = "UrlRefused"
    # The Git server did not answer, or not in time.
    FETCH_FAILED = "FetchFailed"
    AUTHENTICATION_FAILED = "AuthenticationFailed"
    # The branch, tag or commit does not exist.
    REFERENCE_NOT_FOUND = "ReferenceNotFound"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 (a reason, not a secret)
    # The ConfigMap that is the source, or one of its keys, does not exist.
    CONFIG_MAP_NOT_FOUND = "ConfigMapNotFound"
    # The commit cannot be served: a link out of the tree, too many bytes or files.
    ARTIFACT_REFUSED = "ArtifactRefused"
    # A ConfigMap of the artifact's name holds something else.
    ARTIFACT_CONFLICT = "ArtifactConflict"
    # The discovery pod did not say which jobs the commit holds.
    DISCOVERY_FAILED = "DiscoveryFailed"

    # --- JobDefinition
    ENABLED = "Enabled"
    # On a definition: the healthy state before an admin enables it. On a run: why it was rejected.
    DISABLED = "Disabled"
    NOT_INSTALLED = "NotInstalled"
    # Of two definitions of one class the older stands; also why a run of the other is rejected.
    DUPLICATE = "Duplicate"

    # --- JobRun, waiting or under way
    DEFINITION_NOT_FOUND = "DefinitionNotFound"
    NOT_DISCOVERED = "NotDiscovered"
    # Others of its definition have all the room.
    QUEUED = "Queued"
    STARTING = "Starting"
    RUNNING = "Running"
    # It was told to end.
    CANCELLING = "Cancelling"
    # An attempt failed, and another one follows.
    RETRY_PENDING = "RetryPending"

    # --- JobRun, ended
    SUCCEEDED = "Succeeded"
    INVALID_INPUTS = "InvalidInputs"
    # spec.overrides has a key that the definition does not allow.
    OVERRIDE_NOT_ALLOWED = "OverrideNotAllowed"
    # Others of its definition have all the room, and its policy is Forbid.
    ALREADY_RUNNING = "AlreadyRunning"
    JOB_FAILED = "JobFailed"
    JOB_CRASHED = "JobCrashed"
    IMPORT_FAILED = "ImportFailed"
    OUT_OF_MEMORY = "OutOfMemory"
    SOFT_TIME_LIMIT_EXCEEDED = "SoftTimeLimitExceeded"
    TIME_LIMIT_EXCEEDED = "TimeLimitExceeded"
    CANCELLED = "Cancelled"
    # A newer run took its place.
    REPLACED = "Replaced"
    ARTIFACT_CORRUPT = "ArtifactCorrupt"
    # A ConfigMap of the code is gone.
    ARTIFACT_MISSING = "ArtifactMissing"
    # The API server refused the batch Job: a quota, or a runner setting that it does not take.
    ADMISSION_DENIED = "AdmissionDenied"
    START_DEADLINE_EXCEEDED = "StartDeadlineExceeded"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    CONTAINER_CONFIG_INVALID = "ContainerConfigInvalid"
    UNSCHEDULABLE = "Unschedulable"
    MOUNT_FAILED = "MountFailed"
    # Of the namespace's ResourceQuota nothing is left for the pod.
    QUOTA_EXCEEDED = "QuotaExceeded"
    EVICTED = "Evicted"
    # A pod of a higher priority took its place.
    PREEMPTED = "Preempted"
    NODE_LOST = "NodeLost"
    POD_DELETED = "PodDeleted"
    BATCH_JOB_DELETED = "BatchJobDeleted"
    # The pod is gone, or ended, without saying how the run went.
    OUTCOME_LOST = "OutcomeLost"
    RUNNER_TOO_OLD = "RunnerTooOld"


class Condition(ApiModel):
    """One condition, as ``meta/v1`` defines it."""

    type: str = Field(description="What the condition speaks of.", max_length=316)
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: str = Field(
        description="One word for why, stable, for programs to compare.",
        min_length=1,
        max_length=1024,
    )
    message: Annotated[str, Field(max_length=MAX_MESSAGE)] = Field(
        description="What happened, why, and what to do."
    )
    observed_generation: int = Field(
        default=0, ge=0, description="The metadata.generation that the condition speaks of."
    )
    last_transition_time: str = Field(
        description="When the status changed last, RFC 3339.", json_schema_extra=DATE_TIME
    )


class Verdict(ApiModel):
    """A condition before it is dated: what a plan decides."""

    type: ConditionType
    status: Literal["True", "False", "Unknown"]
    reason: Reason
    message: str


def conditions_after(
    before: Iterable[Condition], verdicts: Iterable[Verdict], *, generation: int, now: str
) -> list[Condition]:
    """Return ``verdicts`` as conditions, in their order; what is not among them is gone.

    ``lastTransitionTime`` moves only when the status changes; messages are cut to the API's limit.
    """
    old = {condition.type: condition for condition in before}

    def dated(verdict: Verdict) -> Condition:
        known = old.get(verdict.type)
        since = known.last_transition_time if known and known.status == verdict.status else now
        return Condition(
            type=verdict.type,
            status=verdict.status,
            reason=verdict.reason,
            message=verdict.message[:MAX_MESSAGE],
            observed_generation=generation,
            last_transition_time=since,
        )

    return [dated(verdict) for verdict in verdicts]
