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
    RUN_COMPONENT,
    batch_job_name,
)
from davit_operator.plan.discovery import modules_of
from davit_operator.plan.observed import OperatorDefaults
from davit_operator.plan.overrides import DRYRUN, dryrun_variable, with_overrides
from davit_operator.plan.pods import Manifest, owner_reference, pod_template

START_DEADLINE_ANNOTATION = "davit.dev/start-deadline-seconds"
CANCEL_GRACE_ANNOTATION = "davit.dev/cancel-grace-seconds"
LOG_TAIL_ANNOTATION = "davit.dev/log-tail"
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
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": batch_job_name(run.metadata.name, run.metadata.uid, 1),
            "namespace": run.metadata.namespace,
            "labels": labels,
            "annotations": {
                DEFINITION_ANNOTATION: json.dumps(bound.model_dump(by_alias=True)),
                START_DEADLINE_ANNOTATION: str(definition.spec.start_deadline_seconds),
                CANCEL_GRACE_ANNOTATION: str(definition.spec.cancel_grace_seconds),
                LOG_TAIL_ANNOTATION: definition.spec.log_tail,
            },
            "ownerReferences": [
                owner_reference(API_VERSION, JOB_RUN.name, run.metadata.name, run.metadata.uid)
            ],
        },
        "spec": {
            # The author's code never runs twice unless asked.
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": TTL_SECONDS,
            "template": _template(run, definition, repository, defaults, labels),
        },
    }


def _template(
    run: JobRun,
    definition: JobDefinition,
    repository: JobRepository,
    defaults: OperatorDefaults,
    labels: dict[str, str],
) -> Manifest:
    request = _request(run, definition, repository, defaults)
    settings = definition.spec.runner.over(repository.spec.runner.over(defaults.runner))
    template = pod_template(
        verb="run",
        request=encode(request),
        digest=definition.status.digest,
        parts=definition.status.parts,
        settings=settings,
    )
    template["metadata"]["labels"].update(labels)
    template["spec"]["terminationGracePeriodSeconds"] = definition.spec.cancel_grace_seconds
    template["spec"]["activeDeadlineSeconds"] = (
        definition.spec.start_deadline_seconds
        + request.time_limit_seconds
        + definition.spec.cancel_grace_seconds
        + _BACKSTOP_SECONDS
    )
    return template


def _request(
    run: JobRun, definition: JobDefinition, repository: JobRepository, defaults: OperatorDefaults
) -> RunRequest:
    status = with_overrides(definition.spec, definition.status)
    effective = status.effective
    inputs = dict(run.spec.inputs)
    if definition.spec.overrides.dryrun_default is not None and dryrun_variable(status.variables):
        # Else the class's own default stands.
        inputs.setdefault(DRYRUN, effective.dryrun_default)
    return RunRequest(
        subject=run.metadata.uid,
        namespace=run.metadata.namespace,
        name=run.metadata.name,
        definition=definition.metadata.name,
        class_path=definition.spec.class_path,
        slug=repository.slug,
        layout=repository.spec.layout,
        commit=definition.status.commit,
        artifact_digest=definition.status.digest,
        artifact_parts=definition.status.parts,
        modules=modules_of(repository),
        inputs=inputs,
        soft_time_limit_seconds=(
            effective.soft_time_limit_seconds or defaults.soft_time_limit_seconds
        ),
        time_limit_seconds=effective.time_limit_seconds or defaults.time_limit_seconds,
        cancel_grace_seconds=definition.spec.cancel_grace_seconds,
    )
