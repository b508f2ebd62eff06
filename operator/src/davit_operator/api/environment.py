"""Environment variables of the runner: as core/v1 has them, but for what would show a secret."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from davit_operator.api.base import ApiModel, LocalObjectReference
from davit_operator.api.inputs_from import KeyReference
from davit_operator.api.schema import rules

MAX_ENV = 64
MAX_ENV_FROM = 8
MAX_VALUE_CHARACTERS = 8_192
_NAME = r"^[-._a-zA-Z][-._a-zA-Z0-9]*$"


class EnvSource(ApiModel):
    """Where a value stands."""

    config_map_key_ref: KeyReference = Field(
        description="Key of a ConfigMap. A Secret belongs into envFrom, or into inputsFrom."
    )


class EnvVar(ApiModel):
    """One variable, and its value, which everybody may read who may read pods."""

    model_config = rules(
        (
            "has(self.value) != has(self.valueFrom)",
            "set exactly one of value and valueFrom",
        )
    )

    name: str = Field(min_length=1, max_length=253, pattern=_NAME, description="Its name.")
    value: Annotated[str, Field(max_length=MAX_VALUE_CHARACTERS)] | None = Field(
        default=None, description="Its value; $(OTHER) is replaced, as in core/v1."
    )
    value_from: EnvSource | None = Field(default=None, description="Where its value stands.")


class EnvFrom(ApiModel):
    """A Secret whose keys become variables of the job's process, and of nothing else."""

    prefix: str = Field(
        default="", max_length=64, pattern=r"^[-._a-zA-Z0-9]*$", description="Put before each key."
    )
    secret_ref: LocalObjectReference = Field(
        description="The Secret. Nothing that a run says shows its values."
    )


_BY_NAME: dict[str, JsonValue] = {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
}
Env = Annotated[list[EnvVar], Field(max_length=MAX_ENV, json_schema_extra=_BY_NAME)]
EnvsFrom = Annotated[list[EnvFrom], Field(max_length=MAX_ENV_FROM)]
