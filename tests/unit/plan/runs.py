"""What a plan for a run says, in short."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import (
    a_batch_job,
    a_pod,
    running,
    seen_run,
)

from davit_operator.api.jobrun import JobRunStatus, Phase
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import RunPlan


def written(plan: RunPlan) -> JobRunStatus:
    assert plan.status is not None
    return plan.status


def verdict(plan: RunPlan) -> tuple[Phase | None, str, str]:
    """Return phase, reason and message of the status that the plan writes."""
    status = written(plan)
    [ready] = [condition for condition in status.conditions if condition.type == "Ready"]
    return status.phase, ready.reason, ready.message


def decided(seen: SeenRun) -> tuple[Phase | None, str, str]:
    """Return the verdict on a run that is sure only once the API was asked."""
    assert plan_run(seen) == RunPlan(confirm=True)
    return verdict(plan_run(replace(seen, confirmed=True)))


def was_running() -> JobRunStatus:
    return written(plan_run(seen_run(batch_job=a_batch_job(), pod=a_pod(running()))))
