"""What became of the wish to end a run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from davit_operator.api.base import ApiModel
from davit_operator.api.schema import DATE_TIME


class CancelEnd(StrEnum):
    """How a run ended that was to be cancelled."""

    # It had not been started.
    NOT_STARTED = "NotStarted"
    # Its job ended by itself when it was told to.
    GRACEFUL = "Graceful"
    # Its job did not, and was killed.
    FORCED = "Forced"
    # It had ended before it could be told.
    TOO_LATE = "TooLate"


class Cancellation(ApiModel):
    """Who had the run cancelled, and what came of it."""

    requested_by: str | None = Field(
        default=None, description="User who set spec.cancel, where admission wrote it."
    )
    requested_at: Annotated[str, Field(json_schema_extra=DATE_TIME)] | None = Field(
        default=None, description="When the operator saw it."
    )
    end: CancelEnd | None = Field(
        default=None,
        description=(
            "NotStarted, Graceful (its job ended when told), Forced (it was killed), or TooLate "
            "(it had ended by then); absent while it is under way."
        ),
    )
