"""JobFile: a piece of a file that a run made."""

from __future__ import annotations

from pydantic import Field

from davit_operator.api.base import ApiModel
from davit_operator.api.joblog import MAX_DATA_CHARACTERS, RunReference
from davit_operator.api.schema import rules

# Of those that the job makes; its result may be one more.
MAX_FILES = 64
DIGEST = r"^sha256:[0-9a-f]{64}$"


class JobFileSpec(ApiModel):
    """A piece of a file. Immutable."""

    model_config = rules(
        ("self == oldSelf", "a JobFile is immutable"),
        ("self.part <= self.parts", "part counts from 1 to parts"),
    )

    run_ref: RunReference = Field(description="The run that made the file.")
    attempt: int = Field(default=1, ge=1, description="Which of the run's attempts made it.")
    name: str = Field(
        min_length=1, max_length=255, description="Name of the file, as the job chose it."
    )
    size_bytes: int = Field(ge=0, description="Size of the whole file, in bytes.")
    digest: str = Field(pattern=DIGEST, description="sha256:… of the whole file.")
    part: int = Field(ge=1, description="Place among the pieces of the file, from 1.")
    parts: int = Field(ge=1, le=16, description="How many pieces the file has.")
    data: str = Field(
        max_length=MAX_DATA_CHARACTERS,
        description="This piece of the content, as Base64; the pieces join in their order.",
    )
