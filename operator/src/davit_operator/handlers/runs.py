"""Reconcile one JobRun: observe, plan, apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from davit_contract import places
from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.names import COMPONENT_LABEL, batch_job_name
from davit_operator.effects.errors import ApiError, Conflict, NamespaceTerminating, NotFound
from davit_operator.effects.resources import BATCH_JOBS, DEFINITIONS, PODS, RUNS
from davit_operator.handlers.clock import now
from davit_operator.handlers.shell import Shell, WorkKey, status_body
from davit_operator.plan.observed import SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.pods import Manifest
from davit_operator.plan.records import decode_outcome
from davit_operator.plan.run import plan_refused, plan_run
from davit_operator.plan.run_ends import is_gone
from davit_operator.plan.run_plan import RunPlan
from davit_operator.plan.times import format_time
from davit_operator.plan.warnings import run_trouble


async def reconcile_run(shell: Shell, key: ObjectKey) -> None:
    """Bring the run one step further, if there is a step to take."""
    seen = observe_run(shell, key, now())
    if seen is None:
        return
    seen = await shell.causes.explained(await _with_log(shell, seen))
    plan = plan_run(seen)
    if plan.confirm:
        seen = await _with_log(shell, await _confirmed(shell, seen))
        plan = plan_run(seen)
    await _apply(shell, seen, plan)
    if plan.again_after is not None:
        shell.wake(WorkKey("JobRun", key), plan.again_after)


def observe_run(shell: Shell, key: ObjectKey, moment: datetime) -> SeenRun | None:
    """Return what the caches hold of the run; None where it is gone or has ended."""
    caches = shell.caches
    run = caches.runs.cache.get(key)
    if run is None:
        shell.launched.pop(key, None)
        shell.logs.forget(key)
        shell.causes.forget(key)
        return None
    definition = caches.definitions.cache.get((key.namespace, run.spec.definition_ref.name))
    batch_job = next(caches.batch_jobs.cache.of(run.metadata.uid), None)
    if batch_job is not None:
        shell.launched[key] = batch_job
    launched = shell.launched.get(key)
    return SeenRun(
        run=run,
        now=moment,
        defaults=shell.defaults,
        definition=definition,
        elder=caches.elder_of(definition) if definition and batch_job is None else None,
        repository=_repository(shell, definition),
        batch_job=batch_job,
        launched=launched.key.name if launched and launched.owner_uid == run.metadata.uid else "",
        pod=_newest(tuple(caches.pods.cache.of(batch_job.uid))) if batch_job else None,
    )


def _repository(shell: Shell, definition: JobDefinition | None) -> JobRepository | None:
    if definition is None:
        return None
    key = (definition.metadata.namespace, definition.spec.repository_ref.name)
    return shell.caches.repositories.cache.get(key)


def _newest(pods: tuple[SeenPod, ...]) -> SeenPod | None:
    return max(pods, key=lambda pod: (not pod.deleting, pod.uid), default=None)


async def _with_log(shell: Shell, seen: SeenRun) -> SeenRun:
    """Return ``seen`` with what the job says, and with the runner's last word once it has ended."""
    batch_job, pod = seen.batch_job, seen.pod
    if seen.run.finished:
        return seen
    if batch_job is None or pod is None or is_gone(seen):
        return replace(seen, log=await shell.logs.lost(seen.run.metadata.key))
    if pod.runner.running:
        return replace(seen, log=await shell.logs.live(seen, batch_job, pod))
    if not pod.runner.terminated:
        return seen
    outcome = decode_outcome(pod.runner.message, seen.run.metadata.uid)
    log = await shell.logs.ended(seen, batch_job, pod, outcome)
    return replace(seen, outcome=outcome, log=log)


async def _confirmed(shell: Shell, seen: SeenRun) -> SeenRun:
    """Return ``seen`` with definition, batch Job and pod as the API server has them now."""
    run, caches = seen.run, shell.caches
    namespace = run.metadata.namespace
    name = batch_job_name(run.metadata.name, run.metadata.uid, 1)
    raw_job = await shell.kube.get(BATCH_JOBS, ObjectKey(namespace, name))
    raw_definition = await shell.kube.get(
        DEFINITIONS, ObjectKey(namespace, run.spec.definition_ref.name)
    )
    batch_job = caches.batch_jobs.read(raw_job) if raw_job else None
    pods = await _pods_of(shell, batch_job) if batch_job else ()
    return replace(
        seen,
        definition=JobDefinition.model_validate(raw_definition) if raw_definition else None,
        elder=await _still_there(shell, seen.elder),
        batch_job=batch_job,
        pod=_newest(pods),
        confirmed=True,
    )


async def _still_there(shell: Shell, elder: JobDefinition | None) -> JobDefinition | None:
    """Return ``elder`` unless it was deleted: another one takes its place then."""
    if elder is None:
        return None
    raw = await shell.kube.get(DEFINITIONS, elder.metadata.key)
    return elder if raw and raw["metadata"]["uid"] == elder.metadata.uid else None


async def _pods_of(shell: Shell, batch_job: SeenBatchJob) -> tuple[SeenPod, ...]:
    labels = f"{COMPONENT_LABEL},batch.kubernetes.io/job-name={batch_job.key.name}"
    found = await shell.kube.list_in(PODS, batch_job.key.namespace, labels)
    pods = (shell.caches.pods.read(raw) for raw in found)
    return tuple(pod for pod in pods if pod.owner_uid == batch_job.uid)


async def _apply(shell: Shell, seen: SeenRun, plan: RunPlan) -> None:
    if plan.create_batch_job is not None:
        plan = await _create(shell, seen, plan.create_batch_job)
    if plan.cancel_pod is not None:
        await _cancel(shell, seen, plan.cancel_pod)
    if plan.status is not None:
        body = status_body("JobRun", seen.run.metadata, plan.status)
        written = await shell.kube.replace_status(RUNS, body)
        shell.caches.runs.keep(written)
        shell.history.ended(written)
        shell.warnings.tell(written, run_trouble(seen.run.status, plan.status))
    if plan.delete_batch_job is not None:
        gone = plan.delete_batch_job
        await shell.kube.delete(BATCH_JOBS, gone.key, gone.uid)


async def _cancel(shell: Shell, seen: SeenRun, pod: SeenPod) -> None:
    """Have the pod's runner find out that it is to end: a file shows it the annotation."""
    try:
        raw = await shell.kube.annotate(
            PODS, pod.key, places.CANCEL_ANNOTATION, format_time(seen.now)
        )
    except NotFound:
        return
    shell.caches.pods.keep(raw)
    shell.wake(WorkKey("JobRun", seen.run.metadata.key))


async def _create(shell: Shell, seen: SeenRun, manifest: Manifest) -> RunPlan:
    """Create the batch Job, the run's point of no return; return what is left to do."""
    try:
        raw = await shell.kube.create(BATCH_JOBS, manifest)
    except Conflict:
        # We, before a restart: what stands there is ours if, and only if, the run owns it.
        key = ObjectKey(manifest["metadata"]["namespace"], manifest["metadata"]["name"])
        found = await shell.kube.get(BATCH_JOBS, key)
        if found is None or shell.caches.batch_jobs.read(found).owner_uid != seen.run.metadata.uid:
            raise
        raw = found
    except NamespaceTerminating:
        # The run is about to be deleted, and that ends it.
        return RunPlan()
    except ApiError as error:
        if not error.is_refusal:
            raise
        return plan_refused(seen, error.message)
    shell.caches.batch_jobs.keep(raw)
    shell.wake(WorkKey("JobRun", seen.run.metadata.key))
    return RunPlan()
