"""Reconcile one JobRun: observe, plan, apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from davit_contract import MessageError, places
from davit_operator.api.base import ObjectKey
from davit_operator.effects.errors import (
    ApiError,
    Conflict,
    NamespaceTerminating,
    NotFound,
    Unreachable,
)
from davit_operator.effects.resources import BATCH_JOBS, PODS, RUNS
from davit_operator.handlers.clock import now
from davit_operator.handlers.run_observation import confirmed, observe_run, with_log
from davit_operator.handlers.shell import Shell, WorkKey, status_body
from davit_operator.plan.next_attempt import next_attempt
from davit_operator.plan.observed import SeenPod, SeenRun
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run import plan_refused, plan_run
from davit_operator.plan.run_plan import NextAttempt, RunPlan
from davit_operator.plan.run_retry import plan_no_previous
from davit_operator.plan.warnings import run_trouble
from davit_operator.plan.word import written_word


async def reconcile_run(shell: Shell, key: ObjectKey, clock: Callable[[], datetime] = now) -> None:
    """Bring the run one step further, if there is a step to take."""
    await _settle_doubt(shell, key)
    seen = observe_run(shell, key, clock())
    if seen is None:
        _forget(shell, key)
        return
    seen = await shell.causes.explained(await with_log(shell, seen))
    seen, plan = _decided(shell, seen)
    if plan.confirm:
        seen, plan = _decided(shell, await with_log(shell, await confirmed(shell, seen)))
    await _apply(shell, seen, plan)
    if plan.again_after is not None:
        shell.wake(WorkKey("JobRun", key), plan.again_after)


async def _settle_doubt(shell: Shell, key: ObjectKey) -> None:
    """Learn what became of a write without answer: it may have ended the run."""
    if key in shell.doubtful:
        raw = await shell.kube.get(RUNS, key)
        if raw is not None:
            shell.caches.runs.keep(raw)
        shell.doubtful.discard(key)


def _forget(shell: Shell, key: ObjectKey) -> None:
    shell.doubtful.discard(key)
    shell.launched.pop(key, None)
    shell.logs.forget(key)
    shell.causes.forget(key)
    shell.slots.leave(key)


def _decided(shell: Shell, seen: SeenRun) -> tuple[SeenRun, RunPlan]:
    """Return the plan, and what it was decided from; from now on others count its slot as taken.

    Nothing is awaited between the look at the slots and the reservation of one.
    """
    seen = replace(seen, slots=shell.slots.seen(seen.run, seen.definition))
    plan = plan_run(seen)
    if plan.create_batch_job is not None:
        shell.slots.reserve(seen.run)
    if plan.waits_for_slot:
        shell.slots.wait(seen)
    else:
        shell.slots.settle(seen.run.metadata.key)
    return seen, plan


async def _apply(shell: Shell, seen: SeenRun, plan: RunPlan) -> None:
    if plan.next_attempt is not None:
        plan = await _begin_next(shell, seen, plan.next_attempt)
    if plan.create_batch_job is not None:
        plan = await _create(shell, seen, plan.create_batch_job)
    if plan.cancel_pod is not None:
        word = written_word(seen.now, plan.cancel_for)
        await _tell(shell, seen, plan.cancel_pod, word)
    if plan.status is not None:
        await _write_status(shell, seen, plan)
    if plan.delete_batch_job is not None:
        gone = plan.delete_batch_job
        # Its slot is taken until its pod is gone, which no cache may show yet.
        await shell.kube.delete(BATCH_JOBS, gone.key, gone.uid, children_first=True)


async def _write_status(shell: Shell, seen: SeenRun, plan: RunPlan) -> None:
    if plan.status is None:
        return
    body = status_body("JobRun", seen.run.metadata, plan.status)
    try:
        written = await shell.kube.replace_status(RUNS, body)
    except Unreachable:
        shell.doubtful.add(seen.run.metadata.key)
        raise
    kept = shell.caches.runs.keep(written)
    if kept is not None and kept.finished:
        shell.slots.leave(seen.run.metadata.key)
    shell.history.ended(written)
    shell.warnings.tell(written, run_trouble(seen.run.status, plan.status))
    shell.metrics.wrote(plan.status)


async def _tell(shell: Shell, seen: SeenRun, pod: SeenPod, word: str) -> None:
    """Have the pod's runner find out that it is to end: a file shows it the annotation."""
    try:
        raw = await shell.kube.annotate(PODS, pod.key, places.CANCEL_ANNOTATION, word)
    except NotFound:
        return
    shell.caches.pods.keep(raw)
    shell.wake(WorkKey("JobRun", seen.run.metadata.key))


async def _begin_next(shell: Shell, seen: SeenRun, attempt: NextAttempt) -> RunPlan:
    """Return the plan to create the next attempt's batch Job, like the one before."""
    run = seen.run
    key = ObjectKey(run.metadata.namespace, attempt.previous)
    raw = await shell.kube.get(BATCH_JOBS, key)
    if raw is None:
        return plan_no_previous(seen)
    try:
        manifest = next_attempt(raw, run, attempt.number, attempt.retries_left)
    except (KeyError, ValueError, MessageError):
        # Somebody changed it.
        return plan_no_previous(seen)
    return RunPlan(create_batch_job=manifest)


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
