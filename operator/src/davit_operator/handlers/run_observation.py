"""What is seen of one JobRun: in the caches, in its log, and where it matters in the API itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import Attempt, JobRun
from davit_operator.api.names import COMPONENT_LABEL, batch_job_name
from davit_operator.effects.resources import BATCH_JOBS, DEFINITIONS, PODS
from davit_operator.handlers.shell import Shell
from davit_operator.plan.observed import SeenBatchJob, SeenPod, SeenRun
from davit_operator.plan.records import decode_outcome
from davit_operator.plan.run_ends import launched_name
from davit_operator.plan.run_retry import ended_attempt


def observe_run(shell: Shell, key: ObjectKey, moment: datetime) -> SeenRun | None:
    """Return what the caches hold of the run; None where it is gone."""
    caches = shell.caches
    run = caches.runs.cache.get(key)
    if run is None:
        return None
    definition = caches.definitions.cache.get((key.namespace, run.spec.definition_ref.name))
    batch_job, launched = _batch_job(shell, run)
    return SeenRun(
        run=run,
        now=moment,
        defaults=shell.defaults,
        definition=definition,
        elder=caches.elder_of(definition) if definition and batch_job is None else None,
        repository=_repository(shell, definition),
        batch_job=batch_job,
        launched=launched,
        pod=_newest(tuple(caches.pods.cache.of(batch_job.uid))) if batch_job else None,
    )


def _batch_job(shell: Shell, run: JobRun) -> tuple[SeenBatchJob | None, str]:
    """Return the batch Job of the run's newest attempt, and its name, also where it is gone."""
    key, uid = run.metadata.key, run.metadata.uid
    found = max(shell.caches.batch_jobs.cache.of(uid), key=_attempt, default=None)
    known = shell.launched.get(key)
    if known is not None and known.owner_uid == uid and known.attempt > _attempt(found):
        return None, known.key.name
    told = _newest_told(shell, run)
    if told is not None and told.number > _attempt(found):
        return None, told.batch_job
    if found is not None:
        shell.launched[key] = found
    return found, found.key.name if found else ""


def _newest_told(shell: Shell, run: JobRun) -> Attempt | None:
    """Return the newest attempt that status or pods tell of; its batch Job may be gone.

    Pods alone tell of it where the operator that made its batch Job ended right after.
    """
    last = run.status.attempts[-1] if run.status.attempts else None
    number = last.number + 1 if last else 1
    name = batch_job_name(run.metadata.name, run.metadata.uid, number)
    if shell.caches.has_pods(ObjectKey(run.metadata.namespace, name)):
        return Attempt(number=number, batch_job=name)
    return last


def _attempt(batch_job: SeenBatchJob | None) -> int:
    return batch_job.attempt if batch_job else 0


def _repository(shell: Shell, definition: JobDefinition | None) -> JobRepository | None:
    if definition is None:
        return None
    key = (definition.metadata.namespace, definition.spec.repository_ref.name)
    return shell.caches.repositories.cache.get(key)


def _newest(pods: tuple[SeenPod, ...]) -> SeenPod | None:
    return max(pods, key=lambda pod: (not pod.deleting, pod.uid), default=None)


async def with_log(shell: Shell, seen: SeenRun) -> SeenRun:
    """Return ``seen`` with what the job says, and with the runner's last word once it has ended."""
    batch_job, pod = seen.batch_job, seen.pod
    if seen.run.finished or ended_attempt(seen):
        return seen
    if batch_job is None or pod is None:
        return replace(seen, log=await shell.logs.lost(seen))
    if pod.runner.running:
        return replace(seen, log=await shell.logs.live(seen, batch_job, pod))
    if not pod.runner.terminated:
        return seen
    outcome = decode_outcome(pod.runner.message, seen.run.metadata.uid)
    seen = replace(seen, outcome=outcome)
    return replace(seen, log=await shell.logs.ended(seen, batch_job, pod, outcome))


async def confirmed(shell: Shell, seen: SeenRun) -> SeenRun:
    """Return ``seen`` with definition, batch Job and pod as the API server has them now."""
    run, caches = seen.run, shell.caches
    namespace = run.metadata.namespace
    first = batch_job_name(run.metadata.name, run.metadata.uid, 1)
    name = launched_name(seen) or first
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
