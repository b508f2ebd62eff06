"""JobDefinition: one job class, enabled by an admin."""

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
from davit_operator.api.conditions import Condition
from davit_operator.api.execution import (
    MAX_SECONDS,
    Concurrency,
    HistoryLimits,
    Override,
    Retries,
)
from davit_operator.api.inputs_from import InputsFrom
from davit_operator.api.runner import RunnerSettings
from davit_operator.api.schema import CONDITION_LIST, FREE_FORM, validations
from davit_operator.api.variable import Variable

Seconds = Annotated[int, Field(ge=0, le=MAX_SECONDS)]
CLASS_PATH = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"
MAX_CLASS_PATH = 253
MAX_VARIABLES = 256
MAX_QUEUES = 64
MAX_NOTES = 64


class LogTail(StrEnum):
    """Where the end of a run's log stands."""

    STATUS = "Status"
    NONE = "None"


class Overrides(ApiModel):
    """What an admin says instead of the class; an absent key leaves what the class says."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Display name of the job."
    )
    grouping: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="Group of jobs that this one is shown in."
    )
    description: Annotated[str, Field(max_length=4096)] | None = Field(
        default=None, description="What the job does."
    )
    hidden: bool | None = Field(default=None, description="Whether lists leave the job out.")
    dryrun_default: bool | None = Field(
        default=None, description="Default of the variable dryrun, in a job that has one."
    )
    has_sensitive_variables: bool | None = Field(
        default=None,
        description=(
            "True: every variable is a secret, and none is accepted in spec.inputs. False: only "
            "those that the code marks; what the code marks stays a secret."
        ),
    )
    is_singleton: bool | None = Field(default=None, description="Whether only one run may be live.")
    soft_time_limit_seconds: Seconds | None = Field(
        default=None,
        description="Seconds after which SoftTimeLimitExceeded is raised in run(); 0: the default.",
    )
    time_limit_seconds: Seconds | None = Field(
        default=None, description="Seconds after which the job is killed; 0: the default."
    )


class JobDefinitionSpec(ApiModel):
    """What the admin decides. The operator never writes it on an existing definition."""

    repository_ref: LocalObjectReference = Field(
        description="JobRepository that holds the class. Immutable.",
        json_schema_extra=validations(("self == oldSelf", "repositoryRef is immutable")),
    )
    class_path: str = Field(
        min_length=3,
        max_length=MAX_CLASS_PATH,
        pattern=CLASS_PATH,
        description=(
            "Path of the job class: module that defines it, a dot, its name; for example "
            "netops.jobs.vlans.SyncVlans. Immutable."
        ),
        json_schema_extra=validations(("self == oldSelf", "classPath is immutable")),
    )
    enabled: bool = Field(
        default=False, description="True: JobRuns of this definition are started. Default: false."
    )
    overrides: Overrides = Field(
        default_factory=Overrides, description="What is said here wins over what the class says."
    )
    start_deadline_seconds: Annotated[int, Field(ge=1, le=86_400)] = Field(
        default=300,
        description="Seconds within which a run's pod must start, or the run ends with the cause.",
    )
    log_tail: LogTail = Field(
        default=LogTail.STATUS,
        description=(
            "Status: the end of the log and the traceback of an error stand in the JobRun's "
            "status. None: they stand in JobLog objects alone, for those who may read these. "
            "Default: Status."
        ),
    )
    cancel_grace_seconds: Annotated[int, Field(ge=1, le=3_600)] = Field(
        default=30,
        description="Seconds that a cancelled job has to tidy up, before it is killed.",
    )
    concurrency: Concurrency = Field(
        default_factory=Concurrency, description="How many runs may be live at once."
    )
    retries: Retries = Field(
        default_factory=Retries, description="When the job of a run is executed once more."
    )
    history_limits: HistoryLimits = Field(
        default_factory=HistoryLimits,
        description=(
            "How many finished runs are kept. One that Flux or Argo CD manages is never deleted: "
            "it loses its log and files instead."
        ),
    )
    allowed_overrides: Annotated[list[Override], Field(max_length=len(Override))] = Field(
        default_factory=list,
        description="Keys that spec.overrides of a JobRun may have; none: it may override nothing.",
    )
    runner: RunnerSettings = Field(
        default_factory=RunnerSettings,
        description="How pods of this job look; absent keys are the repository's.",
    )
    inputs: dict[str, JsonValue] = Field(
        default_factory=dict,
        max_length=256,
        description=(
            "Values that are the same for each run, by variable; a JobRun may not set them. At "
            "most 64 KiB of JSON, and no secrets."
        ),
        json_schema_extra=FREE_FORM,
    )
    inputs_from: InputsFrom = Field(
        default_factory=list,
        description=(
            "Variables whose values stand in Secrets and ConfigMaps; a JobRun may not set them, "
            "and who creates one need not be allowed to read those."
        ),
    )


class SourceLocation(ApiModel):
    """Where the class stands in its repository."""

    path: str = Field(default="", description="File, below the repository's root.")
    line: int = Field(default=0, ge=0, description="Line on which the class begins.")


class Effective(ApiModel):
    """What is in force: the admin's override where there is one, else what the class says."""

    name: str = Field(default="", description="Display name.")
    grouping: str = Field(default="", description="Group of jobs that this one is shown in.")
    description: str = Field(default="", description="What the job does.")
    hidden: bool = Field(default=False, description="Whether lists leave the job out.")
    dryrun_default: bool = Field(default=False, description="Default of the dryrun variable.")
    has_sensitive_variables: bool = Field(default=True, description="Whether inputs may be secret.")
    is_singleton: bool = Field(default=False, description="Whether only one run may be live.")
    soft_time_limit_seconds: int = Field(
        default=0, ge=0, description="Soft limit in seconds; 0: the operator's."
    )
    time_limit_seconds: int = Field(
        default=0, ge=0, description="Hard limit in seconds; 0: the operator's."
    )


class JobDefinitionStatus(ApiModel):
    """What discovery found out, and what of it is in force. Written by the operator."""

    observed_generation: ObservedGeneration = UNOBSERVED
    installed: bool | None = Field(
        default=None, description="Whether the commit that is served holds the class."
    )
    commit: str = Field(default="", description="Commit that this description is of.")
    digest: str = Field(default="", description="sha256:… of the packed code.")
    parts: Annotated[int, Field(ge=0, le=16)] = Field(
        default=0, description="Number of ConfigMaps that hold the packed code."
    )
    image: str = Field(
        default="",
        description=(
            "Image that the class was found in, by its digest: runs use no other. Empty for code "
            "of a repository, and where the kubelet reports no digest that can be pulled."
        ),
    )
    source: SourceLocation = Field(
        default_factory=SourceLocation, description="Where the class stands in the repository."
    )
    effective: Effective = Field(
        default_factory=Effective,
        description="What is in force; beside it stands what the class says.",
    )
    name: str = Field(default="", description="Display name, as the class says.")
    grouping: str = Field(default="", description="Group of jobs that this one belongs to.")
    description: str = Field(default="", description="What the job does, as the class says.")
    kind: str = Field(default="Job", description="Job, JobHookReceiver or JobButtonReceiver.")
    hidden: bool = Field(default=False, description="Whether lists leave the job out.")
    read_only: bool = Field(default=False, description="Whether the class says it changes nothing.")
    is_singleton: bool = Field(default=False, description="Whether only one run may be live.")
    supports_dryrun: bool = Field(default=False, description="Whether there is a dryrun variable.")
    dryrun_default: bool = Field(default=False, description="Default of the dryrun variable.")
    console_log_default: bool = Field(
        default=False, description="Whether the class asks for a console log; davit always has one."
    )
    has_sensitive_variables: bool = Field(
        default=True, description="Whether the class says its inputs may be secret."
    )
    soft_time_limit_seconds: int = Field(
        default=0, ge=0, description="Soft limit of the class in seconds; 0: the default."
    )
    time_limit_seconds: int = Field(
        default=0, ge=0, description="Hard limit of the class in seconds; 0: the default."
    )
    task_queues: Annotated[list[str], Field(max_length=MAX_QUEUES)] = Field(
        default_factory=list, description="Queues that the class names; without effect here."
    )
    template_name: str = Field(
        default="", description="Form template that the class names; without effect here."
    )
    field_order: Annotated[list[str], Field(max_length=MAX_VARIABLES)] = Field(
        default_factory=list, description="Variables that the class wants first, in this order."
    )
    notes: Annotated[list[str], Field(max_length=MAX_NOTES)] = Field(
        default_factory=list, description="What of the class has no effect here, in sentences."
    )
    variables: list[Variable] = Field(
        default_factory=list,
        max_length=MAX_VARIABLES,
        description="The job's inputs, with the overrides applied.",
    )
    sensitive_variables: Annotated[list[str], Field(max_length=MAX_VARIABLES)] | None = Field(
        default=None, description="Variables that the code itself marks as secrets."
    )
    conditions: list[Condition] = Field(
        default_factory=list,
        max_length=16,
        description="Ready: the definition is healthy; its reason says whether it is enabled.",
        json_schema_extra=CONDITION_LIST,
    )


class JobDefinition(ApiModel):
    """A job that users may run once an admin has enabled it."""

    metadata: Metadata
    spec: JobDefinitionSpec
    status: JobDefinitionStatus = Field(default_factory=JobDefinitionStatus)
