"""The wire between operator and pod: what a pod is told, what it says, and where it finds things.

Standard library only, because it shares the interpreter with the authors' own requirements.
"""

from davit_contract.codec import MessageError, decode, encode
from davit_contract.messages import (
    VERSION,
    DiscoveryProblem,
    DiscoveryRequest,
    ErrorInfo,
    JobDescription,
    Layout,
    LogCounts,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    RunRequest,
    VariableDescription,
)

__all__ = [
    "VERSION",
    "DiscoveryProblem",
    "DiscoveryRequest",
    "ErrorInfo",
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
