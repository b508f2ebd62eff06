"""Jobs as Nautobot's documentation writes them: what is pasted runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.runner.commands import Commands, Ended

HELLO_WORLD = """
from nautobot.apps import jobs

name = "Examples"                 # Grouping shown in the UI

class HelloWorldJob(jobs.Job):
    class Meta:
        name = "Hello World"      # Job name

    who = jobs.StringVar(         # One user-supplied variable
        description="Whom should we greet?",
        default="world",
    )

    def run(self, *, who):
        self.logger.info("Hello, %s!", who) # code to execute when the Job is run goes here

jobs.register_jobs(HelloWorldJob) # <- required in Nautobot 2.x
"""
# Where the documentation has three dots, something was filled in.
MY_NEW_JOB = """
from nautobot.apps import jobs

name = "My Group Of Jobs"  # optional, but recommended to define a grouping name

class MyNewJob(jobs.Job):
    class Meta:
        # metadata attributes go here
        name = "My New Job"
        description = "Filled in."

    # input variable definitions go here
    some_text_input = jobs.StringVar(label="Filled in")
    another = jobs.IntegerVar(default=1)

    def run(self, *, some_text_input, another):
        # code to execute when the Job is run goes here
        self.logger.info("some_text_input: %s", some_text_input)

jobs.register_jobs(MyNewJob)
"""
MY_JOB = """
from nautobot.apps.jobs import Job, register_jobs

class MyJob(Job):
    ...

register_jobs(MyJob)
"""
CLEANUP_DEVICES = """
from nautobot.apps.jobs import Job, register_jobs

class CleanupDevices(Job):
    class Meta:
        name = "Cleanup Obsolete Devices"

    def run(self):
        self.logger.info("Cleaning old device entries")

register_jobs(CleanupDevices)
"""
CHECK_INVENTORY = """
from nautobot.apps.jobs import Job, register_jobs

class CheckInventory(Job):
    def run(self):
        self.logger.success("All there")

register_jobs(CheckInventory)
"""
SYNC_DEVICES = """
from nautobot.apps.jobs import Job, register_jobs

class SyncDevices(Job):
    class Meta:
        name = "Sync Devices from CMDB"

    def run(self):
        self.logger.info("Running external sync...")

register_jobs(SyncDevices)
"""
APP_CONFIG = """
from nautobot.apps.apps import NautobotAppConfig

class MyAppConfig(NautobotAppConfig):
    name = "my_app"
    jobs = "my_app.jobs"
"""
APP_JOBS = """
from nautobot.apps.jobs import register_jobs
from .cleanup import CleanupJob
from .report import ComplianceReport

register_jobs(CleanupJob, ComplianceReport)
"""
APP_CLEANUP = """
from nautobot.apps.jobs import Job

class CleanupJob(Job):
    def run(self):
        self.logger.info("Cleaned")
"""
APP_REPORT = """
from nautobot.apps.jobs import Job

class ComplianceReport(Job):
    def run(self):
        self.logger.info("Reported")
"""

ONE_FILE = {"hello_world.py": HELLO_WORLD}
SKELETON = {"my_new_job.py": MY_NEW_JOB}
PACKAGE = {
    "my_jobs/__init__.py": "from . import my_job_module\n",
    "my_jobs/my_job_module.py": MY_JOB,
}
FOLDERS = {
    "__init__.py": "",
    "device_jobs.py": CLEANUP_DEVICES,
    "inventory/__init__.py": "",
    "inventory/check_inventory.py": CHECK_INVENTORY,
}
GIT_FILE = {"__init__.py": "", "jobs.py": SYNC_DEVICES}
GIT_PACKAGE = {
    "__init__.py": "",
    "jobs/__init__.py": "from . import sync_devices\n",
    "jobs/sync_devices.py": SYNC_DEVICES,
}
# Nothing imports the module: everything below `jobs` is loaded all the same.
GIT_BARE_PACKAGE = {**GIT_PACKAGE, "jobs/__init__.py": ""}
APP = {
    "my_app/__init__.py": "",
    "my_app/apps.py": APP_CONFIG,
    "my_app/jobs/__init__.py": APP_JOBS,
    "my_app/jobs/cleanup.py": APP_CLEANUP,
    "my_app/jobs/report.py": APP_REPORT,
}
AS_APP = ("--layout", "App", "--module", "my_app.jobs")

Example = tuple[dict[str, str], tuple[str, ...], str, str]
EXAMPLES: dict[str, Example] = {
    "the minimal job": (ONE_FILE, (), "hello_world.HelloWorldJob", "Hello, world!"),
    "the minimal job, with an input": (
        ONE_FILE,
        ("--input", "who=Ada"),
        "hello_world.HelloWorldJob",
        "Hello, Ada!",
    ),
    "the structure of a job": (
        SKELETON,
        ("--input", "some_text_input=text"),
        "my_new_job.MyNewJob",
        "some_text_input: text",
    ),
    "a file in JOBS_ROOT": (
        FOLDERS,
        (),
        "device_jobs.CleanupDevices",
        "Cleaning old device entries",
    ),
    "a sub-folder of JOBS_ROOT": (
        FOLDERS,
        (),
        "inventory.check_inventory.CheckInventory",
        "All there",
    ),
    "a repository with jobs.py": (
        GIT_FILE,
        (),
        "my_repo.jobs.SyncDevices",
        "Running external sync...",
    ),
    "a repository with a package": (
        GIT_PACKAGE,
        (),
        "my_repo.jobs.sync_devices.SyncDevices",
        "Running external sync...",
    ),
    "a repository whose package imports nothing": (
        GIT_BARE_PACKAGE,
        (),
        "my_repo.jobs.sync_devices.SyncDevices",
        "Running external sync...",
    ),
    "an App": (APP, AS_APP, "my_app.jobs.cleanup.CleanupJob", "Cleaned"),
    "another job of the App": (APP, AS_APP, "my_app.jobs.report.ComplianceReport", "Reported"),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "my_repo"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def discovered(ended: Ended) -> dict[str, dict[str, object]]:
    """Return the descriptions by class path; there were no problems."""
    found = json.loads(ended.out)
    assert found["problems"] == []
    return {job["class_path"]: job for job in found["jobs"]}


@pytest.mark.parametrize(
    ("files", "options", "class_path", "message"), EXAMPLES.values(), ids=EXAMPLES
)
def test_an_example_of_the_documentation_runs_unchanged(
    davit: Commands, repository: Path, files: dict[str, str], options: tuple[str, ...],
    class_path: str, message: str,
) -> None:  # fmt: skip
    write(repository, files)
    ended = davit.run("run", repository, class_path, *options)
    assert (ended.code, ended.err) == (0, "")
    assert f"run: {message}\n" in ended.out
    code_options = options if "--layout" in options else ()
    assert class_path in discovered(davit.run("discover", repository, *code_options))


def test_a_job_that_is_a_skeleton_is_discovered_and_says_what_it_lacks(
    davit: Commands, repository: Path
) -> None:
    write(repository, PACKAGE)
    assert [*discovered(davit.run("discover", repository))] == ["my_jobs.my_job_module.MyJob"]
    ended = davit.run("run", repository, "my_jobs.my_job_module.MyJob")
    assert ended.code == 1
    assert ended.err.endswith("NotImplementedError: Jobs must define the run method.\n")


def test_what_the_documentation_says_of_names_is_so(davit: Commands, repository: Path) -> None:
    write(repository, ONE_FILE)
    [job] = discovered(davit.run("discover", repository)).values()
    assert (job["grouping"], job["name"]) == ("Examples", "Hello World")
    assert job["variables"][0]["default"] == "world"  # type: ignore[index]


def test_another_slug_gives_other_class_paths(davit: Commands, repository: Path) -> None:
    write(repository, GIT_FILE)
    jobs = discovered(davit.run("discover", repository, "--slug", "my_git_jobs"))
    assert [*jobs] == ["my_git_jobs.jobs.SyncDevices"]
