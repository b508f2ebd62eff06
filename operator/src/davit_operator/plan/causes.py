"""Why a pod does not start, where no status says it: what Events tell, and when they are asked.

A Secret that is missing, a quota and a Pod Security denial stand in Events alone. To watch those of
a cluster would cost more than all the rest, so they are listed for one object, a few times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.conditions import Reason
from davit_operator.api.inputs_from import InputFrom
from davit_operator.plan.artifact import artifact_name
from davit_operator.plan.diagnosis import Diagnosis
from davit_operator.plan.involved import involved_in
from davit_operator.plan.observed import SeenBatchJob, SeenEvent, SeenRun
from davit_operator.plan.pod_waits import diagnose_wait

# Seconds after the pod was made, or the batch Job that has none; once more at the start deadline.
_LOOKS = (3, 15, 60)
_MAX_MESSAGE = 1_024
_NOT_FOUND = re.compile(r'\b(secret|configmap)s? "([^"]+)" not found')
_NO_KEY = re.compile(r"references non-existent (secret|config) key: ([-._a-zA-Z0-9]+)")
# What says the same to each pod that looks so: Pod Security, admission webhooks and policies, a
# LimitRange, a quota that wants amounts which the pod does not name. What is out of order, or has
# yet to be created (a ServiceAccount, a PriorityClass), may come in time.
_DENIED = re.compile(
    r"violates PodSecurity|denied (the )?request|(usage|request) per (Container|Pod) is"
    r"|failed quota: .* must specify| is invalid: "
)
_KINDS = {"secret": "Secret", "config": "ConfigMap", "configmap": "ConfigMap"}
_REASONS = {"Secret": Reason.SECRET_NOT_FOUND, "ConfigMap": Reason.CONFIG_MAP_NOT_FOUND}


def seen_events(raw: Iterable[Mapping[str, Any]]) -> tuple[SeenEvent, ...]:
    """Return the records of Events, oldest first."""
    return tuple(sorted(map(_seen_event, raw), key=lambda event: (event.time, event.is_warning)))


def _seen_event(raw: Mapping[str, Any]) -> SeenEvent:
    series = raw.get("series") or {}
    times = (series.get("lastObservedTime"), raw.get("lastTimestamp"), raw.get("eventTime"))
    return SeenEvent(
        time=next(filter(None, times), raw["metadata"].get("creationTimestamp") or "")[:19],
        reason=raw.get("reason") or "",
        message=(raw.get("message") or "")[:_MAX_MESSAGE],
        is_warning=raw.get("type") == "Warning",
    )


def is_unexplained(seen: SeenRun) -> bool:
    """Return whether the run waits for a container, and no status says why."""
    batch, pod = seen.batch_job, seen.pod
    if batch is None or batch.ended or seen.run.finished:
        return False
    if pod is not None and (pod.runner.running or pod.runner.terminated):
        return False
    return diagnose_wait(pod, involved_in(seen)) is None


def looks_due(seen: SeenRun) -> int:
    """Return how often Events should have been asked by now."""
    if seen.batch_job is None or not is_unexplained(seen):
        return 0
    return sum(moment <= seen.now for moment in _moments(seen, seen.batch_job))


def next_look(seen: SeenRun, deadline: datetime) -> datetime:
    """Return when Events are asked next: at the latest at the start deadline."""
    if seen.batch_job is None or not is_unexplained(seen):
        return deadline
    moments = _moments(seen, seen.batch_job)
    return next((moment for moment in moments if moment > seen.now), deadline)


def _moments(seen: SeenRun, batch_job: SeenBatchJob) -> Iterator[datetime]:
    deadline = batch_job.awaited_since + timedelta(seconds=batch_job.start_deadline_seconds)
    since = seen.pod.created_at if seen.pod else batch_job.awaited_since
    looks = (since + timedelta(seconds=seconds) for seconds in _LOOKS)
    yield from (moment for moment in looks if moment < deadline)
    yield deadline


def event_cause(seen: SeenRun) -> Diagnosis | None:
    """Return what the newest Event says that keeps the pod, or its making, from going on."""
    if not seen.events or not is_unexplained(seen):
        return None
    event = seen.events[-1]
    if event.reason == "FailedMount":
        return _missing(event.message, seen) or Diagnosis(
            reason=Reason.MOUNT_FAILED,
            message=f"A volume of the pod cannot be mounted: {event.message}",
            remedy="See that what it shows exists, and that the node can reach it.",
        )
    if event.reason == "FailedCreate":
        return _refused(event.message, seen)
    return None


def _refused(message: str, seen: SeenRun) -> Diagnosis:
    said = involved_in(seen).said
    if "exceeded quota" in message:
        return Diagnosis(
            reason=Reason.QUOTA_EXCEEDED,
            message=f"The pod cannot be created: {message}",
            remedy=said(
                "Wait for other pods to end, have the namespace's ResourceQuota raised, or lower "
                "spec.runner.resources of {definition}."
            ),
        )
    return Diagnosis(
        reason=Reason.ADMISSION_DENIED,
        message=f"The pod cannot be created: {message}",
        remedy=said("Mend spec.runner of {settings}, or what refuses the pod."),
        final=bool(_DENIED.search(message)),
    )


def _missing(message: str, seen: SeenRun) -> Diagnosis | None:
    """Return which Secret, ConfigMap or key is not there, and which field names it."""
    found = [(_KINDS[kind], name, "") for kind, name in _NOT_FOUND.findall(message)]
    parts = [name for _, name, _ in found if _is_part(name, seen)]
    if parts:
        return _artifact_missing(parts, seen)
    for kind, key in _NO_KEY.findall(message):
        found += [(_KINDS[kind], name, key) for name in _holders(_KINDS[kind], key, seen)]
    if not found:
        return None
    namespace = seen.run.metadata.namespace
    sentences = dict.fromkeys(_sentence(*each, namespace) for each in found)
    fields = dict.fromkeys(_field(kind, name, seen) for kind, name, _ in found)
    return Diagnosis(
        reason=_REASONS[found[0][0]],
        message=f"The pod waits: {' '.join(sentences)}",
        remedy=f"Create what is missing, or mend {' and '.join(fields)}.",
    )


def _is_part(name: str, seen: SeenRun) -> bool:
    digest = seen.batch_job.definition.digest if seen.batch_job else ""
    return bool(digest) and name.rpartition("-")[0] == artifact_name(digest)


def _artifact_missing(parts: list[str], seen: SeenRun) -> Diagnosis:
    names = " and ".join(f'"{name}"' for name in dict.fromkeys(parts))
    return Diagnosis(
        reason=Reason.ARTIFACT_MISSING,
        message=f"The pod waits for its code: ConfigMap {names} was deleted.",
        remedy=involved_in(seen).said(
            "The operator writes it anew: see whether {repository} is Ready, and who deletes it."
            if repository_with_gap(seen)
            else "{repository} serves another commit by now: create another JobRun, which runs it."
        ),
    )


def repository_with_gap(seen: SeenRun) -> ObjectKey | None:
    """Return the repository that serves the run's code, of which the pod found a part missing."""
    if seen.repository is None or seen.batch_job is None or not seen.events:
        return None
    served, event = seen.repository.status.artifact, seen.events[-1]
    names = (name for _, name in _NOT_FOUND.findall(event.message))
    is_gap = event.reason == "FailedMount" and any(_is_part(name, seen) for name in names)
    is_served = served is not None and served.digest == seen.batch_job.definition.digest
    return seen.repository.metadata.key if is_gap and is_served else None


def _sentence(kind: str, name: str, key: str, namespace: str) -> str:
    if key:
        return f'{kind} "{name}" has no key "{key}".'
    return f'There is no {kind} "{name}" in namespace "{namespace}".'


def _sources(seen: SeenRun) -> Iterator[tuple[str, InputFrom]]:
    for source in seen.run.spec.inputs_from:
        yield "spec.inputsFrom of the JobRun", source
    if seen.definition is not None:
        name = seen.definition.metadata.name
        for source in seen.definition.spec.inputs_from:
            yield f'spec.inputsFrom of JobDefinition "{name}"', source


def _holders(kind: str, key: str, seen: SeenRun) -> list[str]:
    """Return the objects that were to hold ``key``: the kubelet does not say which one it is."""
    names = (
        source.reference.name
        for _, source in _sources(seen)
        if (source.kind, source.reference.key) == (kind, key)
    )
    return list(dict.fromkeys(names))


def _field(kind: str, name: str, seen: SeenRun) -> str:
    fields = (
        field
        for field, source in _sources(seen)
        if (source.kind, source.reference.name) == (kind, name)
    )
    return next(fields, involved_in(seen).said("spec.runner of {settings}"))
