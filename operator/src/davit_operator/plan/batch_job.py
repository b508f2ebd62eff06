"""From a run that may start to the batch Job that executes it."""

from __future__ import annotations

import json

from davit_contract import RunRequest, encode
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun, RunDefinition
from davit_operator.api.kinds import API_VERSION, JOB_RUN
from davit_operator.api.names import (
    COMPONENT_LABEL,
    DEFINITION_ANNOTATION,
    DEFINITION_UID_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    QUEUE_LABEL,
    QUEUE_LABELS,
    RUN_COMPONENT,
    batch_job_name,
)
from davit_operator.api.runner import Resources, RunnerSettings
from davit_operator.plan.claims import (
    FILES_ANNOTATION,
    ClaimedFolder,
    claimed_folder,
    mounted_folder,
    written_folder,
)
from davit_operator.plan.given import given
from davit_operator.plan.mounts import mounted
from davit_operator.plan.observed import OperatorDefaults
from davit_operator.plan.pods import Manifest, owner_reference, pod_template
from davit_operator.plan.run_request import run_request

START_DEADLINE_ANNOTATION = "davit.dev/start-deadline-seconds"
CANCEL_GRACE_ANNOTATION = "davit.dev/cancel-grace-seconds"
LOG_TAIL_ANNOTATION = "davit.dev/log-tail"
# Which attempt of its run a batch Job makes.
ATTEMPT_ANNOTATION = "davit.dev/attempt"
# Of batch Jobs that do not say it: those of an older operator.
CANCEL_GRACE_SECONDS = 30
# The batch Job and its pod stay this long after the end, so that an operator that was away finds
# the outcome.
TTL_SECONDS = 3600
# What the pod may take beyond deadline, limit and grace before the kubelet ends it: a backstop.
_BACKSTOP_SECONDS = 60


def bound_definition(definition: JobDefinition) -> RunDefinition:
    """Return the code that a run started now is bound to."""
    return RunDefinition(
        uid=definition.metadata.uid,
        generation=definition.metadata.generation,
        class_path=definition.spec.class_path,
        commit=definition.status.commit,
        digest=definition.status.digest,
    )


def batch_job(
    run: JobRun, definition: JobDefinition, repository: JobRepository, defaults: OperatorDefaults
) -> Manifest:
    """Return the batch Job of the run's first attempt."""
    labels = {
        MANAGED_BY_LABEL: MANAGED_BY,
        COMPONENT_LABEL: RUN_COMPONENT,
        DEFINITION_UID_LABEL: definition.metadata.uid,
    }
    bound = bound_definition(definition)
    settings = _settings(run, definition, repository, defaults)
    request = run_request(run, definition, repository, settings, defaults)
    name = batch_job_name(run.metadata.name, run.metadata.uid, 1)
    folder = claimed_folder(settings, name)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": run.metadata.namespace,
            "labels": labels | _queue_labels(run),
            "annotations": {
                ATTEMPT_ANNOTATION: "1",
                DEFINITION_ANNOTATION: json.dumps(bound.model_dump(by_alias=True)),
                START_DEADLINE_ANNOTATION: str(definition.spec.start_deadline_seconds),
                CANCEL_GRACE_ANNOTATION: str(definition.spec.cancel_grace_seconds),
                LOG_TAIL_ANNOTATION: definition.spec.log_tail,
                **({FILES_ANNOTATION: written_folder(folder)} if folder else {}),
            },
            "ownerReferences": [
                owner_reference(API_VERSION, JOB_RUN.name, run.metadata.name, run.metadata.uid)
            ],
        },
        "spec": {
            # The author's code never runs twice unless asked.
            "backoffLimit": 0,
            # The next attempt is made from this one, after its pause.
            "ttlSecondsAfterFinished": TTL_SECONDS + definition.spec.retries.max_backoff_seconds,
            # Kueue lets it begin.
            **({"suspend": True} if QUEUE_LABEL in run.metadata.labels else {}),
            "template": _template(run, definition, settings, request, folder, labels),
        },
    }


def _queue_labels(run: JobRun) -> dict[str, str]:
    return {name: run.metadata.labels[name] for name in QUEUE_LABELS if name in run.metadata.labels}


def _settings(
    run: JobRun, definition: JobDefinition, repository: JobRepository, defaults: OperatorDefaults
) -> RunnerSettings:
    settings = definition.spec.runner.over(repository.spec.runner.over(defaults.runner))
    if definition.status.image and not definition.spec.runner.image:
        # What was discovered is what runs, though the name may mean another image by now.
        settings = settings.model_copy(update={"image": definition.status.image})
    if run.spec.overrides.resources:
        wider = settings.resources or Resources()
        resources = run.spec.overrides.resources.over(wider)
        settings = settings.model_copy(update={"resources": resources})
    return settings


def _template(
    run: JobRun,
    definition: JobDefinition,
    settings: RunnerSettings,
    request: RunRequest,
    folder: ClaimedFolder | None,
    labels: dict[str, str],
) -> Manifest:
    template = pod_template(
        verb="run",
        request=encode(request),
        digest=definition.status.digest,
        parts=definition.status.parts,
        settings=settings,
        mounted=mounted(given(run.spec, definition.spec).sources, settings).beside(
            mounted_folder(folder)
        ),
    )
    template["metadata"]["labels"].update(labels)
    if folder:
        # Else the kubelet goes through all files of all runs at the start of each pod.
        template["spec"]["securityContext"]["fsGroupChangePolicy"] = "OnRootMismatch"
    template["spec"]["terminationGracePeriodSeconds"] = definition.spec.cancel_grace_seconds
    template["spec"]["activeDeadlineSeconds"] = (
        definition.spec.start_deadline_seconds
        + request.time_limit_seconds
        + definition.spec.cancel_grace_seconds
        + _BACKSTOP_SECONDS
    )
    return template
