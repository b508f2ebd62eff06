"""The wire between operator and pod: what a pod is told, what it says, and where it finds things.

Standard library only, because it shares the interpreter with the authors' own requirements.
"""

from typing import TYPE_CHECKING, Any

from davit_contract.codec import MessageError, decode, encode
from davit_contract.messages import (
    VERSION,
    ErrorInfo,
    Layout,
    OutcomeReason,
    PartType,
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
    from davit_contract.outcomes import LogCounts, Outcome
    from davit_contract.printed import FileContent, LogRecord, PartRecord, ProgressRecord

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


# By module; the rest stands in ``discovery``.
_HOMES = {
    "outcomes": {"LogCounts", "Outcome"},
    "printed": {"FileContent", "LogRecord", "PartRecord", "ProgressRecord"},
}


def __getattr__(name: str) -> Any:
    """Import the other messages when they are asked for: every run would wait for them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 (see above)

    home = next((home for home, names in _HOMES.items() if name in names), "discovery")
    return getattr(import_module(f"davit_contract.{home}"), name)
