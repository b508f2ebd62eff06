"""JobLog: a piece of a run's log that does not fit into its status."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from davit_operator.api.base import ApiModel, ObjectName
from davit_operator.api.schema import rules

# Of one object's data, in characters of Base64: an object of etcd has 1.5 MiB in all.
MAX_DATA_CHARACTERS = 512 * 1024
MAX_CHUNKS = 64


class RunReference(ApiModel):
    """The run that an object belongs to."""

    name: ObjectName = Field(description="Name of the JobRun, in the same namespace.")
    uid: str = Field(
        description="Its metadata.uid: another run may have its name later.", max_length=64
    )


class JobLogSpec(ApiModel):
    """Records of a run's log, one after another. Immutable."""

    model_config = rules(("self == oldSelf", "a JobLog is immutable"))

    run_ref: RunReference = Field(description="The run whose log this is a piece of.")
    attempt: int = Field(default=1, ge=1, description="Which of the run's attempts wrote it.")
    index: int = Field(
        ge=0, le=MAX_CHUNKS - 1, description="Place among the pieces of the attempt's log, from 0."
    )
    first_sequence: int = Field(ge=1, description="Sequence number of the first record.")
    last_sequence: int = Field(
        ge=1,
        description="Sequence number up to which this piece tells everything there is to tell.",
    )
    encoding: Literal["gzip"] = Field(
        default="gzip", description="gzip: JSON lines, compressed by gzip, then Base64."
    )
    data: str = Field(
        max_length=MAX_DATA_CHARACTERS,
        description=(
            "The records, one JSON object a line: sequence, time, level, grouping, message, "
            "object, continued. `base64 -d | gunzip` shows them."
        ),
    )
