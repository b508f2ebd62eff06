"""JobRun: one execution of a job."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from davit_operator.api.base import (
    UNOBSERVED,
    ApiModel,
    LocalObjectReference,
    Metadata,
    ObservedGeneration,
)
from davit_operator.api.cancellation import Cancellation
from davit_operator.api.conditions import Condition
from davit_operator.api.execution import RunOverrides
from davit_operator.api.inputs_from import InputsFrom
from davit_operator.api.jobfile import MAX_FILES
from davit_operator.api.run_output import RunFile, RunLog, RunProgress
from davit_operator.api.schema import CONDITION_LIST, DATE_TIME, FREE_FORM, rules

MAX_INPUT_BYTES = 64 * 1024
MAX_USER = 1_024
MAX_ATTEMPTS = 64


class Phase(StrEnum):
    """Where a run stands; the last four are terminal and written once."""

    PENDING = "Pending"
    QUEUED = "Queued"
    STARTING = "Starting"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"


TERMINAL_PHASES = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED, Phase.REJECTED})
_ENDED = (
    "has(oldSelf.status) && has(oldSelf.status.phase) && "
    "oldSelf.status.phase in ['Succeeded', 'Failed', 'Cancelled', 'Rejected']"
)


def _same(field: str, absent: str) -> str:
    """Return CEL for a field of the spec being what it was."""
    new, old = (
        f"(has({root}.spec.{field}) ? {root}.spec.{field} : {absent})"
        for root in ("self", "oldSelf")
    )
    return f"{new} == {old}"


class JobRunSpec(ApiModel):
    """What is to be run. Immutable, but for cancel, suspend and ttlSecondsAfterFinished."""

    model_config = rules(
        ("self.definitionRef == oldSelf.definitionRef", "definitionRef is immutable"),
        (
            "has(self.inputs) == has(oldSelf.inputs) && "
            "(!has(self.inputs) || self.inputs == oldSelf.inputs)",
            "inputs are immutable: create another JobRun",
        ),
        (
            "has(self.inputsFrom) == has(oldSelf.inputsFrom) && "
            "(!has(self.inputsFrom) || self.inputsFrom == oldSelf.inputsFrom)",
            "inputsFrom is immutable: create another JobRun",
        ),
        (
            "has(self.requestedBy) == has(oldSelf.requestedBy) && "
            "(!has(self.requestedBy) || self.requestedBy == oldSelf.requestedBy)",
            "requestedBy is immutable",
        ),
        (
            "!has(oldSelf.cancelRequestedBy) || (has(self.cancelRequestedBy) && "
            "self.cancelRequestedBy == oldSelf.cancelRequestedBy)",
            "cancelRequestedBy is immutable",
        ),
        (
            "!(has(oldSelf.cancel) && oldSelf.cancel) || (has(self.cancel) && self.cancel)",
            "a run that was cancelled stays cancelled: create another JobRun",
        ),
        (
            "has(self.overrides) == has(oldSelf.overrides) && "
            "(!has(self.overrides) || self.overrides == oldSelf.overrides)",
            "overrides are immutable: create another JobRun",
        ),
    )

    definition_ref: LocalObjectReference = Field(description="JobDefinition that is run.")
    inputs: dict[str, JsonValue] = Field(
        default_factory=dict,
        max_length=256,
        description=(
            "Values of the job's variables, by name; at most 64 KiB of JSON. A variable that is "
            "not named takes its default."
        ),
        json_schema_extra=FREE_FORM,
    )
    inputs_from: InputsFrom = Field(
        default_factory=list,
        description=(
            "Variables whose values stand in Secrets and ConfigMaps of the namespace; who creates "
            "the run must be allowed to get these. The run waits for one that does not exist."
        ),
    )
    cancel: bool = Field(
        default=False,
        description=(
            "True: the run is ended. Its job is told by an exception, may tidy up within the "
            "definition's grace, and is killed after it. Cannot be taken back."
        ),
    )
    overrides: RunOverrides = Field(
        default_factory=RunOverrides,
        description=(
            "What this run has otherwise than its definition, as far as the definition's "
            "allowedOverrides names it."
        ),
    )
    suspend: bool = Field(
        default=False,
        description="True: the run is not started before this is false. Not for one that began.",
    )
    ttl_seconds_after_finished: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        default=None,
        description=(
            "Seconds after its end when the run is deleted, with its log and files; sooner where "
            "historyLimits of its definition say so."
        ),
    )
    requested_by: Annotated[str, Field(max_length=MAX_USER)] | None = Field(
        default=None,
        description="User who created the run. Admission writes it; no other name is accepted.",
    )
    cancel_requested_by: Annotated[str, Field(max_length=MAX_USER)] | None = Field(
        default=None,
        description="User who set cancel. Admission writes it; no other name is accepted.",
    )


# Of the object as a whole: what may be changed depends on how far the run is.
RUN_RULES = (
    (
        f"!({_ENDED}) || ({_same('cancel', 'false')} && {_same('suspend', 'false')} && "
        f"{_same('ttlSecondsAfterFinished', '-1')})",
        "the run has ended, and stays as it is: create another JobRun",
    ),
    (
        "!has(self.spec.suspend) || !self.spec.suspend || "
        "(has(oldSelf.spec.suspend) && oldSelf.spec.suspend) || "
        "!has(oldSelf.status) || !has(oldSelf.status.attempts) || "
        "oldSelf.status.attempts.size() == 0",
        "a run that was started cannot be suspended: set spec.cancel, and create another one later",
    ),
)


class RunDefinition(ApiModel):
    """The code that the run is bound to."""

    uid: str = Field(default="", description="Uid of the JobDefinition.")
    generation: int = Field(default=0, ge=0, description="Its metadata.generation at the start.")
    class_path: str = Field(default="", description="Path of the job class.")
    commit: str = Field(default="", description="Commit that the code is of.")
    digest: str = Field(default="", description="sha256:… of the packed code.")


class Attempt(ApiModel):
    """One pod that was to execute the run."""

    number: int = Field(ge=1, description="1 for the first.")
    batch_job: str = Field(description="Name of the batch Job.")
    pod: str | None = Field(default=None, description="Name of the pod.")
    node: str | None = Field(default=None, description="Node that the pod ran on.")
    started_at: str | None = Field(default=None, description="When its container began, RFC 3339.")
    finished_at: str | None = Field(default=None, description="When its container ended, RFC 3339.")
    exit_code: int | None = Field(
        default=None, description="Exit code of the job's process; 128 + n for signal n."
    )
    reason: str | None = Field(default=None, description="How the attempt ended, in one word.")
    image_id: str | None = Field(
        default=None, alias="imageID", description="Image that ran, with its digest."
    )


class RunError(ApiModel):
    """Why a run did not succeed."""

    type: str | None = Field(
        default=None, description="Class of the exception, where one was raised."
    )
    message: str = Field(default="", description="What happened.")
    traceback: str | None = Field(default=None, description="Where, as Python prints it.")
    reason: str = Field(default="", description="The cause, in one word.")
    remedy: str | None = Field(default=None, description="What to do.")


class JobRunStatus(ApiModel):
    """How the run goes, and how it ended. Written by the operator."""

    phase: Phase | None = Field(
        default=None,
        description=(
            "Pending, Queued, Starting, Running; then Succeeded, Failed, Cancelled or Rejected "
            "for good."
        ),
    )
    observed_generation: ObservedGeneration = UNOBSERVED
    definition: RunDefinition | None = Field(
        default=None, description="The code that the run is bound to."
    )
    attempts: list[Attempt] = Field(
        default_factory=list,
        max_length=MAX_ATTEMPTS,
        description="The pods that were to execute the run, the first one first.",
    )
    next_attempt_at: Annotated[str, Field(json_schema_extra=DATE_TIME)] | None = Field(
        default=None, description="When the next attempt begins, of a run that is tried again."
    )
    started_at: Annotated[str, Field(json_schema_extra=DATE_TIME)] | None = Field(
        default=None, description="When the job's process began."
    )
    finished_at: Annotated[str, Field(json_schema_extra=DATE_TIME)] | None = Field(
        default=None, description="When the job's process ended, or the run was rejected."
    )
    duration_seconds: float | None = Field(
        default=None, ge=0, description="Seconds between startedAt and finishedAt."
    )
    result: JsonValue | None = Field(
        default=None,
        description="What run() returned, at most 16 KiB of JSON.",
        json_schema_extra=FREE_FORM,
    )
    result_truncated: bool | None = Field(
        default=None,
        description=(
            "True: what run() returned was too large to stand here. The one of files whose kind is "
            "Result holds it."
        ),
    )
    cancellation: Cancellation | None = Field(
        default=None, description="Of a run that was to be cancelled: by whom, and how that went."
    )
    error: RunError | None = Field(default=None, description="Why the run did not succeed.")
    log: RunLog | None = Field(default=None, description="The end of the log, and its counts.")
    progress: RunProgress | None = Field(
        default=None, description="How far the job is, where it says so."
    )
    files: Annotated[list[RunFile], Field(max_length=MAX_FILES + 1)] | None = Field(
        default=None, description="Files that the job made."
    )
    files_message: str | None = Field(default=None, description="Which files are missing, and why.")
    compacted: bool | None = Field(
        default=None,
        description=(
            "True: the run is over as ttlSecondsAfterFinished or historyLimits say, and was "
            "stripped of its log, files, result and traceback. It is not deleted: Flux or Argo CD "
            "would make it again, and it would run again."
        ),
    )
    conditions: list[Condition] = Field(
        default_factory=list,
        max_length=16,
        description=(
            "Finished (true either way), Succeeded, Failed, Ready; Reconciling while it lives, "
            "Stalled when it ended badly."
        ),
        json_schema_extra=CONDITION_LIST,
    )


class JobRun(ApiModel):
    """One execution of a job."""

    metadata: Metadata
    spec: JobRunSpec
    status: JobRunStatus = Field(default_factory=JobRunStatus)

    @property
    def finished(self) -> bool:
        """Return whether the run's status is final."""
        return self.status.phase in TERMINAL_PHASES
