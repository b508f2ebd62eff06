"""A pod's whole life: read the request, unpack the code, supervise, leave the outcome."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from davit._runner.artifact import ArtifactCorrupt, read_artifact, unpack
from davit._runner.budget import discovery_budget, run_budget
from davit._runner.child import run_job
from davit._runner.clock import utc_now
from davit._runner.fork import Task
from davit._runner.load import CodeRoot
from davit._runner.records import RecordWriter
from davit._runner.supervise import CancelSwitch, Supervisor
from davit._runner.verdict import fitted
from davit_contract import (
    ErrorInfo,
    Layout,
    MessageError,
    Outcome,
    OutcomeReason,
    RunRequest,
    decode,
    places,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._runner.budget import Budget
    from davit_contract import DiscoveryRequest

R = TypeVar("R", RunRequest, "DiscoveryRequest")


class PodPlaces(NamedTuple):
    """Where this pod finds and leaves things."""

    request_file: str = places.REQUEST_FILE
    cancel_file: str = places.CANCEL_FILE
    artifact_path: str = places.ARTIFACT_PATH
    scratch_path: str = places.SCRATCH_PATH
    termination_path: str = places.TERMINATION_PATH


def run_pod(pod: PodPlaces) -> int:
    """Run the requested job and return the container's exit code."""
    return _live(pod, RunRequest, _run_task, run_budget())


def discovery_pod(pod: PodPlaces) -> int:
    """Describe the requested repository's jobs and return the container's exit code."""
    from davit_contract import DiscoveryRequest  # noqa: PLC0415 (a run would wait for it)

    return _live(pod, DiscoveryRequest, _discovery_task, discovery_budget())


def run_task(request: RunRequest, root: CodeRoot, cancel_file: str = "") -> Task:
    """Return the supervision that ``request`` asks for."""
    return Task(
        subject=request.subject,
        body=lambda frames, interrupts: run_job(request, root, frames, interrupts),
        soft_time_limit_seconds=request.soft_time_limit_seconds,
        time_limit_seconds=request.time_limit_seconds,
        cancel_grace_seconds=request.cancel_grace_seconds,
        cancel_file=cancel_file,
    )


def discovery_task(subject: str, root: CodeRoot, time_limit_seconds: float) -> Task:
    """Return the supervision of a discovery below ``root``."""
    # It reads sources, which a run does not need and would wait for.
    from davit._runner.discover import describe_jobs  # noqa: PLC0415

    return Task(
        subject=subject,
        body=lambda frames, _: describe_jobs(root, frames),
        time_limit_seconds=time_limit_seconds,
        cancel_grace_seconds=0,
    )


def _run_task(request: RunRequest, root: CodeRoot, pod: PodPlaces) -> Task:
    return run_task(request, root, pod.cancel_file)


def _discovery_task(request: DiscoveryRequest, root: CodeRoot, _: PodPlaces) -> Task:
    return discovery_task(request.subject, root, request.time_limit_seconds)


def _live(
    pod: PodPlaces,
    request_type: type[R],
    task_of: Callable[[R, CodeRoot, PodPlaces], Task],
    budget: Budget,
) -> int:
    switch = CancelSwitch()
    try:
        request = _read_request(pod, request_type)
    except MessageError as error:
        return _end(pod, _refusal("", OutcomeReason.INVALID_REQUEST, error))
    try:
        root = _unpacked(pod, request)
    except ArtifactCorrupt as error:
        return _end(pod, _refusal(request.subject, OutcomeReason.ARTIFACT_CORRUPT, error))
    writer = RecordWriter(lambda _, line: _print(line), budget, utc_now)
    return _end(pod, Supervisor(task_of(request, root, pod), writer, switch).supervise())


def _read_request(pod: PodPlaces, request_type: type[R]) -> R:
    """Return the request.

    Raises:
        MessageError: it is missing, malformed, or asks for what cannot be.
    """
    try:
        with open(pod.request_file, encoding="utf-8") as file:  # noqa: PTH123 (pathlib costs the run path 7 ms)
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise MessageError(f"The request cannot be read: {error}.") from error
    request = decode(request_type, text)
    layouts = (Layout.REPOSITORY, Layout.JOBS_ROOT)
    if request.layout not in layouts:
        raise MessageError(f"Layout {request.layout!r} is none of {', '.join(layouts)}.")
    if not isinstance(request.slug, str) or not request.slug.isidentifier():
        raise MessageError(f"Slug {request.slug!r} is no Python identifier.")
    _check_types(request)
    return request


_TYPES: dict[str, Any] = {"int": int, "str": str, "dict[str, Any]": dict}


def _check_types(request: RunRequest | DiscoveryRequest) -> None:
    """Refuse values of other types than the contract's, before they surprise anyone."""
    for name, item in type(request).__dataclass_fields__.items():
        value = getattr(request, name)
        expected = _TYPES.get(str(item.type), object)
        if name.endswith("_seconds"):
            # A fraction of a second is a time, too.
            expected = (int, float)
        if not isinstance(value, expected):
            raise MessageError(f"{name} is {value!r}, but must be {item.type}.")
        if isinstance(value, int | float) and value < 0:
            raise MessageError(f"{name} is {value!r}, but must not be negative.")


def _unpacked(pod: PodPlaces, request: RunRequest | DiscoveryRequest) -> CodeRoot:
    data = read_artifact(pod.artifact_path, request.artifact_parts, request.artifact_digest)
    target = f"{pod.scratch_path}/code"
    layout = Layout(request.layout)
    if layout is Layout.REPOSITORY:
        target += f"/{request.slug}"
    unpack(data, target)
    return CodeRoot(path=target, layout=layout, slug=request.slug)


def _print(line: bytes) -> None:
    while line:
        line = line[os.write(1, line) :]


def _refusal(subject: str, reason: OutcomeReason, error: Exception) -> Outcome:
    now = utc_now()
    return Outcome(
        subject=subject,
        reason=reason,
        exit_code=1,
        started_at=now,
        finished_at=now,
        last_sequence=0,
        error=ErrorInfo(type=reason, message=str(error)),
    )


def _end(pod: PodPlaces, outcome: Outcome) -> int:
    with open(pod.termination_path, "w", encoding="utf-8") as file:  # noqa: PTH123 (as above)
        file.write(fitted(outcome))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return 0
    return outcome.exit_code or 1
