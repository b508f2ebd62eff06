"""What the API server makes of our CRDs: names, columns, and what it refuses by itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.argocd import health
from tests.cluster.binaries import binaries
from tests.cluster.controlplane import ControlPlane
from tests.integration.kube import Kube, RefusedError, path_of
from tests.integration.place import CLASS_PATH, Place
from tests.kstatus import kstatus

GOLDEN = Path(__file__).parents[1] / "golden"
URL = "https://git.example.com/netops/jobs.git"


def kubectl(plane: ControlPlane, *arguments: str) -> str:
    done = subprocess.run(
        [binaries() / "kubectl", f"--kubeconfig={plane.kubeconfig}", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def repository_spec(**git: Any) -> dict[str, Any]:
    return {"source": {"git": {"url": URL, **git}}}


def config_map_spec(path: str) -> dict[str, Any]:
    source = {"name": "jobs", "items": [{"key": "x.py", "path": path}]}
    return {"source": {"configMap": source}, "layout": "JobsRoot"}


def refusal(place: Place, kind: str, spec: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as refused:
        place.create(kind, "refused", spec=spec)
    return refused.value.message


def refused_change(place: Place, kind: str, name: str, spec: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as refused:
        place.patch(kind, name, {"spec": spec})
    assert refused.value.status == 422
    return refused.value.message


def test_each_kind_has_its_short_name_and_the_category(plane: ControlPlane, kube: Kube) -> None:
    served = kube.call("GET", "/apis/davit.dev/v1alpha1")["resources"]
    short = {r["name"]: (r["shortNames"], r["categories"]) for r in served if "/" not in r["name"]}
    assert short["jobrepositories"] == (["jrepo"], ["davit"])
    assert short["jobdefinitions"] == (["jd"], ["davit"])
    assert short["jobruns"] == (["jr"], ["davit"])
    listed = kubectl(plane, "get", "davit", "--all-namespaces", "--ignore-not-found")
    assert "error" not in listed


@pytest.mark.usefixtures("no_operator")
def test_a_definition_holds_all_that_discovery_says_of_its_class(place: Place) -> None:
    written = yaml.safe_load((GOLDEN / "definition_created.yaml").read_text())["status"]
    defaults: list[Any] = [{"a": [None, {"b": 2**62}], "c": None}, [], "", 0, False, 1.5]
    written["variables"] += [
        {"name": f"v{number}", "type": "JSONVar", "default": default, "queryParams": {"a": ["$b"]}}
        for number, default in enumerate(defaults)
    ]
    spec = {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH}
    created = place.create("JobDefinition", "told", spec=spec)
    path = path_of("JobDefinition", place.name, "told", "status")
    place.kube.call("PUT", path, {**created, "status": written}, fieldValidation="Strict")
    assert place.get("JobDefinition", "told")["status"] == written


@pytest.mark.usefixtures("operator")
def test_kubectl_shows_what_a_person_looks_for(plane: ControlPlane, place: Place) -> None:
    place.installed(enabled=False)
    place.run("ada", who="Ada")
    place.ended("ada")
    rows = {
        short: kubectl(plane, "get", short, "-n", place.name).splitlines()
        for short in ("jrepo", "jd", "jr")
    }
    assert rows["jrepo"][0].split() == ["NAME", "READY", "REASON", "REVISION", "JOBS", "AGE"]
    assert rows["jd"][0].split()[:5] == ["NAME", "ENABLED", "INSTALLED", "JOB", "GROUPING"]
    assert rows["jd"][1].split()[:4] == ["hello", "false", "true", "Hello"]
    assert rows["jr"][0].split() == ["NAME", "DEFINITION", "PHASE", "REASON", "AGE", "DURATION"]
    assert rows["jr"][1].split()[:4] == ["ada", "hello", "Rejected", "Disabled"]


@pytest.mark.usefixtures("operator")
def test_runs_are_selected_by_phase_and_by_definition(plane: ControlPlane, place: Place) -> None:
    place.installed(enabled=False)
    place.run("rejected")
    place.run("waits", "not-there")
    place.ended("rejected")
    place.phase("waits", "Pending")
    for selector, name in (
        ("status.phase=Rejected", "rejected"),
        ("spec.definitionRef.name=not-there", "waits"),
    ):
        found = kubectl(
            plane, "get", "jr", "-n", place.name, "--field-selector", selector, "-o", "name"
        )
        assert found.split() == [f"jobrun.davit.dev/{name}"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": {"who": "Bob"}}, "inputs are immutable"),
        ({"inputs": None}, "inputs are immutable"),
        ({"definitionRef": {"name": "other"}}, "definitionRef is immutable"),
    ],
    ids=["inputs changed", "inputs removed", "another definition"],
)
def test_what_a_run_runs_cannot_change(place: Place, change: dict[str, Any], message: str) -> None:
    place.run("fixed", "not-there", who="Ada", nested={"a": [1, 2]})
    assert message in refused_change(place, "JobRun", "fixed", change)


def test_a_run_without_inputs_takes_none_later(place: Place) -> None:
    place.run("fixed", "not-there")
    refused = refused_change(place, "JobRun", "fixed", {"inputs": {"who": "Bob"}})
    assert "create another JobRun" in refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classPath": "netops.jobs.other.Other"}, "classPath is immutable"),
        ({"repositoryRef": {"name": "other"}}, "repositoryRef is immutable"),
    ],
    ids=["another class", "another repository"],
)
def test_what_a_definition_speaks_of_cannot_change(
    place: Place, change: dict[str, Any], message: str
) -> None:
    place.installed("fixed")
    assert message in refused_change(place, "JobDefinition", "fixed", change)


@pytest.mark.parametrize("slug", ["other", None], ids=["changed", "removed"])
def test_the_slug_of_a_repository_cannot_change(place: Place, slug: str | None) -> None:
    spec = {**repository_spec(), "slug": "netops", "suspend": True}
    place.create("JobRepository", "fixed", spec=spec)
    assert "slug is immutable" in refused_change(place, "JobRepository", "fixed", {"slug": slug})


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("JobRepository", {**repository_spec(), "intervall": "60s"}, "spec.intervall"),
        ("JobRepository", repository_spec(brnch="main"), "spec.source.git.brnch"),
        (
            "JobDefinition",
            {"repositoryRef": {"name": "r"}, "classPath": CLASS_PATH, "enable": True},
            "spec.enable",
        ),
        ("JobRun", {"definitionRef": {"name": "d"}, "input": {}}, "spec.input"),
    ],
    ids=["repository", "inside a repository", "definition", "run"],
)
def test_a_field_that_does_not_exist_is_refused_by_name(
    place: Place, kind: str, spec: dict[str, Any], field: str
) -> None:
    assert f'unknown field "{field}"' in refusal(place, kind, spec)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (repository_spec(ref={"branch": "--upload-pack=x"}), "spec.source.git.ref.branch"),
        (repository_spec(ref={"tag": "-v1"}), "spec.source.git.ref.tag"),
        (repository_spec(ref={"commit": "HEAD"}), "spec.source.git.ref.commit"),
        (
            repository_spec(ref={"branch": "main", "tag": "v1"}),
            "set at most one of branch, tag and commit",
        ),
        (repository_spec(path="/etc"), "spec.source.git.path"),
        ({**repository_spec(), "interval": "1s"}, "interval must be at least 10s"),
        ({**repository_spec(), "interval": "soon"}, "spec.interval"),
        ({**repository_spec(), "timeout": "-5s"}, "spec.timeout"),
        ({**repository_spec(), "layout": "Everything"}, "spec.layout"),
        ({"source": {}}, "set exactly one of source.git, source.configMap and source.image"),
        (
            {"source": {**repository_spec()["source"], "image": {}}, "layout": "App"},
            "set exactly one of source.git, source.configMap and source.image",
        ),
        (
            {"source": {"configMap": {"name": "jobs"}}},
            "source.configMap needs layout: JobsRoot",
        ),
        ({"source": {"image": {}}}, "source.image needs layout: App"),
        ({**repository_spec(), "layout": "App"}, "layout App needs source.image"),
        (config_map_spec("../x.py"), "spec.source.configMap.items[0].path"),
        (config_map_spec("a/../x.py"), "spec.source.configMap.items[0].path"),
        (config_map_spec("/etc/x.py"), "spec.source.configMap.items[0].path"),
        (config_map_spec("a//x.py"), "spec.source.configMap.items[0].path"),
        (
            {"source": {"image": {"modules": ["os; rm -rf /"]}}, "layout": "App"},
            "spec.source.image.modules[0]",
        ),
    ],
    ids=[
        "an option as branch",
        "an option as tag",
        "a name as commit",
        "two references",
        "an absolute path",
        "too often",
        "no duration",
        "a negative duration",
        "an unknown layout",
        "no source",
        "two sources",
        "a ConfigMap in another layout",
        "an image in another layout",
        "an App without image",
        "a file above the root",
        "a file above the root, later",
        "an absolute file",
        "an empty folder",
        "a command as module",
    ],
)
def test_a_repository_that_cannot_work_is_refused_with_the_field(
    place: Place, spec: dict[str, Any], message: str
) -> None:
    assert message in refusal(place, "JobRepository", spec)


@pytest.mark.parametrize("path", ["x.py", ".x.py", "..x", "a/..b/c.py", "a b/ü.py", "...", "a/.b"])
def test_a_file_below_the_root_may_have_any_name(place: Place, path: str) -> None:
    spec = {**config_map_spec(path), "suspend": True}
    place.create("JobRepository", "named", spec=spec)


@pytest.mark.parametrize("duration", ["", "0s"], ids=["an empty one", "nought"])
@pytest.mark.parametrize("field", ["interval", "timeout"])
def test_a_duration_must_be_more_than_nothing(place: Place, field: str, duration: str) -> None:
    assert field in refusal(place, "JobRepository", {**repository_spec(), field: duration})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"startDeadlineSeconds": -1}, "spec.startDeadlineSeconds"),
        ({"overrides": {"timeLimitSeconds": -1}}, "spec.overrides.timeLimitSeconds"),
        ({"overrides": {"softTimeLimitSeconds": -1}}, "spec.overrides.softTimeLimitSeconds"),
        ({"classPath": "os; rm -rf /"}, "spec.classPath"),
    ],
    ids=["start deadline", "time limit", "soft time limit", "class path"],
)
def test_a_definition_that_cannot_work_is_refused_with_the_field(
    place: Place, change: dict[str, Any], field: str
) -> None:
    spec = {"repositoryRef": {"name": "r"}, "classPath": CLASS_PATH, **change}
    assert field in refusal(place, "JobDefinition", spec)


def test_defaults_stand_in_the_object(place: Place) -> None:
    place.create("JobRepository", "plain", spec={**repository_spec(), "suspend": True})
    spec = place.get("JobRepository", "plain")["spec"]
    assert (spec["interval"], spec["timeout"], spec["layout"]) == ("60s", "60s", "Repository")


def test_a_user_cannot_write_the_status_through_the_object(kube: Kube, place: Place) -> None:
    place.run("honest", "not-there")
    place.patch("JobRun", "honest", {"status": {"phase": "Succeeded"}})
    found = kube.call("GET", path_of("JobRun", place.name, "honest"))
    assert "Succeeded" not in json.dumps(found.get("status", {}))


@pytest.mark.usefixtures("no_operator")
@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("JobRepository", {"source": {"git": {"url": "https://git.example.com/jobs.git"}}}),
        ("JobDefinition", {"repositoryRef": {"name": "x"}, "classPath": "netops.jobs.Hello"}),
        ("JobRun", {"definitionRef": {"name": "x"}}),
    ],
)
def test_an_object_that_no_operator_has_seen_is_not_taken_for_done(
    place: Place, kind: str, spec: dict[str, object]
) -> None:
    place.create(kind, "unseen", spec=spec)
    unseen = place.get(kind, "unseen")
    assert unseen["status"] == {"observedGeneration": -1}
    assert (kstatus(unseen), health(kind, unseen).status) == ("InProgress", "Progressing")
