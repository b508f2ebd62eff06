"""davit: write Nautobot-style Python jobs, and run them here or on Kubernetes."""

from typing import TYPE_CHECKING, Any

from davit._compat import install as _install_compat
from davit._job import BaseJob, Job
from davit._logs import get_task_logger
from davit._registry import get_job, get_jobs, is_job, register_jobs
from davit._variables import ScriptVariable, is_variable
from davit.exceptions import AbortTransaction, RunJobTaskFailed, SoftTimeLimitExceeded

if TYPE_CHECKING:
    from davit._receivers import JobButtonReceiver, JobHookReceiver
    from davit._variables import (
        BooleanVar,
        ChoiceVar,
        DryRunVar,
        FileVar,
        IntegerVar,
        IPAddressVar,
        IPAddressWithMaskVar,
        IPNetworkVar,
        JSONVar,
        MultiChoiceVar,
        MultiObjectVar,
        ObjectSource,
        ObjectVar,
        StringVar,
        TextVar,
        UploadedFile,
    )

__all__ = [
    "AbortTransaction",
    "BaseJob",
    "BooleanVar",
    "ChoiceVar",
    "DryRunVar",
    "FileVar",
    "IPAddressVar",
    "IPAddressWithMaskVar",
    "IPNetworkVar",
    "IntegerVar",
    "JSONVar",
    "Job",
    "JobButtonReceiver",
    "JobHookReceiver",
    "MultiChoiceVar",
    "MultiObjectVar",
    "ObjectSource",
    "ObjectVar",
    "RunJobTaskFailed",
    "ScriptVariable",
    "SoftTimeLimitExceeded",
    "StringVar",
    "TextVar",
    "UploadedFile",
    "get_job",
    "get_jobs",
    "get_task_logger",
    "is_job",
    "is_variable",
    "register_jobs",
]

_install_compat()


def __getattr__(name: str) -> Any:
    """Import the variables and receivers when they are asked for: every run waits for imports."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 (already loaded, whoever asks)

    home = "_receivers" if name.endswith("Receiver") else "_variables"
    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found
