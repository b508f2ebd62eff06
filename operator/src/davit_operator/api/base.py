"""What every model of our API shares."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class ApiModel(BaseModel):
    """A frozen value whose JSON keys are camelCase.

    Unknown fields are ignored: the CRD's schema already refused typing errors, and a newer
    operator may have written fields that this one does not know.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )


class ObjectKey(NamedTuple):
    """Where a namespaced object stands."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Return ``namespace/name``, as kubectl prints it."""
        return f"{self.namespace}/{self.name}"


ObjectName = Annotated[
    str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
]


# What a status speaks of before the operator has spoken. kstatus takes an object without any status
# for done; the CRDs' default, as Flux's, says that it is not.
UNOBSERVED = -1
ObservedGeneration = Annotated[
    int,
    Field(
        ge=UNOBSERVED,
        description="The metadata.generation that this status speaks of; -1: of none yet.",
    ),
]


class LocalObjectReference(ApiModel):
    """Names another object of the same namespace."""

    name: ObjectName = Field(description="Name of the object, in the same namespace.")


class Metadata(ApiModel):
    """The part of ``metadata`` that we read."""

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str = ""
    deletion_timestamp: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> ObjectKey:
        """Return where the object stands."""
        return ObjectKey(self.namespace, self.name)
