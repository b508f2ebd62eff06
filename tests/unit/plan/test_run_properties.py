"""What holds for every run, whatever its world looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from tests.builders import a_run, as_stored
from tests.strategies import seen_runs

from davit_operator.api.jobrun import TERMINAL_PHASES, JobRun, JobRunStatus, Phase
from davit_operator.plan.observed import SeenRun
from davit_operator.plan.projection import seen_batch_job
from davit_operator.plan.run import plan_run
from davit_operator.plan.run_plan import NOTHING, RunPlan
from davit_operator.plan.times import format_time, parse_time

ALIVE = {"Ready": "Unknown", "Reconciling": "True"}
WELL = {"Ready": "True", "Finished": "True", "Succeeded": "True", "Failed": "False"}
BADLY = {
    "Ready": "False",
    "Stalled": "True",
    "Finished": "True",
    "Succeeded": "False",
    "Failed": "True",
}

REMEDIES = ("Create another", "create another", "Check ", "See whether", "Restore the class")


def with_status(run: JobRun, status: JobRunStatus) -> JobRun:
    """Return the run as the API server gives it back after ``status`` was written."""
    read = JobRun.model_validate(
        {
            "metadata": run.metadata.model_dump(by_alias=True),
            "spec": run.spec.model_dump(by_alias=True),
            "status": as_stored(status),
        }
    )
    assert read.status == status
    return read


def after(seen: SeenRun, plan: RunPlan) -> SeenRun:
    """Return what is seen once the plan was carried out, a minute later."""
    now = seen.now + timedelta(seconds=60)
    if plan.confirm:
        return replace(seen, confirmed=True)
    if plan.status is not None:
        seen = replace(seen, run=with_status(seen.run, plan.status))
    if plan.create_batch_job is not None:
        raw = plan.create_batch_job
        raw["metadata"] |= {
            "uid": "b",
            "resourceVersion": "5",
            "creationTimestamp": format_time(now),
        }
        seen = replace(seen, batch_job=seen_batch_job(raw))
    return replace(seen, now=now)


def dates_of(status: JobRunStatus) -> dict[str, tuple[str, str]]:
    return {item.type: (item.status, item.last_transition_time) for item in status.conditions}


@given(seen=seen_runs())
def test_planning_twice_changes_nothing(seen: SeenRun) -> None:
    once = plan_run(seen)
    if once.status is None or once.create_batch_job is not None:
        return
    soon = replace(seen, run=with_status(seen.run, once.status))
    assert plan_run(soon).status is None


@given(seen=seen_runs())
def test_a_run_that_ended_stays_as_it_is_whatever_happens_to_its_world(seen: SeenRun) -> None:
    for phase in TERMINAL_PHASES:
        assert plan_run(replace(seen, run=a_run(status=JobRunStatus(phase=phase)))) == NOTHING
    status = plan_run(seen).status
    if status is not None and status.phase in TERMINAL_PHASES:
        assert plan_run(after(seen, RunPlan(status=status))) == NOTHING


@given(seen=seen_runs())
def test_a_plan_starts_or_ends_a_run_but_never_both(seen: SeenRun) -> None:
    plan = plan_run(seen)
    ends = plan.status is not None and plan.status.phase in TERMINAL_PHASES
    assert [ends, plan.create_batch_job is not None, plan.confirm].count(True) <= 1
    assert plan.create_batch_job is None or seen.batch_job is None
    assert plan.delete_batch_job is None or ends
    if plan.confirm:
        assert plan == RunPlan(confirm=True)
        assert not seen.confirmed


@given(seen=seen_runs())
def test_a_run_has_one_batch_job_at_most(seen: SeenRun) -> None:
    created = 0
    for _ in range(6):
        plan = plan_run(seen)
        created += plan.create_batch_job is not None
        seen = after(seen, plan)
    assert created <= 1


@given(seen=seen_runs())
def test_a_run_without_a_pod_ends_or_waits_for_somebody_who_will_speak(seen: SeenRun) -> None:
    """Nothing but time passes: a run may wait for time, or for the batch Job's controller."""
    for _ in range(12):
        plan = plan_run(seen)
        if plan == NOTHING:
            break
        seen = after(seen, plan)
        if plan.again_after:
            seen = replace(seen, now=seen.now + timedelta(seconds=plan.again_after))
    phase = seen.run.status.phase
    assert phase in TERMINAL_PHASES or phase is Phase.RUNNING or seen.batch_job is not None


@given(seen=seen_runs())
def test_conditions_are_those_of_the_phase_and_say_what_kstatus_says(seen: SeenRun) -> None:
    status = plan_run(seen).status
    if status is None:
        return
    found = {item.type: item.status for item in status.conditions}
    if status.phase is Phase.SUCCEEDED:
        assert found == WELL
    else:
        assert found == (BADLY if status.phase in TERMINAL_PHASES else ALIVE)
    generation = seen.run.metadata.generation
    assert status.observed_generation == generation
    assert {item.observed_generation for item in status.conditions} == {generation}
    assert len({item.reason for item in status.conditions}) == 1


@given(seen=seen_runs())
def test_a_condition_is_dated_anew_only_when_its_status_changes(seen: SeenRun) -> None:
    for _ in range(4):
        before = dates_of(seen.run.status)
        plan = plan_run(seen)
        if plan.status is not None:
            for kind, (status, since) in dates_of(plan.status).items():
                known = before.get(kind)
                kept = known is not None and known[0] == status
                assert since == (known[1] if kept and known else format_time(seen.now))
        seen = after(seen, plan)


@given(seen=seen_runs())
def test_a_run_that_ended_badly_says_why_and_what_to_do(seen: SeenRun) -> None:
    status = plan_run(seen).status
    if status is None or status.phase not in {Phase.FAILED, Phase.REJECTED}:
        return
    error, message = status.error, status.conditions[0].message
    assert error is not None
    assert error.reason == status.conditions[0].reason
    assert error.message
    assert error.remedy or any(verb in message for verb in REMEDIES)
    assert error.remedy is None or message.endswith(error.remedy)


@given(seen=seen_runs())
def test_times_of_a_run_are_in_their_order(seen: SeenRun) -> None:
    status = plan_run(seen).status
    if status is None or status.phase not in TERMINAL_PHASES:
        return
    assert status.finished_at
    if status.started_at:
        assert parse_time(status.started_at) <= parse_time(status.finished_at)
        assert status.duration_seconds is not None


@given(seen=seen_runs())
def test_a_run_is_only_rejected_or_declared_lost_after_asking_the_api(seen: SeenRun) -> None:
    plan = plan_run(replace(seen, confirmed=False))
    phase = plan.status.phase if plan.status else None
    assert phase is not Phase.REJECTED
    # What the runner said needs no other word; sidecars must not outlive it.
    spoken = seen.pod is not None and seen.pod.runner.terminated
    assert plan.delete_batch_job is None or spoken
    if phase is Phase.FAILED:
        assert seen.pod is not None
        assert seen.pod.runner.terminated or seen.pod.phase == "Failed"
