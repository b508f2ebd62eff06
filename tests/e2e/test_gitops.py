"""The folder of a team that works by GitOps, applied as Flux and Argo CD do, and judged by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.argocd import health
from tests.e2e.place import Place, condition
from tests.integration.kube import eventually
from tests.kstatus import kstatus
from tests.samples import SAMPLES, sample_files

KINDS = {"JobRepository", "JobDefinition"}


@pytest.fixture
def folder(place: Place) -> list[dict[str, Any]]:
    """Return what the folder says, with the test's own Git server in place of git.example.com."""
    objects = list(yaml.safe_load_all(place.kubectl("kustomize", str(SAMPLES / "gitops"))))
    for each in objects:
        if each["kind"] == "JobRepository":
            git = {"url": place.url, "secretRef": {"name": "git-ca"}}
            each["spec"]["source"]["git"] |= git
            each["spec"]["interval"] = "10s"
    return objects


def seen(place: Place, objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the objects as they are now."""
    for each in objects:
        yield place.kubectl.get(each["kind"], each["metadata"]["name"])


def judged(place: Place, objects: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return what kstatus and Argo CD say of the objects."""
    return {(kstatus(each), health(each["kind"], each).status) for each in seen(place, objects)}


def test_a_folder_that_is_applied_before_its_code_becomes_healthy_with_it(
    place: Place, folder: list[dict[str, Any]]
) -> None:
    assert {each["kind"] for each in folder} == KINDS
    place.kubectl.apply(*folder)
    # Of a branch that does not exist yet nothing is done, and nothing has failed for good.
    assert {verdict for verdict, _ in judged(place, folder)} == {"InProgress"}
    place.remote.push(sample_files("gitops"))
    eventually(lambda: judged(place, folder) == {("Current", "Healthy")}, "all are healthy")
    for each in folder:
        place.kubectl.wait(f"{each['kind']}/{each['metadata']['name']}", "condition=Ready")
    # Found by their classes, and none was made beside them; what Git says stays as it is.
    assert len(place.kubectl.items("jobdefinition")) == 2
    said = place.kubectl.apply(*folder)
    assert said.count("unchanged") == len(folder)
    status = place.status("jobdefinition", "sync-vlans")
    effective = status["effective"]
    assert (status["name"], effective["name"]) == ("Sync VLANs", "Sync VLANs (production)")
    assert (status["softTimeLimitSeconds"], effective["softTimeLimitSeconds"]) == (30, 600)
    assert (status["isSingleton"], effective["isSingleton"]) == (False, True)
    assert place.run("tonight", "sync-vlans")["result"]["switch1"] == [10, 20]
    refused = place.run("too-early", "audit-vlans")
    assert condition(refused, "Ready")["reason"] == "Disabled"
    for name, verdicts in (
        ("tonight", ("Current", "Healthy")),
        ("too-early", ("Failed", "Degraded")),
    ):
        run = place.kubectl.get("jobrun", name)
        assert (kstatus(run), health("JobRun", run).status) == verdicts


def test_a_class_that_leaves_the_code_fails_its_definition_alone(
    place: Place, folder: list[dict[str, Any]]
) -> None:
    files = sample_files("gitops")
    place.remote.push(files)
    place.kubectl.apply(*folder)
    eventually(lambda: judged(place, folder) == {("Current", "Healthy")}, "all are healthy")
    left = files["jobs/vlans.py"].replace("(SyncVlans, AuditVlans)", "(SyncVlans)")
    place.remote.push({**files, "jobs/vlans.py": left})
    place.kubectl.wait("jobdefinition/audit-vlans", "condition=Stalled")
    gone = place.kubectl.get("jobdefinition", "audit-vlans")
    found = health("JobDefinition", gone)
    assert (kstatus(gone), found.status) == ("Failed", "Degraded")
    assert "netops.jobs.vlans.AuditVlans is not in the commit" in found.message
    others = [each for each in folder if each["metadata"]["name"] != "audit-vlans"]
    eventually(lambda: judged(place, others) == {("Current", "Healthy")}, "the others are healthy")
