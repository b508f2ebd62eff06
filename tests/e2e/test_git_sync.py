"""What a push changes, and what it leaves alone."""

from __future__ import annotations

from tests.e2e.place import Place, a, condition, messages

GREET = """\
from davit import Job, register_jobs


class Greet(Job):
    def run(self):
        self.logger.info("{word}")


register_jobs(Greet)
"""
PART = GREET.replace("Greet", "Part")

READY_REASON = '{.status.conditions[?(@.type=="Ready")].reason}'


def test_a_push_brings_new_jobs_and_new_code_without_any_restart(place: Place) -> None:
    first = place.serve({"greet.py": GREET.format(word="Hello")})
    place.enable("jobs.greet")
    before = place.run("before", "jobs.greet")
    assert "Hello" in messages(before)

    second = place.remote.push(
        {"greet.py": GREET.format(word="Good day"), "part.py": PART.format(word="Bye")}
    )
    place.await_served(second)

    after = place.run("after", "jobs.greet")
    assert "Good day" in messages(after)
    commits = [run["definition"]["commit"] for run in (before, after)]
    assert commits == [first, second]
    assert place.kubectl.get("jobdefinition", "jobs.part")["spec"]["enabled"] is False


def test_a_module_that_does_not_import_is_reported_and_hides_no_other(place: Place) -> None:
    broken = "import json\nimport foo\n"
    place.serve({"broken.py": broken, "greet.py": GREET.format(word="Hello")})
    status = place.status("jobrepository", "jobs")
    assert status["discovery"]["problems"] == [
        {
            "path": "broken.py",
            "line": 2,
            "message": "ModuleNotFoundError: No module named 'foo'. Correct the name, or install "
            "it in the runner image: nothing is installed when a job runs.",
        }
    ]
    assert condition(status, "DiscoveryProblems")["status"] == "True"
    assert condition(status, "Ready")["status"] == "True"
    assert place.status("jobdefinition", "jobs.greet")["installed"] is True


def test_a_class_that_is_removed_stays_as_a_definition_that_cannot_run(place: Place) -> None:
    place.serve({"greet.py": GREET.format(word="Hello"), "part.py": PART.format(word="Bye")})
    place.enable("jobs.part")
    commit = place.remote.push({"greet.py": GREET.format(word="Hello")})
    place.await_served(commit)

    found = place.kubectl.get("jobdefinition", "jobs.part")
    assert (found["spec"]["enabled"], found["status"]["installed"]) == (True, False)
    status = place.run("too-late", "jobs.part")
    assert (status["phase"], status["error"]["reason"]) == ("Rejected", "NotInstalled")
    assert "jobs.greet" in place.kubectl("get", "jd")


def test_the_repository_layout_imports_only_its_jobs_package(place: Place) -> None:
    place.serve(
        {
            "__init__.py": "",
            "jobs/__init__.py": "from . import greet\n",
            "jobs/greet.py": GREET.format(word="Hello"),
            "other.py": "raise RuntimeError('nobody imports me')\n",
        },
        layout="Repository",
    )
    definition = place.kubectl.get("jobdefinition", "jobs.greet")
    assert definition["spec"]["classPath"] == "jobs.jobs.greet.Greet"
    assert "problems" not in place.status("jobrepository", "jobs")["discovery"] or (
        place.status("jobrepository", "jobs")["discovery"]["problems"] == []
    )
    place.enable("jobs.greet")
    assert "Hello" in messages(place.run("greets", "jobs.greet"))


def test_the_operator_never_imports_what_it_serves(place: Place) -> None:
    canary = "from pathlib import Path\nPath('/tmp/imported').touch()\n"
    place.serve({"greet.py": canary + GREET.format(word="Hello")})
    assert place.status("jobdefinition", "jobs.greet")["installed"] is True
    operator = place.kubectl.within("davit-system")
    replicas = operator("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "name")
    for pod in replicas.split():
        assert "imported" not in operator("exec", pod, "--", "ls", "/tmp")


def test_a_definition_written_after_discovery_takes_over_from_a_deleted_one(place: Place) -> None:
    place.serve({"greet.py": GREET.format(word="Hello")})
    spec = {"repositoryRef": {"name": "jobs"}, "classPath": "greet.Greet", "enabled": True}
    place.kubectl.apply(a("JobDefinition", "ours", spec))
    place.kubectl.wait("jobdefinition/ours", f"jsonpath={READY_REASON}=Duplicate")
    place.kubectl("delete", "jobdefinition", "jobs.greet")
    place.kubectl.wait("jobdefinition/ours", f"jsonpath={READY_REASON}=Enabled")
    assert "Hello" in messages(place.run("greets", "ours"))
    assert [jd["metadata"]["name"] for jd in place.kubectl.items("jd")] == ["ours"]
