"""What a run's pod is told, and the words of all messages.

Every message that crosses the wire is a frozen dataclass; its JSON keys are the field names.
Readers ignore unknown fields and refuse unknown versions, so a field may be added freely and a
changed meaning needs a new ``VERSION``. ``tests/contract`` holds golden JSON for each version.

To make such a class takes a millisecond. What a job need not wait for before its first line stands
in modules of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

VERSION: Literal[1] = 1


class Layout(StrEnum):
    """How a repository's modules are found (the routes of Nautobot's "Installing Jobs")."""

    # Only ``<slug>.jobs`` and what it imports.
    REPOSITORY = "Repository"
    # Every top-level module and package.
    JOBS_ROOT = "JobsRoot"
    # Modules installed in the runner image.
    APP = "App"


class OutcomeReason(StrEnum):
    """How a run or a discovery ended, as the supervisor saw it. API: add, never rename."""

    SUCCEEDED = "Succeeded"
    # The author's code raised, or called ``self.fail()``.
    JOB_FAILED = "JobFailed"
    # The process died: a signal, ``os._exit``, a segmentation fault.
    JOB_CRASHED = "JobCrashed"
    # The kernel killed the process: the container's memory was used up.
    OUT_OF_MEMORY = "OutOfMemory"
    # The module or the class could not be imported.
    IMPORT_FAILED = "ImportFailed"
    # The inputs do not fit the class's variables.
    INVALID_INPUTS = "InvalidInputs"
    SOFT_TIME_LIMIT_EXCEEDED = "SoftTimeLimitExceeded"
    TIME_LIMIT_EXCEEDED = "TimeLimitExceeded"
    CANCELLED = "Cancelled"
    # The mounted parts do not hash to the digest in the request.
    ARTIFACT_CORRUPT = "ArtifactCorrupt"
    # The request is missing, malformed or of a version that this runner does not read.
    INVALID_REQUEST = "InvalidRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a run's pod is told; it is the pod's annotation ``davit.dev/request``."""

    version: int = VERSION
    # Uid of the JobRun; the Outcome repeats it, so that a stale or forged one is recognised.
    subject: str
    namespace: str
    name: str
    attempt: int = 1
    class_path: str
    slug: str
    layout: Layout
    commit: str
    # ``sha256:<64 hex>`` over the concatenated artifact parts.
    artifact_digest: str
    artifact_parts: int
    inputs: dict[str, Any] = field(default_factory=dict)
    requested_by: str = ""
    # Records below this level are not written.
    log_level: str = "DEBUG"
    # Seconds on a clock that starts with the author's process; 0 means no limit.
    soft_time_limit_seconds: int = 300
    time_limit_seconds: int = 600
    # Seconds between SIGTERM and the kill of the author's process.
    cancel_grace_seconds: int = 30
    # Name of the JobDefinition.
    definition: str = ""
    # Layout App: the modules to import; none means those that the installed distributions name.
    modules: list[str] = field(default_factory=list)
    # How many more attempts follow when the job fails in this one.
    retries_left: int = 0
    # Measure ``run()`` with cProfile, and attach what was measured as a file.
    profile: bool = False
    # Variables whose values are files: by name, the ``file`` below ``INPUTS_PATH`` and the ``kind``
    # (Secret or ConfigMap), ``name`` and ``key`` that it shows.
    inputs_from: dict[str, dict[str, str]] = field(default_factory=dict)
    # Secrets whose keys become environment variables: the ``folder`` below ``ENVIRONMENT_PATH``
    # with a file for each key, the Secret's ``name``, and the ``prefix`` of the variables.
    environment_from: list[dict[str, str]] = field(default_factory=list)
    # Environment variables of the container that no Secret replaces.
    environment: list[str] = field(default_factory=list)
    # What files may have together that the log has no room for; 0: no volume is mounted for them.
    files_max_bytes: int = 0
    # Variables that are secret, whatever the class says.
    sensitive: list[str] = field(default_factory=list)


class PartType(StrEnum):
    """What the pieces of a longer JSON document make when joined."""

    # The value that ``run()`` returned.
    RESULT = "result"
    # A JobDescription.
    DESCRIPTION = "description"
    # A DiscoveryProblem.
    PROBLEM = "problem"
    # A FileContent.
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorInfo:
    """Why the author's code did not succeed."""

    # Name of the exception's class, or ``""`` where none was raised.
    type: str
    message: str
    # As Python prints it; its beginning is cut when the Outcome would not fit.
    traceback: str = ""
