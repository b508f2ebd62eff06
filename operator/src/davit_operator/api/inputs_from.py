"""Values of variables that stand in Secrets and ConfigMaps, and are named by key."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from davit_operator.api.base import ApiModel, ObjectName
from davit_operator.api.schema import rules

MAX_INPUTS_FROM = 20
KEY = r"^[-._a-zA-Z0-9]+$"


class KeyReference(ApiModel):
    """Names one key of a Secret or ConfigMap of the same namespace."""

    name: ObjectName = Field(description="Name of the object, in the same namespace.")
    key: str = Field(min_length=1, max_length=253, pattern=KEY, description="Key in it.")


class InputFrom(ApiModel):
    """One variable, and the key that holds its value."""

    model_config = rules(
        (
            "has(self.secretKeyRef) != has(self.configMapKeyRef)",
            "set exactly one of secretKeyRef and configMapKeyRef",
        )
    )

    variable: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[^\s\x00-\x1f]+$",
        description="Name of the job's variable.",
    )
    secret_key_ref: KeyReference | None = Field(
        default=None, description="Key of a Secret. Nothing that the run says shows its value."
    )
    config_map_key_ref: KeyReference | None = Field(
        default=None, description="Key of a ConfigMap; not for what is secret."
    )

    @property
    def kind(self) -> str:
        """Return Secret or ConfigMap."""
        return "Secret" if self.secret_key_ref else "ConfigMap"

    @property
    def reference(self) -> KeyReference:
        """Return which key of which object it is; the CRD sees to it that there is one."""
        found = self.secret_key_ref or self.config_map_key_ref
        if found is None:
            raise ValueError(f"inputsFrom of {self.variable} names neither Secret nor ConfigMap")
        return found


# Each variable once, so that two writers can own different ones.
_BY_VARIABLE: dict[str, JsonValue] = {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["variable"],
}
InputsFrom = Annotated[
    list[InputFrom], Field(max_length=MAX_INPUTS_FROM, json_schema_extra=_BY_VARIABLE)
]
