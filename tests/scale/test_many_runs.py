"""Many runs at once, while operators are killed: none is lost, none is executed twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import OperatorProcess
from tests.integration.audit import OPERATOR_USER, AuditLog, Call
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, phase_of
from tests.scale.crowd import Crowd, Lives
from tests.scale.kills import killed_until
from tests.scale.numbers import Cost, told

# Long enough for all that is waited for with patience.
pytestmark = pytest.mark.timeout(1_200)
LIMIT = 10


def owner(thing: Object) -> str:
    """Return the uid of the object that a Job or pod belongs to."""
    [reference] = thing["metadata"]["ownerReferences"]
    uid: str = reference["uid"]
    return uid


def assert_each_ran_once(crowd: Crowd, lives: Lives, audit: AuditLog) -> None:
    """Fail where a run was lost, executed twice or written after its end."""
    runs = {run["metadata"]["name"]: run for run in crowd.place.all("JobRun")}
    assert sorted(runs) == list(crowd.names)
    assert {name: phase_of(run) for name, run in runs.items()} == dict.fromkeys(runs, "Succeeded")
    assert {len(run["status"]["attempts"]) for run in runs.values()} == {1}
    once = Counter(run["metadata"]["uid"] for run in runs.values())
    made = crowd.place.all("Job")
    jobs = {job["metadata"]["uid"]: owner(job) for job in made}
    assert Counter(jobs.values()) == once
    assert Counter(jobs[owner(pod)] for pod in crowd.place.all("Pod")) == once
    pods = [call for call in audit.calls(namespace=crowd.place.name) if call.what == "create pods"]
    assert len([call for call in pods if call.code == 201]) == len(runs)
    calls = audit.calls(user=OPERATOR_USER, namespace=crowd.place.name)
    asked = [call for call in calls if call.what == "create jobs"]
    assert {call.name for call in asked} == {job["metadata"]["name"] for job in made}
    # One whose client was killed meanwhile may be written, though the log calls it a failure.
    created = Counter(call.name for call in asked if call.code == 201)
    assert set(created.values()) == {1}
    assert lives.ends() == Counter(crowd.names)


def assert_nothing_is_left(place: Place) -> None:
    """Fail where a pod lives on, or a batch Job does not end."""
    assert {pod["status"]["phase"] for pod in place.all("Pod")} == {"Succeeded"}
    eventually(
        lambda: all(job["status"].get("succeeded") == 1 for job in place.all("Job")),
        "the Job controller counts all pods",
    )


def test_a_thousand_runs_at_once_end_once_each(
    plane: ControlPlane,
    place: Place,
    operator: OperatorProcess,
    audit: AuditLog,
    numbers: list[str],
) -> None:
    definitions = [f"hello-{number}" for number in range(10)]
    for name in definitions:
        place.installed(name, historyLimits={"succeeded": 1_000})
    crowd, lives, used = (
        Crowd.of(place, 1_000, *definitions),
        Lives(place),
        Cost.measuring(operator),
    )
    operator.start()
    crowd.create()
    kills = killed_until(operator, plane.audit_log, lambda: len(lives.ended()) == len(crowd.names))
    # Whatever comes late comes before it ends as it should.
    cost = used()
    assert kills
    assert_each_ran_once(crowd, lives, audit)
    assert_nothing_is_left(place)
    numbers += told(audit.calls(namespace=place.name), crowd.run_of, kills, cost)


def test_a_queue_has_ten_at_once_first_come_first_served(
    plane: ControlPlane,
    place: Place,
    operator: OperatorProcess,
    audit: AuditLog,
    numbers: list[str],
) -> None:
    place.installed(
        concurrency={"policy": "Queue", "limit": LIMIT}, historyLimits={"succeeded": 1_000}
    )
    crowd, lives = Crowd.of(place, 200, "hello"), Lives(place)
    used = Cost.measuring(operator)
    # All of them come before the first operator, which thus knows their order.
    crowd.create()
    kills = killed_until(operator, plane.audit_log, lambda: len(lives.ended()) == len(crowd.names))
    cost = used()
    assert kills
    assert_each_ran_once(crowd, lives, audit)
    assert_nothing_is_left(place)
    assert 1 < lives.most_pods_at_once() <= LIMIT
    calls = audit.calls(namespace=place.name)
    # Those whose turn it is are started side by side: who is how far from their place?
    started = as_started(calls, crowd)
    gaps = [abs(at - started.index(name)) for at, name in enumerate(as_created(place))]
    assert max(gaps) < LIMIT
    numbers += told(calls, crowd.run_of, kills, cost)


def as_started(calls: Sequence[Call], crowd: Crowd) -> list[str]:
    """Return the runs' names by the last time that each one's batch Job was asked for.

    An earlier request was cut by the death of its operator.
    """
    asked = {crowd.run_of(call.name): call.at for call in calls if call.what == "create jobs"}
    return sorted(asked, key=lambda name: asked[name])


def as_created(place: Place) -> list[str]:
    """Return the runs' names in the order of a queue."""
    metadata = [run["metadata"] for run in place.all("JobRun")]
    return [
        each["name"]
        for each in sorted(metadata, key=lambda each: (each["creationTimestamp"], each["name"]))
    ]
