"""Objects for tests: right by default, so that a test only says what matters to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from davit_contract import ErrorInfo, LogCounts, LogRecord, Outcome, OutcomeReason, encode
from davit_operator.api.base import ApiModel, ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun, JobRunStatus
from davit_operator.api.names import batch_job_name
from davit_operator.api.runner import RunnerSettings
from davit_operator.plan.artifact import PackedArtifact, pack
from davit_operator.plan.artifact_tree import FileMode, SourceFile
from davit_operator.plan.attempt_log import AttemptLog
from davit_operator.plan.batch_job import bound_definition
from davit_operator.plan.discovery import discovery_inputs
from davit_operator.plan.log_lines import LineReader
from davit_operator.plan.observed import (
    Fetched,
    LogReading,
    OperatorDefaults,
    SeenBatchJob,
    SeenContainer,
    SeenPod,
    SeenRepository,
    SeenRun,
)
from davit_operator.plan.times import format_time

NAMESPACE = "netops"
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
RUN_UID = "11111111-0000-4000-8000-000000000001"
DEFINITION_UID = "22222222-0000-4000-8000-000000000002"
REPOSITORY_UID = "33333333-0000-4000-8000-000000000003"
COMMIT = "9f3c" * 10
NEXT_COMMIT = "1a2b" * 10
DIGEST = "sha256:" + "3b7e" * 16
CLASS_PATH = "netops.jobs.vlans.SyncVlans"
DEFAULTS = OperatorDefaults(runner=RunnerSettings(image="registry.example/davit-runner:1"))
STARTED = "2026-11-22T06:30:01.000000Z"
FINISHED = "2026-11-22T06:30:03.500000Z"

Values = Mapping[str, Any]


def later(seconds: float) -> datetime:
    """Return the moment ``seconds`` after NOW; most objects were created at NOW."""
    return NOW + timedelta(seconds=seconds)


def metadata(name: str, uid: str, **changes: Any) -> dict[str, Any]:
    """Return ``metadata`` as the API server sends it."""
    return {
        "name": name,
        "namespace": NAMESPACE,
        "uid": uid,
        "generation": 1,
        "resourceVersion": "1",
        "creationTimestamp": format_time(NOW),
        **changes,
    }


def a_run(
    *, inputs: Values | None = None, status: JobRunStatus | None = None, **meta: Any
) -> JobRun:
    """Return a run; ``meta`` are keys of its metadata."""
    return JobRun.model_validate(
        {
            "metadata": metadata(meta.pop("name", "sync-vlans-x7"), RUN_UID, **meta),
            "spec": {"definitionRef": {"name": "netops.sync-vlans"}, "inputs": inputs or {}},
            "status": as_stored(status) if status else {},
        }
    )


def as_stored(status: ApiModel) -> dict[str, Any]:
    """Return ``status`` as the API server stores it, and gives it back."""
    dumped = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    stored: dict[str, Any] = json.loads(json.dumps(dumped))
    return stored


def a_definition(
    *, spec: Values | None = None, status: Values | None = None, **meta: Any
) -> JobDefinition:
    """Return an enabled definition whose class is in the commit that is served."""
    name = meta.pop("name", "netops.sync-vlans")
    return JobDefinition.model_validate(
        {
            "metadata": metadata(name, meta.pop("uid", DEFINITION_UID), **meta),
            "spec": {
                "repositoryRef": {"name": "netops"},
                "classPath": CLASS_PATH,
                "enabled": True,
                **(spec or {}),
            },
            "status": {
                "observedGeneration": 1,
                "installed": True,
                "commit": COMMIT,
                "digest": DIGEST,
                "parts": 1,
                "name": "Sync VLANs",
                **(status or {}),
            },
        }
    )


def a_repository(
    *, spec: Values | None = None, status: Values | None = None, **meta: Any
) -> JobRepository:
    """Return a repository that serves nothing yet."""
    name = meta.pop("name", "netops")
    source = {"git": {"url": "https://git.example.com/netops/jobs.git"}}
    return JobRepository.model_validate(
        {
            "metadata": metadata(name, REPOSITORY_UID, **meta),
            "spec": {"source": source, **(spec or {})},
            "status": status or {},
        }
    )


def serving(
    repository: JobRepository | None = None, *, problems: int = 0, generation: int = 1
) -> dict[str, Any]:
    """Return the status of ``repository`` (default: ``a_repository()``) that serves COMMIT."""
    return {
        "observedGeneration": generation,
        "artifact": {
            "revision": f"main@sha1:{COMMIT}",
            "commit": COMMIT,
            "digest": DIGEST,
            "sizeBytes": 18_231,
            "files": 14,
            "parts": ["davit-" + "3b7e" * 8 + "-0"],
        },
        "discovery": {
            "commit": COMMIT,
            "inputs": discovery_inputs(repository or a_repository(), DEFAULTS),
            "definitions": 0,
            "problems": [
                {"path": f"jobs/broken_{n}.py", "line": 3, "message": "SyntaxError: no"}
                for n in range(problems)
            ],
        },
    }


def a_batch_job(**changes: Any) -> SeenBatchJob:
    """Return the batch Job of ``a_run()``, created at NOW; ``changes`` are its fields."""
    batch_job = SeenBatchJob(
        key=ObjectKey(NAMESPACE, batch_job_name("sync-vlans-x7", RUN_UID, 1)),
        uid="44444444-0000-4000-8000-000000000004",
        resource_version="2",
        owner_uid=RUN_UID,
        owner_name="sync-vlans-x7",
        created_at=NOW,
        definition=bound_definition(a_definition()),
        start_deadline_seconds=300,
    )
    return replace(batch_job, **changes)


def a_pod(runner: SeenContainer | None = None, **changes: Any) -> SeenPod:
    """Return the pod of ``a_batch_job()``; ``changes`` are its fields."""
    pod = SeenPod(
        key=ObjectKey(NAMESPACE, a_batch_job().key.name + "-abcde"),
        uid="55555555-0000-4000-8000-000000000005",
        resource_version="3",
        owner_uid=a_batch_job().uid,
        owner_name=a_batch_job().key.name,
        component="run",
        created_at=a_batch_job().created_at,
        node="node-1",
        runner=runner or SeenContainer(),
    )
    return replace(pod, **changes)


def waiting(reason: str = "ContainerCreating", message: str = "") -> SeenContainer:
    """Return a container that does not run yet."""
    return SeenContainer(reason=reason, message=message)


def running() -> SeenContainer:
    """Return a container that runs."""
    return SeenContainer(running=True, started_at=STARTED, image_id="runner@sha256:77")


def ended(exit_code: int = 0, **changes: Any) -> SeenContainer:
    """Return a container that has ended."""
    container = SeenContainer(
        terminated=True,
        reason="Completed" if exit_code == 0 else "Error",
        exit_code=exit_code,
        started_at=STARTED,
        finished_at=FINISHED,
        image_id="runner@sha256:77",
    )
    return replace(container, **changes)


def an_outcome(
    reason: OutcomeReason = OutcomeReason.SUCCEEDED,
    error: ErrorInfo | None = None,
    **changes: Any,
) -> Outcome:
    """Return the last word of the runner of ``a_run()``; ``changes`` are its fields."""
    bad = reason is not OutcomeReason.SUCCEEDED
    outcome = Outcome(
        subject=RUN_UID,
        reason=reason,
        exit_code=1 if bad else 0,
        started_at=STARTED,
        finished_at=FINISHED,
        last_sequence=2,
        error=error or (ErrorInfo(type="ValueError", message="no such VLAN") if bad else None),
        counts=LogCounts(info=2),
    )
    return replace(outcome, **changes)


def a_log_record(sequence: int = 1, message: str = "Hello", **changes: Any) -> LogRecord:
    """Return one line of a log, as the runner's supervisor makes it."""
    record = LogRecord(
        sequence=sequence, time=STARTED, level="info", grouping="run", message=message
    )
    return replace(record, **changes)


def printed(*records: Any) -> bytes:
    """Return what a pod prints that says ``records``."""
    return "".join(f"{encode(record)}\n" for record in records).encode()


def read_log(text: bytes, until: int = 0) -> LogReading:
    """Return what was read of a run whose pod printed ``text``."""
    log = AttemptLog()
    for line in LineReader().feed(text):
        log.take(line, until)
    return log.reading()


def seen_run(**changes: Any) -> SeenRun:
    """Return a run that may start: its definition is enabled, and it has no batch Job yet."""
    seen = SeenRun(
        run=a_run(),
        now=NOW,
        defaults=DEFAULTS,
        definition=a_definition(),
        repository=a_repository(status=serving()),
    )
    return replace(seen, **changes)


def an_artifact(text: str = "x = 1\n") -> PackedArtifact:
    """Return a packed commit of one file."""
    return pack([SourceFile(path="jobs.py", mode=FileMode.REGULAR, data=text.encode())])


def fetched(commit: str = NEXT_COMMIT, *, artifact: PackedArtifact | None = None) -> Fetched:
    """Return what the source holds; without ``artifact`` the commit is served already."""
    return Fetched(revision=f"main@sha1:{commit}", commit=commit, artifact=artifact)


def a_discovery_pod(runner: SeenContainer | None = None, **changes: Any) -> SeenPod:
    """Return a pod that discovers for ``a_repository()``; ``changes`` are its fields."""
    pod = a_pod(runner, owner_uid=REPOSITORY_UID, owner_name="netops", component="discovery")
    key = ObjectKey(NAMESPACE, "davit-discover-0123456789abcdef")
    return replace(pod, key=key, **changes)


def seen_repository(**changes: Any) -> SeenRepository:
    """Return a repository whose newest commit was fetched and is served by nobody yet."""
    seen = SeenRepository(
        repository=a_repository(),
        now=NOW,
        defaults=DEFAULTS,
        source=fetched(artifact=an_artifact()),
    )
    return replace(seen, **changes)
