"""One input of a job, as its class declares it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from davit_operator.api.base import ApiModel
from davit_operator.api.schema import FREE_FORM

MAX_CHOICES = 1_000


class Choice(ApiModel):
    """One value that a variable accepts."""

    value: str = Field(description="What spec.inputs of a JobRun says.")
    label: str = Field(default="", description="What forms call it.")
    group: str = Field(default="", description="Heading that it stands under; empty: none.")


class Variable(ApiModel):
    """One input of the job, as its class declares it."""

    name: str = Field(description="Key of JobRun.spec.inputs.")
    type: str = Field(description="Class of the variable, such as StringVar.")
    label: str = Field(default="", description="What forms call it.")
    description: str = Field(default="", description="What it is for.")
    required: bool = Field(default=True, description="Whether a value without default must be set.")
    default: JsonValue | None = Field(
        default=None, description="Value of a run that sets none.", json_schema_extra=FREE_FORM
    )
    sensitive: bool = Field(default=False, description="Whether the value is a secret.")
    min_length: int | None = Field(default=None, description="Least number of characters.")
    max_length: int | None = Field(default=None, description="Largest number of characters.")
    regex: str | None = Field(default=None, description="Pattern that is searched in the value.")
    regex_portable: bool = Field(
        default=False, description="Whether RE2 gives the same verdict as Python."
    )
    min: int | None = Field(default=None, description="Least value.")
    max: int | None = Field(default=None, description="Largest value.")
    choices: Annotated[list[Choice], Field(max_length=MAX_CHOICES)] | None = Field(
        default=None, description="Values that are accepted."
    )
    min_prefix_length: int | None = Field(
        default=None, description="Shortest prefix of a network, in bits."
    )
    max_prefix_length: int | None = Field(
        default=None, description="Longest prefix of a network, in bits."
    )
    model: str | None = Field(
        default=None, description="Class of the objects that can be selected, with its module."
    )
    display_field: str | None = Field(
        default=None, description="Attribute of an object that forms show, dotted where nested."
    )
    query_params: dict[str, JsonValue] | None = Field(
        default=None,
        description="What narrows the objects that forms offer; $other names another variable.",
        json_schema_extra=FREE_FORM,
    )
    null_option: str | None = Field(
        default=None, description='What forms call no object; the value that says so is "null".'
    )
