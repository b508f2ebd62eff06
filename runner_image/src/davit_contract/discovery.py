"""The messages of a discovery: what its pod is told, and what it says about jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from davit_contract.messages import VERSION, Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryRequest:
    """What a discovery pod is told; it is the pod's annotation ``davit.dev/request``."""

    version: int = VERSION
    # Repeated by the Outcome; the operator sets it to the artifact's digest.
    subject: str
    slug: str
    layout: Layout
    commit: str
    artifact_digest: str
    artifact_parts: int
    time_limit_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableDescription:
    """One variable of a job class: everything that is needed to check a value without the code."""

    name: str
    # The class's name: ``StringVar``, ``IntegerVar``, ...
    type: str
    label: str = ""
    description: str = ""
    required: bool = True
    default: Any = None
    sensitive: bool = False
    min_length: int | None = None
    max_length: int | None = None
    # Searched, not matched in full, as Nautobot does.
    regex: str | None = None
    # RE2 gives the same verdict, so admission may evaluate it.
    regex_portable: bool = False
    min: int | None = None
    max: int | None = None
    choices: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDescription:
    """What discovery says about one registered job class."""

    version: int = VERSION
    class_path: str
    name: str
    grouping: str
    description: str = ""
    # ``Job``, ``JobHookReceiver`` or ``JobButtonReceiver``.
    kind: str = "Job"
    # Path below the repository's root, and line, of the class.
    source_path: str = ""
    source_line: int = 0
    hidden: bool = False
    read_only: bool = False
    is_singleton: bool = False
    supports_dryrun: bool = False
    dryrun_default: bool = False
    has_sensitive_variables: bool = True
    soft_time_limit_seconds: int = 0
    time_limit_seconds: int = 0
    variables: list[VariableDescription] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryProblem:
    """Why a module, or a class in it, gave no job."""

    version: int = VERSION
    # Path below the repository's root; line 0 where none is known.
    path: str
    line: int = 0
    message: str
