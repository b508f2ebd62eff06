"""What a run's pod is told."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import JsonValue

from davit_contract import RunRequest
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun, JobRunSpec
from davit_operator.api.runner import RunnerSettings
from davit_operator.plan.discovery import modules_of
from davit_operator.plan.given import Given, given
from davit_operator.plan.mounts import told_of_environment, told_of_sources
from davit_operator.plan.observed import OperatorDefaults
from davit_operator.plan.overrides import DRYRUN, dryrun_variable, with_overrides


def run_request(
    run: JobRun,
    definition: JobDefinition,
    repository: JobRepository,
    settings: RunnerSettings,
    defaults: OperatorDefaults,
) -> RunRequest:
    """Return the request of a run that nothing keeps from its start."""
    what = given(run.spec, definition.spec)
    limits = time_limits(run.spec, definition, defaults)
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
        inputs=_inputs(what, definition),
        inputs_from=told_of_sources(what.sources),
        environment_from=told_of_environment(settings),
        environment=[each.name for each in settings.env],
        files_max_bytes=settings.files.max_bytes if settings.files else 0,
        sensitive=_sensitive(what, definition),
        requested_by=run.spec.requested_by or "",
        log_level=run.spec.overrides.log_level or "DEBUG",
        profile=bool(run.spec.overrides.profile),
        retries_left=definition.spec.retries.limit,
        soft_time_limit_seconds=limits.soft,
        time_limit_seconds=limits.hard,
        cancel_grace_seconds=definition.spec.cancel_grace_seconds,
    )


class TimeLimits(NamedTuple):
    """Seconds after which the job is told to end, and is killed."""

    soft: int
    hard: int


def time_limits(
    run: JobRunSpec, definition: JobDefinition, defaults: OperatorDefaults
) -> TimeLimits:
    """Return the limits in force: the run's, the definition's, the class's, else the operator's."""
    said = with_overrides(definition.spec, definition.status).effective
    own = run.overrides
    return TimeLimits(
        soft=own.soft_time_limit_seconds
        or said.soft_time_limit_seconds
        or defaults.soft_time_limit_seconds,
        hard=own.time_limit_seconds or said.time_limit_seconds or defaults.time_limit_seconds,
    )


def _inputs(what: Given, definition: JobDefinition) -> dict[str, JsonValue]:
    status = with_overrides(definition.spec, definition.status)
    chosen = definition.spec.overrides.dryrun_default is not None
    is_given = DRYRUN in what.values or any(each.variable == DRYRUN for each in what.sources)
    if chosen and dryrun_variable(status.variables) and not is_given:
        # Else the class's own default stands.
        return {**what.values, DRYRUN: status.effective.dryrun_default}
    return what.values


def _sensitive(what: Given, definition: JobDefinition) -> list[str]:
    """Return the variables that are secret though the class may not say so."""
    from_secrets = [each.variable for each in what.sources if each.secret_key_ref]
    if definition.spec.overrides.has_sensitive_variables is not True:
        return from_secrets
    everything = (variable.name for variable in definition.status.variables)
    return list(dict.fromkeys((*from_secrets, *everything)))
