"""The finished runs of a definition: which go, in which order, and when one looks again."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NAMESPACE, NOW, later, metadata

from davit_operator.api.base import ObjectKey
from davit_operator.api.execution import HistoryLimits
from davit_operator.api.jobrun import TERMINAL_PHASES, Phase
from davit_operator.plan.history import (
    FinishedRun,
    HistoryPlan,
    finished_run,
    is_applied,
    listed_run,
    plan_history,
)

DEFINITION = "netops.sync-vlans"
FOREVER = HistoryLimits(succeeded=10_000, failed=10_000)


def a_finished_run(
    name: str = "ada",
    phase: Phase = Phase.SUCCEEDED,
    *,
    ago: float = 0,
    ttl: int | None = None,
    compacted: bool = False,
) -> FinishedRun:
    return FinishedRun(
        key=ObjectKey(NAMESPACE, name),
        definition=DEFINITION,
        phase=phase,
        finished_at=later(-ago),
        ttl_seconds=ttl,
        compacted=compacted,
    )


def gone(plan: HistoryPlan) -> list[str]:
    return [run.key.name for run in plan.surplus]


@pytest.mark.parametrize(
    ("ttl", "ago", "over", "again"),
    [
        (None, 1e9, False, inf),
        (0, 0, True, inf),
        (60, 59, False, 1),
        (60, 60, True, inf),
        (60, -3, False, 63),
        (2**31 - 1, 1, False, 2**31 - 2),
    ],
    ids=["none", "zero: at once", "not yet", "now", "a clock that is ahead", "the longest"],
)
def test_a_run_goes_when_its_ttl_is_over(
    ttl: int | None, ago: float, over: bool, again: float
) -> None:
    plan = plan_history([a_finished_run(ttl=ttl, ago=ago)], FOREVER, NOW)
    assert (gone(plan), plan.again_after) == (["ada"] if over else [], again)


def test_the_next_look_is_at_the_first_ttl_of_those_that_stay() -> None:
    runs = [
        a_finished_run("over", ttl=5, ago=9),
        a_finished_run("surplus", ttl=50, ago=8),
        a_finished_run("soon", ttl=90, ago=7),
        a_finished_run("late", ttl=900, ago=6),
    ]
    plan = plan_history(runs, HistoryLimits(succeeded=2), NOW)
    assert (gone(plan), plan.again_after) == (["over", "surplus"], 83)


FAILURES = sorted(TERMINAL_PHASES - {Phase.SUCCEEDED})


def test_limits_keep_the_newest_of_successes_and_of_all_others() -> None:
    good = [a_finished_run(f"good-{ago}", ago=ago) for ago in (4, 3, 2, 1)]
    bad = [a_finished_run(f"bad-{n}", phase, ago=n) for n, phase in enumerate(FAILURES)]
    plan = plan_history([*bad, *good], HistoryLimits(succeeded=2, failed=1), NOW)
    assert gone(plan) == ["good-4", "good-3", "bad-2", "bad-1"]


def test_of_runs_that_ended_together_the_first_by_name_goes_first() -> None:
    runs = [a_finished_run(name) for name in ("cem", "ada", "bob")]
    assert gone(plan_history(runs, HistoryLimits(succeeded=1), NOW)) == ["ada", "bob"]


def test_a_limit_of_zero_keeps_nothing() -> None:
    plan = plan_history([a_finished_run()], HistoryLimits(succeeded=0), NOW)
    assert gone(plan) == ["ada"]


def test_without_limits_only_the_ttl_counts() -> None:
    runs = [a_finished_run(f"r{n}", ago=n) for n in range(50)]
    plan = plan_history([*runs, a_finished_run("over", ttl=0)], None, NOW)
    assert gone(plan) == ["over"]


def test_a_run_whose_ttl_is_over_takes_no_place_of_another() -> None:
    runs = [a_finished_run("older", ago=2), a_finished_run("over", ago=1, ttl=0)]
    assert gone(plan_history(runs, HistoryLimits(succeeded=1), NOW)) == ["over"]


def test_a_run_that_was_stripped_stays_and_takes_no_place() -> None:
    runs = [
        a_finished_run("older", ago=2),
        a_finished_run("stripped", ago=1, ttl=0, compacted=True),
    ]
    assert plan_history(runs, HistoryLimits(succeeded=1), NOW) == HistoryPlan()


RUNS = st.lists(
    st.builds(
        a_finished_run,
        st.integers(0, 30).map("r{}".format),
        st.sampled_from(sorted(TERMINAL_PHASES)),
        ago=st.integers(0, 9),
        ttl=st.none() | st.integers(0, 9),
        compacted=st.booleans(),
    ),
    max_size=15,
    unique_by=lambda run: run.key,
)
LIMITS = st.builds(HistoryLimits, succeeded=st.integers(0, 5), failed=st.integers(0, 5))


@given(RUNS, LIMITS)
def test_limits_never_end_a_run_that_is_younger_than_one_they_keep(
    runs: list[FinishedRun], limits: HistoryLimits
) -> None:
    surplus = plan_history(runs, limits, NOW).surplus
    kept = [run for run in runs if run not in surplus and not run.compacted]
    for run in surplus:
        in_time = (
            run.ttl_seconds is None or run.finished_at + timedelta(seconds=run.ttl_seconds) > NOW
        )
        assert not run.compacted
        for other in kept:
            same = (run.phase is Phase.SUCCEEDED) == (other.phase is Phase.SUCCEEDED)
            if in_time and same:
                assert (run.finished_at, run.key) < (other.finished_at, other.key)


@given(RUNS, LIMITS)
def test_what_is_left_stays_and_is_as_many_as_the_limits_say(
    runs: list[FinishedRun], limits: HistoryLimits
) -> None:
    plan = plan_history(runs, limits, NOW)
    left = [run for run in runs if run not in plan.surplus]
    assert plan_history(left, limits, NOW) == HistoryPlan(again_after=plan.again_after)
    full = [run for run in left if not run.compacted]
    assert sum(run.phase is Phase.SUCCEEDED for run in full) <= limits.succeeded
    assert sum(run.phase is not Phase.SUCCEEDED for run in full) <= limits.failed


def a_raw_run(**status: Any) -> dict[str, Any]:
    return {
        "metadata": metadata("ada", "uid-of-ada"),
        "spec": {"definitionRef": {"name": DEFINITION}, "ttlSecondsAfterFinished": 60},
        "status": {"phase": "Failed", "finishedAt": "2026-11-22T06:30:00.000000Z", **status},
    }


CELLS = {
    "Name": "ada",
    "Namespace": NAMESPACE,
    "Definition": DEFINITION,
    "Phase": "Failed",
    "Finished": "2026-11-22T06:30:00.000000Z",
    "TTL": 60,
    "Compacted": None,
    "Age": "3d",
}


def test_an_object_and_its_row_in_a_table_make_the_same_record() -> None:
    record = a_finished_run(phase=Phase.FAILED, ttl=60)
    assert finished_run(a_raw_run()) == record
    assert listed_run(CELLS) == record
    stripped = a_finished_run(phase=Phase.FAILED, ttl=60, compacted=True)
    assert finished_run(a_raw_run(compacted=True)) == stripped
    assert listed_run({**CELLS, "Compacted": True}) == stripped


@pytest.mark.parametrize("phase", sorted({*Phase} - TERMINAL_PHASES))
def test_a_run_that_lives_has_no_record(phase: Phase) -> None:
    assert finished_run(a_raw_run(phase=phase)) is None


def test_a_run_that_nobody_has_seen_has_no_record() -> None:
    raw = a_raw_run()
    del raw["status"]
    assert finished_run(raw) is None


@pytest.mark.parametrize(
    ("meta", "applied"),
    [
        ({}, False),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "jobs"}}, True),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "jobs"}}, True),
        ({"labels": {"argocd.argoproj.io/instance": "jobs"}}, True),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "jobs:davit.dev/JobRun:a/b"}}, True),
        ({"labels": {"app.kubernetes.io/instance": "jobs"}}, False),
        ({"labels": {"workflows.argoproj.io/workflow": "jobs"}}, False),
        (
            {"generateName": "ada-", "labels": {"argocd.argoproj.io/instance": "jobs"}},
            False,
        ),
    ],
    ids=[
        "nobody", "Flux", "Flux with Helm", "Argo CD by label", "Argo CD by annotation",
        "Helm, too", "Argo Workflows", "created anew each time",
    ],
)  # fmt: skip
def test_what_a_gitops_tool_applied_is_told_by_its_marks(
    meta: dict[str, Any], applied: bool
) -> None:
    assert is_applied({"metadata": metadata("ada", "uid", **meta)}) is applied
