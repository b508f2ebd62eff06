"""How the pods look that run the authors' code: typed fields only, no raw pod patch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from davit_operator.api.base import ApiModel, LocalObjectReference
from davit_operator.api.environment import Env, EnvsFrom

# Kubernetes takes `cpu: 1` as well as `cpu: 100m`.
Quantity = Annotated[str | int, WithJsonSchema({"x-kubernetes-int-or-string": True})]
LabelValue = Annotated[str, Field(max_length=63)]
MAX_PULL_SECRETS = 8


class Resources(ApiModel):
    """What the runner container asks for and may use at most."""

    requests: dict[str, Quantity] = Field(
        default_factory=dict, max_length=16, description="Least amounts, such as cpu: 100m."
    )
    limits: dict[str, Quantity] = Field(
        default_factory=dict, max_length=16, description="Largest amounts, such as memory: 256Mi."
    )

    def over(self, wider: Resources) -> Resources:
        """Return these amounts, and those of ``wider`` where nothing is said here."""
        return Resources(
            requests={**wider.requests, **self.requests}, limits={**wider.limits, **self.limits}
        )


class Toleration(ApiModel):
    """A taint that the pods tolerate, as core/v1 defines it."""

    key: str = Field(default="", max_length=316, description="Key of the taint; empty: all.")
    operator: Literal["Equal", "Exists"] = Field(
        default="Equal", description="How key and value are compared."
    )
    value: str = Field(default="", max_length=63, description="Value of the taint.")
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = Field(
        default="", description="Effect of the taint; empty: all."
    )
    toleration_seconds: int | None = Field(
        default=None,
        ge=0,
        le=2_147_483_647,
        description="Seconds that NoExecute is tolerated; absent: for ever.",
    )


class FilesClaim(ApiModel):
    """A volume that takes what is too large for JobFiles."""

    claim_name: str = Field(
        min_length=1, max_length=253, description="PersistentVolumeClaim of the run's namespace."
    )
    path: str = Field(
        default="",
        max_length=512,
        pattern=r"^([A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$",
        description="Folder on its volume below which each run gets one of its own.",
    )


class FilesSettings(ApiModel):
    """Where a job may leave files that are too large for JobFiles."""

    persistent_volume_claim: FilesClaim = Field(
        description=(
            "The volume. Nothing that stands there is ever deleted; of several runs at once each "
            "node must be able to mount it."
        )
    )
    max_bytes: Annotated[int, Field(ge=1, le=2**50)] = Field(
        default=2**30, description="Bytes that such files of one run may have. Default: 1 GiB."
    )


class RunnerSettings(ApiModel):
    """What an admin decides about pods; an absent key takes the next wider setting."""

    image: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="Image of the runner container, built on davit's runner image."
    )
    image_pull_secrets: list[LocalObjectReference] = Field(
        default_factory=list,
        max_length=MAX_PULL_SECRETS,
        description="Secrets for pulling the image.",
    )
    resources: Resources | None = Field(
        default=None, description="CPU and memory of the runner container."
    )
    node_selector: dict[str, LabelValue] = Field(
        default_factory=dict, max_length=16, description="Labels that a node must have."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, max_length=16, description="Taints that the pods tolerate."
    )
    priority_class_name: Annotated[str, Field(max_length=253)] | None = Field(
        default=None, description="PriorityClass of the pods."
    )
    pod_labels: dict[str, LabelValue] = Field(
        default_factory=dict, max_length=16, description="Labels added to the pods."
    )
    pod_annotations: dict[str, Annotated[str, Field(max_length=4096)]] = Field(
        default_factory=dict, max_length=16, description="Annotations added to the pods."
    )
    env: Env = Field(
        default_factory=list,
        description="Environment variables of runs that are no secrets; discovery has none.",
    )
    env_from: EnvsFrom = Field(
        default_factory=list,
        description=(
            "Secrets whose keys become environment variables of the job's process. env wins over "
            "them, and of two Secrets the later one."
        ),
    )

    files: FilesSettings | None = Field(
        default=None,
        description=(
            "Where files of create_file() go that are larger than 1 MiB, or than what is left of "
            "a run's 1.5 MiB; absent: they are refused."
        ),
    )

    def over(self, wider: RunnerSettings) -> RunnerSettings:
        """Return these settings with absent keys taken from ``wider``."""
        mine: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return wider.model_copy(update={name: value for name, value in mine.items() if value})
