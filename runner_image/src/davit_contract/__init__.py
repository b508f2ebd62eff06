"""The wire between operator and pod: what a pod is told, what it says, and where it finds things.

Standard library only, because it shares the interpreter with the authors' own requirements.
"""

from typing import TYPE_CHECKING, Any

from davit_contract.codec import MessageError, decode, encode
from davit_contract.messages import (
    VERSION,
    ErrorInfo,
    FileContent,
    Layout,
    LogCounts,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    RunRequest,
)

if TYPE_CHECKING:
    from davit_contract.discovery import (
        ChoiceDescription,
        DiscoveryProblem,
        DiscoveryRequest,
        JobDescription,
        VariableDescription,
    )

__all__ = [
    "VERSION",
    "ChoiceDescription",
    "DiscoveryProblem",
    "DiscoveryRequest",
    "ErrorInfo",
    "FileContent",
    "JobDescription",
    "Layout",
    "LogCounts",
    "LogRecord",
    "MessageError",
    "Outcome",
    "OutcomeReason",
    "PartRecord",
    "PartType",
    "ProgressRecord",
    "RunRequest",
    "VariableDescription",
    "decode",
    "encode",
]


def __getattr__(name: str) -> Any:
    """Import the messages of a discovery when they are asked for: every run would wait for them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from davit_contract import discovery  # noqa: PLC0415 (see above)

    return getattr(discovery, name)
