"""How pods of the small world end by themselves, and why they may not begin."""

from __future__ import annotations

from tests.unit.world.api_server import Raw
from tests.unit.world.reading import subject_of

from davit_contract import Outcome, OutcomeReason, encode

# How a pod may end by itself: what its runner says, exit code, what the kubelet says.
ENDS: tuple[tuple[OutcomeReason | None, int, str], ...] = (
    (OutcomeReason.SUCCEEDED, 0, "Completed"),
    (OutcomeReason.JOB_FAILED, 1, "Error"),
    (OutcomeReason.TIME_LIMIT_EXCEEDED, 137, "Error"),
    (OutcomeReason.IMPORT_FAILED, 1, "Error"),
    (None, 137, "OOMKilled"),
    (None, 1, "Error"),
    (None, 128, "StartError"),
)
# Why a container does not run yet.
WAITS = ("ContainerCreating", "ImagePullBackOff", "CreateContainerConfigError", "InvalidImageName")


def last_word(pod: Raw, reason: OutcomeReason, code: int, moment: str) -> str:
    """Return the runner's Outcome, as its termination message; ``moment`` is in whole seconds."""
    precise = moment.replace("Z", ".000000Z")
    return encode(
        Outcome(
            subject=subject_of(pod),
            reason=reason,
            exit_code=code,
            started_at=precise,
            finished_at=precise,
            last_sequence=0,
        )
    )
