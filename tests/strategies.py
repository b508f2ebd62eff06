"""Whatever a run's world may look like, plausible or not."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import strategies as st

from davit_contract import Outcome, OutcomeReason
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrun import Attempt, JobRun, JobRunStatus, Phase
from davit_operator.plan.observed import LogReading, SeenBatchJob, SeenContainer, SeenPod, SeenRun
from tests.builders import (
    DEFAULTS,
    a_batch_job,
    a_definition,
    a_pod,
    a_repository,
    a_run,
    an_outcome,
    ended,
    later,
    running,
    serving,
    waiting,
)

_INPUTS: list[dict[str, Any]] = [{}, {"who": "Ada"}, {"whom": 1}]
_VARIABLE = {"name": "who", "type": "StringVar", "required": True}

_CONTAINERS: list[SeenContainer] = [
    SeenContainer(),
    waiting(),
    waiting("ImagePullBackOff", "no"),
    waiting("CreateContainerConfigError", "no"),
    running(),
    ended(),
    ended(1),
    ended(137, reason="OOMKilled"),
    # The kubelet of a node that restarted may not know when it began.
    ended(255, started_at="", finished_at="", reason="Unknown"),
]


# Built once: Hypothesis only has to choose.
_PODS: list[SeenPod | None] = [
    None,
    *(
        a_pod(
            runner,
            phase=phase,
            deleting=deleting,
            deleting_until=later(30) if deleting else None,
            reason=reason,
            unschedulable=unschedulable,
        )
        for runner, phase, deleting, reason, unschedulable in product(
            _CONTAINERS,
            ("Pending", "Running", "Succeeded", "Failed"),
            (False, True),
            ("", "Evicted", "DeadlineExceeded"),
            ("", "0/3 nodes are available."),
        )
    ),
]
_PODS += [
    a_pod(
        runner,
        phase=phase,
        deleting=True,
        deleting_until=later(30),
        disruption=disruption,
        sidecars_running=beside,
    )
    for runner, phase, disruption, beside in product(
        _CONTAINERS,
        ("Running", "Failed"),
        ("", "PreemptionByScheduler", "DeletionByTaintManager"),
        (False, True),
    )
]
_BATCH_JOBS: list[SeenBatchJob | None] = [
    None,
    a_batch_job(),
    a_batch_job(completed=True),
    a_batch_job(failed="It failed."),
]
_DEFINITIONS: list[JobDefinition | None] = [
    None,
    *(
        a_definition(
            spec={"enabled": enabled}, status={"installed": installed, "variables": variables}
        )
        for enabled, installed, variables in product(
            (True, False), (None, True, False), ([], [_VARIABLE])
        )
    ),
]
_ELDERS = [None, a_definition(name="elder", uid="elder")]
_ATTEMPT = Attempt(number=1, batch_job=a_batch_job().key.name)
_RUNS: list[JobRun] = [
    a_run(
        inputs=inputs,
        status=JobRunStatus(phase=phase, attempts=attempts),
        generation=1 + len(attempts),
    )
    for inputs, phase, attempts in product(_INPUTS, (None, *Phase), ([], [_ATTEMPT]))
]
_OUTCOMES: list[Outcome | None] = [None, *(an_outcome(reason) for reason in OutcomeReason)]
_REPOSITORIES = [None, a_repository(status=serving())]
_MOMENTS = [later(seconds) for seconds in (0, 1, 2, 10, 299, 300, 4_000)]


@st.composite
def seen_runs(draw: st.DrawFn) -> SeenRun:
    """Return anything that the shell may have seen, in one moment, of a run."""
    batch_job = draw(st.sampled_from(_BATCH_JOBS))
    pod = draw(st.sampled_from(_PODS)) if batch_job else None
    over = pod is not None and pod.runner.terminated
    return SeenRun(
        run=draw(st.sampled_from(_RUNS)),
        now=draw(st.sampled_from(_MOMENTS)),
        defaults=DEFAULTS,
        definition=draw(st.sampled_from(_DEFINITIONS)),
        elder=draw(st.sampled_from(_ELDERS)),
        repository=draw(st.sampled_from(_REPOSITORIES)),
        batch_job=batch_job,
        pod=pod,
        outcome=draw(st.sampled_from(_OUTCOMES)) if over else None,
        log=LogReading() if over else None,
        confirmed=draw(st.booleans()),
    )
