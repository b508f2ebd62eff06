"""Finished runs end: by their ttl, beyond their limits, or stripped where they must stay."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import a_log_record
from tests.cluster.controlplane import ControlPlane
from tests.integration.audit import OPERATOR_USER, AuditLog
from tests.integration.kube import Kube, Object, eventually
from tests.integration.node import running_node
from tests.integration.place import Place
from tests.integration.running import OperatorThread

from davit_contract import OutcomeReason

FLUX = {"kustomize.toolkit.fluxcd.io/name": "jobs", "kustomize.toolkit.fluxcd.io/namespace": "x"}


def names(place: Place) -> list[str]:
    return sorted(run["metadata"]["name"] for run in place.all("JobRun"))


def left(place: Place, *expected: str) -> None:
    """Return once these runs are left, and no others."""
    eventually(lambda: names(place) == sorted(expected), f"{expected} are left of {names(place)}")


def begun(place: Place, name: str, definition: str = "hello", **spec: Any) -> None:
    """Create a run and have its pod run."""
    metadata = spec.pop("metadata", {})
    content = {"definitionRef": {"name": definition}, **spec}
    place.create("JobRun", name, metadata=metadata, spec=content)
    place.start(name)


def ended(place: Place, name: str, *, well: bool = True) -> None:
    """Have the run's pod end."""
    reason = OutcomeReason.SUCCEEDED if well else OutcomeReason.JOB_FAILED
    place.finish(name, reason=reason)


def finished(place: Place, name: str, definition: str = "hello", **spec: Any) -> None:
    begun(place, name, definition, **spec)
    ended(place, name)
    place.phase(name, "Succeeded")


@pytest.mark.usefixtures("operator")
def test_a_run_is_deleted_with_all_it_owns_when_its_ttl_is_over(place: Place) -> None:
    place.installed()
    finished(place, "kept", ttlSecondsAfterFinished=2**31 - 1)
    # The kubelet of these tests says that it ended hours ago.
    begun(place, "over", ttlSecondsAfterFinished=60)
    ended(place, "over")
    left(place, "kept")
    eventually(lambda: len(place.all("Job")) == len(place.all("Pod")) == 1, "the pod goes with it")


@pytest.mark.usefixtures("operator")
def test_the_oldest_beyond_the_limits_are_deleted_and_other_definitions_keep_theirs(
    place: Place,
) -> None:
    place.installed(historyLimits={"succeeded": 2, "failed": 1})
    place.installed("other")
    finished(place, "other-1", "other")
    # They end at the same second: then names tell.
    for name in ("a", "b", "c"):
        finished(place, name)
    for name in ("x", "y"):
        begun(place, name)
        ended(place, name, well=False)
    left(place, "b", "c", "other-1", "y")


def test_a_lower_limit_counts_at_once_and_after_a_restart(
    no_operator: OperatorThread, place: Place
) -> None:
    no_operator.start()
    place.installed()
    for name in ("a", "b", "c", "d"):
        finished(place, name)
    place.patch("JobDefinition", "hello", {"spec": {"historyLimits": {"succeeded": 3}}})
    left(place, "b", "c", "d")
    no_operator.stop()
    place.patch("JobDefinition", "hello", {"spec": {"historyLimits": {"succeeded": 1}}})
    no_operator.start()
    left(place, "d")


def test_runs_of_a_definition_that_is_gone_stay_for_now(
    no_operator: OperatorThread, place: Place
) -> None:
    no_operator.start()
    place.installed(historyLimits={"succeeded": 0})
    finished(place, "over", ttlSecondsAfterFinished=2**31 - 1)
    left(place)
    place.patch("JobDefinition", "hello", {"spec": {"historyLimits": {"succeeded": 30}}})
    many = [f"r{n:02}" for n in range(22)]
    for name in many:
        finished(place, name)
    place.delete("JobDefinition", "hello")
    no_operator.stop()
    no_operator.start()
    place.installed("later")
    finished(place, "last", "later", ttlSecondsAfterFinished=0)
    left(place, *many)


def test_what_flux_applied_is_stripped_once_and_kept(
    plane: ControlPlane,
    kube: Kube,
    no_operator: OperatorThread,
    place: Place,
    audit: AuditLog,
) -> None:
    no_operator.start()
    place.installed(historyLimits={"succeeded": 0})
    with running_node(plane, kube, "node-of-history") as node:
        run = {"definitionRef": {"name": "hello"}}
        place.create("JobRun", "applied", metadata={"labels": FLUX}, spec=run)
        records = [a_log_record(number, "x" * 3_000) for number in range(1, 9)]
        node.end_run(place, place.start("applied"), *records)
        found = stripped(place)
    assert found["phase"] == "Succeeded"
    assert "tail" not in found["log"] or found["log"]["tail"] == []
    assert found["log"]["counts"]["info"] == 8
    assert "1 JobLog was removed that held this log of 8 records" in found["log"]["message"]
    assert place.all("JobLog") == []
    no_operator.stop()
    no_operator.start()
    # Of another definition, so that the operator has certainly looked at this one, too.
    place.installed("other", historyLimits={"succeeded": 0})
    finished_and_gone(place, "marker", "other")
    assert names(place) == ["applied"]
    what = [call.what for call in audit.calls(user=OPERATOR_USER, namespace=place.name)]
    assert what.count("deletecollection joblogs") == 1


def stripped(place: Place) -> Object:
    run = place.until(
        "JobRun", "applied", lambda run: run["status"].get("compacted"), "is stripped"
    )
    status: Object = run["status"]
    return status


def finished_and_gone(place: Place, name: str, definition: str) -> None:
    begun(place, name, definition)
    ended(place, name)
    eventually(lambda: place.find("JobRun", name) is None, f"{name} is gone")


def test_a_run_that_argo_cd_applies_after_its_end_is_not_deleted(
    no_operator: OperatorThread, place: Place
) -> None:
    place.installed()
    no_operator.start()
    finished(place, "applied")
    # The operator knows nothing of it.
    note = {"annotations": {"argocd.argoproj.io/tracking-id": "jobs:davit.dev/JobRun:a/applied"}}
    place.patch("JobRun", "applied", {"metadata": note})
    place.patch("JobDefinition", "hello", {"spec": {"historyLimits": {"succeeded": 0}}})
    assert stripped(place)["phase"] == "Succeeded"
