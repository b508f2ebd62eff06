"""One full example of every message on the wire."""

from __future__ import annotations

from typing import Any

from davit_contract import (
    ChoiceDescription,
    DiscoveryProblem,
    DiscoveryRequest,
    ErrorInfo,
    FileContent,
    JobDescription,
    Layout,
    LogCounts,
    LogRecord,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    ProgressRecord,
    RunRequest,
    VariableDescription,
)

TIME = "2026-11-22T06:30:00.123456Z"
DIGEST = "sha256:" + "3b7e" * 16

EXAMPLES: dict[str, Any] = {
    "run_request": RunRequest(
        subject="3f0c",
        namespace="netops",
        name="sync-vlans-x7",
        class_path="netops.jobs.vlans.SyncVlans",
        slug="netops",
        layout=Layout.REPOSITORY,
        commit="9f3c",
        artifact_digest=DIGEST,
        artifact_parts=1,
        inputs={"who": "Ada", "count": 3},
        requested_by="ada@example.com",
        definition="netops.sync-vlans",
        modules=["netops.jobs"],
        retries_left=2,
        profile=True,
        inputs_from={
            "password": {"file": "0", "kind": "Secret", "name": "login", "key": "password"}
        },
        environment_from=[{"folder": "0", "name": "login", "prefix": "LOGIN_"}],
        environment=["SITE"],
        files_max_bytes=2**30,
        sensitive=["password"],
    ),
    "discovery_request": DiscoveryRequest(
        subject=DIGEST,
        slug="netops",
        layout=Layout.JOBS_ROOT,
        commit="9f3c",
        artifact_digest=DIGEST,
        artifact_parts=2,
        modules=["my_app.jobs"],
    ),
    "log_record": LogRecord(
        sequence=1,
        time=TIME,
        level="success",
        grouping="run",
        message="VLAN 7 “core” is there",
        object="switch-1",
    ),
    "progress_record": ProgressRecord(sequence=2, time=TIME, done=3, total=9),
    "part_record": PartRecord(
        type=PartType.RESULT, sequence=3, time=TIME, part=1, parts=1, data='{"vlans":7}'
    ),
    "file_content": FileContent(
        name="vlans.csv",
        size_bytes=3,
        digest="sha256:" + "a591" * 16,
        data="Nyw4",
        stored="2-vlans.csv",
    ),
    "outcome": Outcome(
        subject="3f0c",
        reason=OutcomeReason.JOB_FAILED,
        exit_code=1,
        started_at=TIME,
        finished_at=TIME,
        last_sequence=3,
        error=ErrorInfo(type="ValueError", message="no such VLAN", traceback="Traceback ..."),
        counts=LogCounts(info=2, failure=1),
        dropped_records=4,
        dropped_result=True,
    ),
    "job_description": JobDescription(
        class_path="netops.jobs.vlans.SyncVlans",
        name="Sync VLANs",
        grouping="Network",
        description="First line.",
        source_path="jobs/vlans.py",
        source_line=12,
        task_queues=["fast"],
        field_order=["color", "who"],
        notes=["Meta.template_name is ignored."],
        variables=[
            VariableDescription(
                name="who", type="StringVar", default="World", regex="^[A-Z]", regex_portable=True
            ),
            VariableDescription(
                name="color",
                type="ChoiceVar",
                choices=[ChoiceDescription(value="#ff0000", label="Red", group="Warm")],
            ),
            VariableDescription(
                name="net", type="IPNetworkVar", min_prefix_length=8, max_prefix_length=24
            ),
            VariableDescription(
                name="device",
                type="ObjectVar",
                required=False,
                model="netops.inventory.Device",
                display_field="name",
                query_params={"site": "$site"},
                null_option="None",
            ),
        ],
    ),
    "discovery_problem": DiscoveryProblem(
        path="jobs/broken.py", line=3, message="ModuleNotFoundError: No module named 'foo'"
    ),
}
