"""What leaves the operator, compared whole: each golden file is reviewed like code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.builders import (
    NAMESPACE,
    a_batch_job,
    a_definition,
    a_log_record,
    a_pod,
    a_repository,
    a_run,
    an_outcome,
    as_stored,
    ended,
    later,
    printed,
    read_log,
    running,
    seen_repository,
    seen_run,
    serving,
    waiting,
)
from tests.conftest import Golden

from davit_contract import (
    ChoiceDescription,
    ErrorInfo,
    JobDescription,
    LogCounts,
    OutcomeReason,
    PartRecord,
    PartType,
    VariableDescription,
)
from davit_operator.plan.artifact import ArtifactPart, PackedArtifact
from davit_operator.plan.artifact_parts import part_manifests
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.definitions import plan_definitions
from davit_operator.plan.discovery import discovery_pod
from davit_operator.plan.observed import Discovered, Fetched, SeenRun
from davit_operator.plan.repository import plan_repository
from davit_operator.plan.run import plan_run

TIME = "2026-11-22T06:30:01.000000Z"
# Not packed here: golden files must not change with the archive's format.
ARTIFACT = PackedArtifact(
    digest="sha256:" + "5c4d" * 16,
    parts=(
        ArtifactPart(name="davit-" + "5c4d" * 8 + "-0", data=b"first"),
        ArtifactPart(name="davit-" + "5c4d" * 8 + "-1", data=b"second"),
    ),
    files=3,
    size_bytes=11,
)
FETCHED = Fetched(revision="main@sha1:" + "1a2b" * 10, commit="1a2b" * 10, artifact=ARTIFACT)
DESCRIPTION = JobDescription(
    class_path="netops.jobs.vlans.SyncVlans",
    name="Sync VLANs",
    grouping="Network",
    description="Brings the switches in line.",
    source_path="jobs/vlans.py",
    source_line=12,
    task_queues=["fast"],
    field_order=["count"],
    notes=["Meta.task_queues is accepted and has no effect: the runner settings say where."],
    variables=[
        VariableDescription(name="who", type="StringVar", default="World", max_length=20),
        VariableDescription(name="count", type="IntegerVar", required=False, min=1, max=9),
        VariableDescription(
            name="colors",
            type="MultiChoiceVar",
            default=["1"],
            choices=[ChoiceDescription(value="1", label="Red", group="Warm")],
        ),
        VariableDescription(name="net", type="IPNetworkVar", min_prefix_length=8),
        VariableDescription(
            name="device",
            type="ObjectVar",
            model="netops.inventory.Device",
            display_field="site.name",
            query_params={"site": "$site"},
            null_option="none",
        ),
    ],
)
SETTINGS = {
    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "256Mi"}},
    "nodeSelector": {"pool": "jobs"},
    "podLabels": {"team": "netops", "davit.dev/component": "not-ours"},
    "podAnnotations": {"note": "hello", "davit.dev/request": "forged"},
    "imagePullSecrets": [{"name": "registry"}],
}
CHOSEN = {
    "image": "registry.example/netops-runner:2",
    "priorityClassName": "low",
    "tolerations": [{"key": "jobs", "operator": "Exists", "effect": "NoSchedule"}],
}


def a_chosen_repository() -> Any:
    return a_repository(spec={"runner": SETTINGS}, status=serving())


def batch_job_manifest() -> Any:
    definition = a_definition(spec={"runner": CHOSEN, "overrides": {"timeLimitSeconds": 60}})
    run = a_run(inputs={"who": "Zoë", "count": 3, "tags": ["a"], "none": None})
    return batch_job(run, definition, a_chosen_repository(), seen_run().defaults)


def run_status(seen: SeenRun) -> Any:
    status = plan_run(seen).status
    assert status is not None
    return as_stored(status)


def succeeded() -> Any:
    result = PartRecord(
        type=PartType.RESULT, sequence=3, time=TIME, part=1, parts=1, data='{"vlans":[7,8]}'
    )
    log = printed(a_log_record(1, "Hello"), a_log_record(2, "done", object="switch-1"), result)
    outcome = an_outcome(last_sequence=3)
    return run_status(
        seen_run(batch_job=a_batch_job(), pod=a_pod(ended()), outcome=outcome, log=read_log(log))
    )


def failed() -> Any:
    error = ErrorInfo(type="ValueError", message="no such VLAN", traceback="Traceback ...")
    outcome = an_outcome(
        OutcomeReason.JOB_FAILED, error, counts=LogCounts(info=1, error=1), dropped_records=4
    )
    log = read_log(printed(a_log_record(1, "Hello")))
    return run_status(
        seen_run(batch_job=a_batch_job(), pod=a_pod(ended(1)), outcome=outcome, log=log)
    )


def definition_created() -> Any:
    [write] = plan_definitions(
        seen_repository(), FETCHED, ARTIFACT, Discovered(descriptions=(DESCRIPTION,))
    )
    return {"create": write.create, "status": as_stored(write.status)}


def repository_served() -> Any:
    found = Discovered(descriptions=(DESCRIPTION,))
    status = plan_repository(seen_repository(source=FETCHED, discovered=found)).status
    assert status is not None
    return as_stored(status)


CASES: dict[str, Callable[[], Any]] = {
    "batch_job": batch_job_manifest,
    "discovery_pod": lambda: discovery_pod(
        a_chosen_repository(), FETCHED, ARTIFACT, seen_run().defaults
    ),
    "artifact_parts": lambda: part_manifests(NAMESPACE, ARTIFACT),
    "definition_created": definition_created,
    "repository_served": repository_served,
    "run_pending": lambda: run_status(seen_run(definition=None, repository=None)),
    "run_starting": lambda: run_status(
        seen_run(batch_job=a_batch_job(), pod=a_pod(waiting("ImagePullBackOff")), now=later(3))
    ),
    "run_running": lambda: run_status(seen_run(batch_job=a_batch_job(), pod=a_pod(running()))),
    "run_succeeded": succeeded,
    "run_failed": failed,
    "run_out_of_memory": lambda: run_status(
        seen_run(batch_job=a_batch_job(), pod=a_pod(ended(137, reason="OOMKilled")))
    ),
    "run_rejected": lambda: run_status(
        seen_run(definition=a_definition(spec={"enabled": False}), confirmed=True)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_leaves_the_operator_equals_its_golden_file(name: str, golden: Golden) -> None:
    golden(name, CASES[name]())


def test_every_golden_file_has_a_case() -> None:
    assert {path.stem for path in Path(__file__).parent.glob("*.yaml")} == set(CASES)


def test_a_request_reaches_the_pod_by_annotation_and_never_by_command_or_environment() -> None:
    template = batch_job_manifest()["spec"]["template"]
    [container] = template["spec"]["containers"]
    assert "Zoë" in template["metadata"]["annotations"]["davit.dev/request"]
    assert "Zoë" not in str(container)
    assert "env" not in container


def test_what_an_admin_adds_to_pods_never_replaces_ours() -> None:
    for manifest in (batch_job_manifest()["spec"]["template"], CASES["discovery_pod"]()):
        metadata = manifest["metadata"]
        assert metadata["labels"]["team"] == "netops"
        assert metadata["labels"]["davit.dev/component"] != "not-ours"
        assert metadata["annotations"]["davit.dev/request"] != "forged"
