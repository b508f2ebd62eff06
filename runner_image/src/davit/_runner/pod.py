"""A pod's whole life: read the request, unpack the code, supervise, leave the outcome."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from davit._runner.artifact import ArtifactCorrupt, read_artifact, unpack
from davit._runner.budget import discovery_budget, run_budget
from davit._runner.cancel import CancelSwitch
from davit._runner.child import run_job
from davit._runner.clock import utc_now
from davit._runner.fork import Task, forked
from davit._runner.instance import LargeFiles
from davit._runner.request import read_request
from davit._runner.root import CodeRoot
from davit_contract import (
    ErrorInfo,
    Layout,
    MessageError,
    OutcomeReason,
    RunRequest,
    places,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._runner.budget import Budget
    from davit._runner.frames import FrameWriter
    from davit._runner.interrupts import Interrupts
    from davit._runner.records import RecordWriter
    from davit._runner.references import References
    from davit_contract import DiscoveryRequest, Outcome

R = TypeVar("R", RunRequest, "DiscoveryRequest")


_STDOUT = 1


class PodPlaces(NamedTuple):
    """Where this pod finds and leaves things."""

    request_file: str = places.REQUEST_FILE
    cancel_file: str = places.CANCEL_FILE
    artifact_path: str = places.ARTIFACT_PATH
    inputs_path: str = places.INPUTS_PATH
    environment_path: str = places.ENVIRONMENT_PATH
    files_path: str = places.FILES_PATH
    scratch_path: str = places.SCRATCH_PATH
    termination_path: str = places.TERMINATION_PATH


def run_pod(pod: PodPlaces) -> int:
    """Run the requested job and return the container's exit code."""
    return _live(pod, RunRequest, _run)


def discovery_pod(pod: PodPlaces) -> int:
    """Describe the requested repository's jobs and return the container's exit code."""
    from davit_contract import DiscoveryRequest  # noqa: PLC0415 (a run would wait for it)

    return _live(pod, DiscoveryRequest, _discover)


def run_task(
    request: RunRequest,
    root: CodeRoot,
    cancel_file: str = "",
    references: References | None = None,
    files_path: str = "",
) -> Task:
    """Return the supervision that ``request`` asks for."""
    return Task(
        subject=request.subject,
        body=_body(request, root, references, files_path),
        soft_time_limit_seconds=request.soft_time_limit_seconds,
        time_limit_seconds=request.time_limit_seconds,
        cancel_grace_seconds=request.cancel_grace_seconds,
        cancel_file=cancel_file,
        secrets=references.secrets if references else (),
    )


def _body(
    request: RunRequest, root: CodeRoot, references: References | None, files_path: str
) -> Callable[[FrameWriter, Interrupts], int]:
    """Return what the child does."""
    large = None
    if request.files_max_bytes and files_path:
        secrets = references.secrets if references else ()
        large = LargeFiles(files_path, request.files_max_bytes, secrets)
    if references is None:
        return lambda frames, interrupts: run_job(request, root, frames, interrupts, large=large)

    def body(frames: FrameWriter, interrupts: Interrupts) -> int:
        os.environ.update(references.environment)  # noqa: TID251 (for the author's code)
        complete = partial(references.complete, request)
        return run_job(request, root, frames, interrupts, complete, large)

    return body


def _run(request: RunRequest, root: CodeRoot, pod: PodPlaces, switch: CancelSwitch) -> Outcome:
    if switch.asks(pod.cancel_file):
        message = "Cancelled before the job began."
        return _refusal(request.subject, OutcomeReason.CANCELLED, "JobCancelled", message)
    references = None
    if request.inputs_from or request.environment_from:
        from davit._runner.references import Unreadable, read_references  # noqa: PLC0415 (as above)

        try:
            references = read_references(request, pod.inputs_path, pod.environment_path)
        except Unreadable as error:
            reason = OutcomeReason.INVALID_INPUTS
            return _refusal(request.subject, reason, "InvalidInputs", str(error))
    task = run_task(request, root, pod.cancel_file, references, pod.files_path)
    child = forked(task)
    # What only the supervisor needs is imported while the child imports what it needs.
    from davit._runner.supervise import Supervisor  # noqa: PLC0415

    return Supervisor(task, _writer(run_budget()), switch, child=child).supervise()


def _discover(
    request: DiscoveryRequest, root: CodeRoot, _: PodPlaces, switch: CancelSwitch
) -> Outcome:
    # It reads sources, which a run does not need and would wait for.
    from davit._runner.discovery import Discovery, Limits  # noqa: PLC0415

    limits = Limits(
        time_limit_seconds=request.time_limit_seconds,
        module_time_limit_seconds=request.module_time_limit_seconds,
        memory_limit_bytes=request.memory_limit_bytes,
        process_limit=request.process_limit,
    )
    writer = _writer(discovery_budget())
    return Discovery(request.subject, root, limits, writer, switch).supervise()


def _writer(budget: Budget) -> RecordWriter:
    from davit._runner.output import PodOutput  # noqa: PLC0415 (see _run)
    from davit._runner.records import RecordWriter  # noqa: PLC0415 (see _run)

    return RecordWriter(PodOutput(_STDOUT), budget, utc_now)


def _live(
    pod: PodPlaces,
    request_type: type[R],
    supervise: Callable[[R, CodeRoot, PodPlaces, CancelSwitch], Outcome],
) -> int:
    switch = CancelSwitch()
    try:
        request = read_request(pod.request_file, request_type)
    except MessageError as error:
        refusal = _refusal("", OutcomeReason.INVALID_REQUEST, "InvalidRequest", str(error))
        return _end(pod, refusal)
    try:
        root = _root(pod, request)
    except ArtifactCorrupt as error:
        reason = OutcomeReason.ARTIFACT_CORRUPT
        return _end(pod, _refusal(request.subject, reason, "ArtifactCorrupt", str(error)))
    return _end(pod, supervise(request, root, pod, switch))


def _root(pod: PodPlaces, request: RunRequest | DiscoveryRequest) -> CodeRoot:
    """Return where the author's code is: unpacked here, or installed in the image."""
    layout = Layout(request.layout)
    if layout is Layout.APP:
        from davit._runner.apps import app_root  # noqa: PLC0415 (other layouts need it not)

        return app_root(request.modules, getattr(request, "class_path", ""))
    data = read_artifact(pod.artifact_path, request.artifact_parts, request.artifact_digest)
    target = f"{pod.scratch_path}/code"
    if layout is Layout.REPOSITORY:
        target += f"/{request.slug}"
    unpack(data, target)
    return CodeRoot(path=target, layout=layout, slug=request.slug)


def _refusal(subject: str, reason: OutcomeReason, error_type: str, message: str) -> Outcome:
    from davit_contract import Outcome  # noqa: PLC0415 (as above)

    now = utc_now()
    return Outcome(
        subject=subject,
        reason=reason,
        exit_code=1,
        started_at=now,
        finished_at=now,
        last_sequence=0,
        error=ErrorInfo(type=error_type, message=message),
    )


def _end(pod: PodPlaces, outcome: Outcome) -> int:
    from davit._runner.verdict import fitted  # noqa: PLC0415 (see _run)

    with open(pod.termination_path, "w", encoding="utf-8") as file:  # noqa: PTH123 (as above)
        file.write(fitted(outcome))
    if outcome.reason is OutcomeReason.SUCCEEDED:
        return 0
    return outcome.exit_code or 1
