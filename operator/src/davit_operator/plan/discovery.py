"""The sealed pod that says which jobs a commit holds: no token, no Secret, no env, little time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from davit_contract import DiscoveryRequest, encode
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Waiting
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.kinds import API_VERSION, JOB_REPOSITORY
from davit_operator.api.names import (
    COMPONENT_LABEL,
    DISCOVERY_COMPONENT,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    discovery_pod_name,
    short_hash,
)
from davit_operator.api.runner import Resources
from davit_operator.plan.artifact import AnyArtifact
from davit_operator.plan.involved import involved_in_discovery
from davit_operator.plan.observed import Fetched, OperatorDefaults, SeenPod
from davit_operator.plan.pod_waits import diagnose_wait
from davit_operator.plan.pods import Manifest, owner_reference, pod_template

_RESOURCES = Resources(requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "512Mi"})
# Of the process that imports: the rest is the supervisor's, which tells what happened.
_MEMORY_LIMIT_BYTES = 448 * 1024 * 1024
# Of each module: some that never end must leave time for all the others.
_MODULE_SECONDS = 10
_MODULE_SHARE = 3
# Beyond the runner's own limit: scheduling, image pull, start.
_BACKSTOP_SECONDS = 240


def runner_image(repository: JobRepository, defaults: OperatorDefaults) -> str:
    """Return the image that the repository's code is discovered with."""
    return repository.spec.runner.over(defaults.runner).image or ""


def modules_of(repository: JobRepository) -> list[str]:
    """Return the modules of the image that are imported; none: those that it names itself."""
    image = repository.spec.source.image
    return list(image.modules) if image else []


def discovery_inputs(repository: JobRepository, defaults: OperatorDefaults) -> str:
    """Return a hash of all that the outcome of a discovery depends on, beside the commit."""
    git = repository.spec.source.git
    inputs = [
        repository.slug,
        repository.spec.layout,
        runner_image(repository, defaults),
        modules_of(repository),
        [git.path, git.ignore] if git else [],
    ]
    return short_hash(json.dumps(inputs), 16)


def is_served(repository: JobRepository, commit: str, defaults: OperatorDefaults) -> bool:
    """Return whether ``commit`` is served, discovered as the spec of now wants it.

    Of an image the commit is only known to a pod of it: what was discovered last counts.
    """
    served, discovery = repository.status.artifact, repository.status.discovery
    if served is None or discovery is None:
        return False
    is_same = repository.spec.source.image is not None or served.commit == commit
    return is_same and discovery.inputs == discovery_inputs(repository, defaults)


def pod_name(repository: JobRepository, digest: str, defaults: OperatorDefaults) -> str:
    """Return the name of the pod that discovers this code for this repository with this image."""
    return discovery_pod_name(
        repository.metadata.uid,
        digest,
        runner_image(repository, defaults),
        repository.slug,
        repository.spec.layout,
        *modules_of(repository),
    )


def is_discovering(pod: SeenPod) -> bool:
    """Return whether ``pod`` is a discovery that has not ended."""
    return (
        pod.component == DISCOVERY_COMPONENT
        and not pod.runner.terminated
        and pod.phase not in {"Succeeded", "Failed"}
    )


def overdue(
    pods: Iterable[SeenPod], now: datetime, defaults: OperatorDefaults
) -> tuple[SeenPod, ...]:
    """Return the pods that had their time to start, and have not: others wait for them."""
    return tuple(
        pod
        for pod in pods
        if is_discovering(pod) and not pod.runner.running and now >= start_deadline(pod, defaults)
    )


def start_deadline(pod: SeenPod, defaults: OperatorDefaults) -> datetime:
    """Return until when the pod may wait for its start."""
    return pod.created_at + timedelta(seconds=defaults.discovery_start_seconds)


def not_started(pod: SeenPod, now: datetime, defaults: OperatorDefaults) -> Waiting | None:
    """Return why the discovery is given up for now; None while its pod runs, or still may."""
    if pod.runner.running or now < start_deadline(pod, defaults):
        return None
    cause = diagnose_wait(pod, involved_in_discovery(pod))
    why = f"{cause.message} {cause.remedy}" if cause else "Look at the namespace's events."
    seconds = defaults.discovery_start_seconds
    return Waiting(
        Reason.DISCOVERY_FAILED,
        f"The discovery pod did not start within {seconds} s. {why} It is tried again.",
    )


def discovery_pod(
    repository: JobRepository,
    fetched: Fetched,
    artifact: AnyArtifact,
    defaults: OperatorDefaults,
) -> Manifest:
    """Return the pod's manifest."""
    name = pod_name(repository, artifact.digest, defaults)
    settings = repository.spec.runner.over(defaults.runner)
    pod = pod_template(
        verb="discover",
        request=encode(
            DiscoveryRequest(
                subject=name,
                slug=repository.slug,
                layout=repository.spec.layout,
                commit=fetched.commit,
                artifact_digest=artifact.digest,
                artifact_parts=len(artifact.parts),
                modules=modules_of(repository),
                time_limit_seconds=defaults.discovery_seconds,
                module_time_limit_seconds=min(
                    _MODULE_SECONDS, max(1, defaults.discovery_seconds // _MODULE_SHARE)
                ),
                memory_limit_bytes=_MEMORY_LIMIT_BYTES,
            )
        ),
        digest=artifact.digest,
        parts=len(artifact.parts),
        settings=settings.model_copy(update={"resources": _RESOURCES}),
    )
    pod["apiVersion"], pod["kind"] = "v1", "Pod"
    pod["metadata"]["name"] = name
    pod["metadata"]["namespace"] = repository.metadata.namespace
    pod["metadata"]["labels"].update(
        {MANAGED_BY_LABEL: MANAGED_BY, COMPONENT_LABEL: DISCOVERY_COMPONENT}
    )
    pod["metadata"]["ownerReferences"] = [
        owner_reference(
            API_VERSION, JOB_REPOSITORY.name, repository.metadata.name, repository.metadata.uid
        )
    ]
    pod["spec"]["activeDeadlineSeconds"] = defaults.discovery_seconds + _BACKSTOP_SECONDS
    return pod
