"""Jobs without Git: from a ConfigMap, and from the runner image."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.e2e.place import Place, a, condition
from tests.integration.kube import eventually
from tests.target import Target

GREET = """\
from davit import Job, register_jobs


class Greet(Job):
    def run(self):
        self.logger.info("{word}")
        return "{word}"


register_jobs(Greet)
"""
# What an installed distribution says of itself: modules need not be named again.
APP: Mapping[str, str] = {
    "my_app/__init__.py": "",
    "my_app/jobs.py": GREET.format(word="Hello from the image"),
    "my_app/broken.py": "import foo\n",
    "my_app-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: my-app\nVersion: 1.0\n",
    "my_app-1.0.dist-info/entry_points.txt": "[davit.jobs]\njobs = my_app.jobs\n",
}


def config_map(name: str, files: Mapping[str, str]) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": dict(files),
    }


def served(place: Place, name: str) -> None:
    place.kubectl.wait(f"jobrepository/{name}", "condition=Ready")


def test_a_job_in_a_config_map_is_discovered_runs_and_changes(place: Place) -> None:
    source = {"configMap": {"name": "my-jobs", "items": [{"key": "a", "path": "greet.py"}]}}
    spec = {"layout": "JobsRoot", "interval": "10s", "source": source}
    # The order that helps least.
    place.kubectl.apply(a("JobRepository", "jobs", spec))
    place.kubectl.apply(config_map("my-jobs", {"a": GREET.format(word="Hello"), "b": "no file"}))
    served(place, "jobs")
    artifact = place.status("jobrepository", "jobs")["artifact"]
    assert artifact["files"] == 1
    assert re.fullmatch(r"my-jobs@sha256:[0-9a-f]{64}", artifact["revision"])
    place.enable("jobs.greet")
    before = place.run("before", "jobs.greet")
    assert (before["result"], before["definition"]["commit"]) == ("Hello", artifact["commit"])
    place.kubectl.apply(config_map("my-jobs", {"a": GREET.format(word="Good day")}))
    eventually(
        lambda: place.status("jobdefinition", "jobs.greet")["commit"] != artifact["commit"],
        "the change is discovered",
    )
    assert place.run("after", "jobs.greet")["result"] == "Good day"


def test_jobs_of_the_image_are_discovered_and_run(target: Target, place: Place) -> None:
    if not target.is_local:
        pytest.skip("CLUSTER=current: no image can be given to another cluster")
    from tests.cluster.app_image import app_image

    image = app_image(target.runner_image, APP)
    spec = {"layout": "App", "runner": {"image": image}, "source": {"image": {}}}
    place.kubectl.apply(a("JobRepository", "apps", spec))
    served(place, "apps")
    status = place.status("jobrepository", "apps")
    assert re.fullmatch(rf"{image}@sha256:[0-9a-f]{{64}}", status["artifact"]["revision"])
    assert status["artifact"].get("parts", []) == []
    assert place.kubectl.items("configmap", "--selector=davit.dev/component") == []
    definition = place.kubectl.get("jobdefinition", "apps.greet")
    assert definition["spec"]["classPath"] == "my_app.jobs.Greet"
    place.enable("apps.greet")
    run = place.run("greets", "apps.greet")
    assert run["result"] == "Hello from the image"
    assert run["definition"]["commit"] == status["artifact"]["commit"]


def test_a_run_uses_the_image_that_was_discovered_though_its_name_means_another_by_now(
    target: Target, place: Place
) -> None:
    if not target.is_local:
        pytest.skip("CLUSTER=current: no image can be given to another cluster")
    from tests.cluster.app_image import app_image, named_image

    newer = {**APP, "my_app/jobs.py": GREET.format(word="Hello from the newer image")}
    older, newer_image = (app_image(target.runner_image, files) for files in (APP, newer))
    with named_image(f"localhost/{place.kubectl.namespace}:1") as mean:
        mean(older)
        image = f"localhost/{place.kubectl.namespace}:1"
        spec = {"layout": "App", "runner": {"image": image}, "source": {"image": {}}}
        place.kubectl.apply(a("JobRepository", "apps", spec))
        served(place, "apps")
        place.enable("apps.greet")
        found = place.status("jobdefinition", "apps.greet")
        assert found["image"] == f"{image}@sha256:{found['commit']}"
        mean(newer_image)
        before = place.run("before", "apps.greet")
        assert before["result"] == "Hello from the image"
        assert before["attempts"][0]["imageID"].endswith(f"@sha256:{found['commit']}")
        place.kubectl("annotate", "jobrepository", "apps", "davit.dev/requestedAt=now")
        eventually(
            lambda: place.status("jobdefinition", "apps.greet")["commit"] != found["commit"],
            "the newer image is discovered",
        )
        assert place.run("after", "apps.greet")["result"] == "Hello from the newer image"


def test_a_module_of_the_image_that_does_not_import_is_told_and_serves_nothing(
    target: Target, place: Place
) -> None:
    if not target.is_local:
        pytest.skip("CLUSTER=current: no image can be given to another cluster")
    from tests.cluster.app_image import app_image

    image = app_image(target.runner_image, APP)
    source = {"image": {"modules": ["my_app.broken"]}}
    spec = {"layout": "App", "runner": {"image": image}, "source": source}
    place.kubectl.apply(a("JobRepository", "apps", spec))
    place.kubectl.wait("jobrepository/apps", "condition=Stalled")
    status = place.status("jobrepository", "apps")
    assert condition(status, "Ready")["reason"] == "DiscoveryFailed"
    [problem] = status["discovery"]["failed"]["problems"]
    assert "foo" in problem["message"]
    assert status["discovery"]["failed"]["revision"].startswith(image)
