"""Jobs without Git: from a ConfigMap, and from the runner image."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.integration import kubelet
from tests.integration.audit import AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition
from tests.integration.repositories import becomes, creations, sync

from davit_contract import places

pytestmark = pytest.mark.usefixtures("operator")

DIGEST = "1a" * 32


def config_map_source(**source: Any) -> dict[str, Any]:
    spec = {"source": {"configMap": {"name": "my-jobs", **source}}}
    return {"layout": "JobsRoot", "interval": "10s", **spec}


def discovered(place: Place, name: str = "netops") -> Object:
    """Have the discovery that comes next end well; return its pod."""
    pod = place.discovery_pod(name)
    place.set_pod(pod, kubelet.ended(pod))
    uid = pod["metadata"]["uid"]
    eventually(
        lambda: uid not in {each["metadata"]["uid"] for each in place.all("Pod")},
        "the discovery pod is deleted",
    )
    return pod


def ready(place: Place, commit: str | None = None) -> Any:
    """Return the status of the repository once it serves ``commit`` (default: any)."""

    def holds(repository: Object) -> bool:
        served = repository.get("status", {}).get("artifact", {}).get("commit")
        is_it = served is not None and commit in (None, served)
        return is_it and condition(repository).get("status") == "True"

    return place.until("JobRepository", "netops", holds, f"serves {commit}")["status"]


def request_of(pod: Object) -> dict[str, Any]:
    annotations = pod["metadata"].get("annotations") or {}
    request: dict[str, Any] = json.loads(annotations[places.REQUEST_ANNOTATION])
    return request


def test_a_config_map_is_published_discovered_and_served(place: Place) -> None:
    place.create("ConfigMap", "my-jobs", data={"hello.py": "x = 1\n", "more.py": "y = 2\n"})
    place.create("JobRepository", "netops", spec=config_map_source())
    request = request_of(discovered(place))
    status = ready(place)
    commit = status["artifact"]["commit"]
    assert status["artifact"]["revision"] == f"my-jobs@sha256:{commit}"
    assert (status["artifact"]["files"], len(commit)) == (2, 64)
    assert (request["layout"], request["commit"]) == ("JobsRoot", commit)
    [part] = status["artifact"]["parts"]
    assert place.get("ConfigMap", part)["immutable"]


def test_a_change_of_a_config_map_is_found_and_a_change_of_nothing_is_not(
    place: Place, audit: AuditLog
) -> None:
    place.create("ConfigMap", "my-jobs", data={"hello.py": "x = 1\n"})
    place.create("JobRepository", "netops", spec=config_map_source())
    discovered(place)
    first = ready(place)["artifact"]["commit"]
    place.patch("ConfigMap", "my-jobs", {"metadata": {"labels": {"touched": "yes"}}})
    sync(place, "netops", "touched")
    place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"].get("lastHandledReconcileAt") == "touched",
        "has looked",
    )
    assert creations(audit, place, "pods") == 1
    place.patch("ConfigMap", "my-jobs", {"data": {"hello.py": "x = 2\n"}})
    discovered(place)
    second = place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"]["artifact"]["commit"] != first,
        "serves the change",
    )["status"]["artifact"]["commit"]
    # The same content is the same commit, and its code is there already.
    place.patch("ConfigMap", "my-jobs", {"data": {"hello.py": "x = 1\n"}})
    sync(place, "netops", "back")
    discovered(place)
    assert ready(place, first)["artifact"]["commit"] != second


def test_a_config_map_that_is_missing_is_named_and_found_once_it_is_there(place: Place) -> None:
    items = [{"key": "hello.py", "path": "deep/hello.py"}]
    place.create("JobRepository", "netops", spec=config_map_source(items=items))
    missing = becomes(place, "netops", "False", "ConfigMapNotFound")
    assert 'ConfigMap "my-jobs" was not found' in condition(missing)["message"]
    assert condition(missing, "Reconciling")["status"] == "True"
    place.create("ConfigMap", "my-jobs", data={"other.py": "x = 1\n"})
    place.until(
        "JobRepository",
        "netops",
        lambda r: 'has no key "hello.py"' in condition(r)["message"],
        "names the key",
    )
    place.patch("ConfigMap", "my-jobs", {"data": {"hello.py": "x = 1\n"}})
    discovered(place)
    assert ready(place)["artifact"]["files"] == 1


def test_a_config_map_is_read_by_its_own_namespace_alone(place: Place, other_place: Place) -> None:
    other_place.create("ConfigMap", "my-jobs", data={"hello.py": "x = 1\n"})
    place.create("JobRepository", "netops", spec=config_map_source())
    becomes(place, "netops", "False", "ConfigMapNotFound")


def image_source(**spec: Any) -> dict[str, Any]:
    return {"layout": "App", "source": {"image": {"modules": ["my_app.jobs"]}}, **spec}


def test_jobs_of_the_image_are_discovered_and_run_without_any_code_of_ours(place: Place) -> None:
    reference = {"repositoryRef": {"name": "netops"}, "classPath": "my_app.jobs.SyncVlans"}
    place.create("JobDefinition", "hello", spec={**reference, "enabled": True})
    place.create("JobRepository", "netops", spec=image_source())
    pod = discovered(place)
    request = request_of(pod)
    assert (request["layout"], request["modules"]) == ("App", ["my_app.jobs"])
    assert (request["artifact_parts"], request["artifact_digest"]) == (0, "")
    assert "artifact" not in {volume["name"] for volume in pod["spec"]["volumes"]}
    status = ready(place, DIGEST)
    image = pod["spec"]["containers"][0]["image"]
    assert status["artifact"]["revision"] == f"{image}@sha256:{DIGEST}"
    assert "parts" not in status["artifact"] or status["artifact"]["parts"] == []
    place.discover("hello", commit=DIGEST, digest="", parts=0)
    place.run("ada")
    run = place.pod_of("ada")
    assert request_of(run)["modules"] == ["my_app.jobs"]
    assert "artifact" not in {volume["name"] for volume in run["spec"]["volumes"]}


def test_another_image_or_module_is_discovered_and_a_request_does_it_again(
    place: Place, audit: AuditLog
) -> None:
    place.create("JobRepository", "netops", spec=image_source())
    discovered(place)
    first = ready(place)["discovery"]["inputs"]
    change = {"source": {"image": {"modules": ["my_app.more"]}}}
    place.patch("JobRepository", "netops", {"spec": change})
    assert request_of(discovered(place))["modules"] == ["my_app.more"]
    place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"]["discovery"]["inputs"] != first,
        "was discovered again",
    )
    place.patch("JobRepository", "netops", {"spec": {"runner": {"image": "other:2"}}})
    assert discovered(place)["spec"]["containers"][0]["image"] == "other:2"
    sync(place, "netops", "now")
    discovered(place)
    place.patch("JobRepository", "netops", {"spec": {"interval": "5m"}})
    place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"]["observedGeneration"] == r["metadata"]["generation"],
        "has seen the interval",
    )
    assert creations(audit, place, "pods") == 4
