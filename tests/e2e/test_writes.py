"""What a run costs the API server, from its own audit log."""

from __future__ import annotations

import json

import pytest

from tests.e2e.place import Place
from tests.integration.audit import READS, WRITES, AuditLog
from tests.target import Target

GREETS = """\
import time
from davit import Job, register_jobs

class Greets(Job):
    def run(self):
        time.sleep(1)
        return "Hello"

register_jobs(Greets)
"""


@pytest.mark.parametrize("user", ["system:serviceaccount:davit-system:davit-operator"])
def test_a_successful_run_costs_at_most_four_writes_and_no_read(
    target: Target, place: Place, user: str
) -> None:
    if not target.is_local:
        pytest.skip("CLUSTER=current: another cluster's audit log is not ours to read")
    from tests.cluster.state import AUDIT_LOG

    place.serve({"greets.py": GREETS})
    place.enable("jobs.greets")
    # A repository that is looked at meanwhile reads its Secret, which no run pays for.
    suspend = json.dumps({"spec": {"suspend": True}})
    place.kubectl("patch", "jobrepository", "jobs", "--type=merge", "-p", suspend)
    suspended = 'jsonpath={.status.conditions[?(@.type=="Ready")].reason}=Suspended'
    place.kubectl.wait("jobrepository/jobs", suspended)
    audit = AuditLog(AUDIT_LOG)
    assert place.run("ada", "jobs.greets")["result"] == "Hello"
    # What comes late comes before the end of a second run.
    place.run("bob", "jobs.greets")

    # The definition says by itself that it was enabled, and the pod that discovered it is deleted:
    # a busy machine does both late.
    calls = [
        call
        for call in audit.calls(user=user, namespace=place.kubectl.namespace)
        if call.resource != "jobdefinitions" and not call.name.startswith("davit-discover-")
    ]
    jobs = [place.status("jobrun", name)["attempts"][0]["batchJob"] for name in ("ada", "bob")]
    for name, batch_job in zip(("ada", "bob"), jobs, strict=True):
        writes = [c.what for c in calls if c.verb in WRITES and c.name in {name, batch_job}]
        assert writes.count("create jobs") == 1
        assert len(writes) <= 4
    written = [call.what for call in calls if call.verb in WRITES]
    assert len(written) <= 8, written
    reads = [call for call in calls if call.verb in READS]
    # Read again, up to three times, only where the node shows the log's end late.
    assert {call.what for call in reads} == {"get pods/log"}
    assert len(reads) <= 8
