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
    # Layout App: the modules to import; none: those of the entry point group ``davit.jobs``.
    modules: list[str] = field(default_factory=list)
    time_limit_seconds: int = 60
    # Of each module; a module that takes longer is a problem of that module.
    module_time_limit_seconds: int = 10
    # Of the process that imports; 0 means no limit.
    memory_limit_bytes: int = 0
    # Below the process that imports.
    process_limit: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceDescription:
    """One value that a choice accepts."""

    value: str
    # What people read; the heading that it stands under, or ``""``.
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableDescription:
    """One variable of a job class: everything that is needed to check a value without the code."""

    name: str
    # ``StringVar``, ``IntegerVar``, ...; of a subclass of an author's own the nearest of davit's.
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
    # None: not a variable with choices.
    choices: list[ChoiceDescription] | None = None
    # Of networks.
    min_prefix_length: int | None = None
    max_prefix_length: int | None = None
    # Of objects: dotted path of their class, what is shown of them, and what narrows the selection.
    model: str | None = None
    display_field: str | None = None
    query_params: dict[str, Any] | None = None
    # What people read for "no object"; the value that says so is ``"null"``.
    null_option: str | None = None


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
    console_log_default: bool = False
    has_sensitive_variables: bool = True
    soft_time_limit_seconds: int = 0
    time_limit_seconds: int = 0
    task_queues: list[str] = field(default_factory=list)
    template_name: str = ""
    field_order: list[str] = field(default_factory=list)
    # What the class asks for and davit accepts without acting on it, in sentences.
    notes: list[str] = field(default_factory=list)
    variables: list[VariableDescription] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryProblem:
    """Why a module, or a class in it, gave no job."""

    version: int = VERSION
    # Path below the repository's root; line 0 where none is known.
    path: str
    line: int = 0
    message: str
