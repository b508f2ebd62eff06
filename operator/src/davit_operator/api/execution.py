"""How runs of a definition are executed: how many at once, how often, how long they are kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from davit_operator.api.base import ApiModel
from davit_operator.api.runner import Resources

MAX_SECONDS = 604_800
# A status lists the attempts of a run.
MAX_RETRIES = 20

LogLevel = Literal["DEBUG", "INFO", "SUCCESS", "WARNING", "FAILURE", "ERROR", "CRITICAL"]


class ConcurrencyPolicy(StrEnum):
    """What becomes of a run for which there is no room."""

    ALLOW = "Allow"
    FORBID = "Forbid"
    QUEUE = "Queue"
    REPLACE = "Replace"


class Concurrency(ApiModel):
    """How many runs of a definition may be live at once."""

    policy: ConcurrencyPolicy | None = Field(
        default=None,
        description=(
            "What becomes of a run while others have all the room. Allow: there is always room. "
            "Forbid: it is Rejected. Queue: it waits for its turn, first come first served. "
            "Replace: the oldest that runs is cancelled for it. Default: Allow; of a singleton "
            "Forbid."
        ),
    )
    limit: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=1, description="How many may be live at once, with any policy but Allow."
    )


class Retries(ApiModel):
    """When the job of a run is executed once more. Its code never runs twice unless asked."""

    limit: Annotated[int, Field(ge=0, le=MAX_RETRIES)] = Field(
        default=0,
        description="How often a run is tried again whose job raised, crashed, or took too long.",
    )
    infrastructure_limit: Annotated[int, Field(ge=0, le=MAX_RETRIES)] = Field(
        default=0,
        description=(
            "How often a run is tried again whose pod was evicted, preempted, or on a node that "
            "was lost, though its job may have begun. One that had not begun always is, within "
            "the start deadline."
        ),
    )
    backoff_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=10, description="Seconds before the first retry; twice as many before each next."
    )
    max_backoff_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=300, description="Seconds before a retry at most."
    )


class HistoryLimits(ApiModel):
    """How many finished runs of a definition are kept; the oldest are deleted first."""

    succeeded: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=20, description="How many that succeeded."
    )
    failed: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=20, description="How many that failed, were cancelled or rejected."
    )


class Override(StrEnum):
    """A key of JobRun.spec.overrides."""

    LOG_LEVEL = "logLevel"
    PROFILE = "profile"
    RESOURCES = "resources"
    SOFT_TIME_LIMIT_SECONDS = "softTimeLimitSeconds"
    TIME_LIMIT_SECONDS = "timeLimitSeconds"


class RunOverrides(ApiModel):
    """What a run has otherwise than its definition; an absent key is as the definition says."""

    log_level: LogLevel | None = Field(
        default=None, description="Records below this level are not kept."
    )
    profile: bool | None = Field(
        default=None,
        description="True: run() is measured, and the profile kept as a file (.pstats).",
    )
    resources: Resources | None = Field(
        default=None, description="CPU and memory of the runner container."
    )
    soft_time_limit_seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS)] | None = Field(
        default=None, description="Seconds after which SoftTimeLimitExceeded is raised in run()."
    )
    time_limit_seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS)] | None = Field(
        default=None, description="Seconds after which the job is killed."
    )

    @property
    def given(self) -> frozenset[Override]:
        """Return the keys that are set."""
        said = self.model_dump(by_alias=True, exclude_none=True)
        return frozenset(Override(name) for name in said)
