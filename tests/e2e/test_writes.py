"""What a run costs the API server, from its own audit log."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.e2e.place import Place
from tests.integration.audit import READS, WRITES, AuditLog, Call
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


# Seconds after which a live run's status shows what it has said; such writes are counted apart.
REFRESHES = (1, 2, 4, 8, 18, 28)


def live_refreshes(writes: Sequence[Call]) -> int:
    """Return how often a run that lived so long was refreshed at the most."""
    statuses = [call.at for call in writes if call.resource == "jobruns"]
    lived = (max(statuses) - min(statuses)).total_seconds()
    # The clock starts just before the first of these writes.
    return sum(seconds - 0.5 <= lived for seconds in REFRESHES)


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
    refreshes = 0
    for name, batch_job in zip(("ada", "bob"), jobs, strict=True):
        writes = [c for c in calls if c.verb in WRITES and c.name in {name, batch_job}]
        assert [c.what for c in writes].count("create jobs") == 1
        assert len(writes) <= 4 + live_refreshes(writes)
        refreshes += live_refreshes(writes)
    written = [call.what for call in calls if call.verb in WRITES]
    assert len(written) <= 8 + refreshes, written
    reads = [call for call in calls if call.verb in READS]
    # Read again, up to three times, only where the node shows the log's end late; and Events are
    # asked only where a container takes three seconds to start.
    assert {call.what for call in reads} - {"list events"} == {"get pods/log"}
    assert len(reads) <= 8
