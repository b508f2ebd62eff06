from __future__ import annotations

import pytest
from tests.runner.discoveries import JOB, Discoverer
from tests.runner.pods import Pod

# As Nautobot's guide to installing jobs lays an App out; the class path is the defining module's.
APP = {
    "my_app/__init__.py": "",
    "my_app/apps.py": "from nautobot.apps import NautobotAppConfig\n"
    "class MyAppConfig(NautobotAppConfig):\n    name = 'my_app'\n    jobs = 'my_app.jobs'\n",
    "my_app/jobs/__init__.py": "from nautobot.apps.jobs import register_jobs\n"
    "from .cleanup import CleanupJob\nfrom .report import ComplianceReport\n"
    "register_jobs(CleanupJob, ComplianceReport)\njobs = [CleanupJob, ComplianceReport]\n",
    "my_app/jobs/cleanup.py": "from nautobot.apps.jobs import Job\nclass CleanupJob(Job):\n"
    "    def run(self):\n        self.logger.info('cleaned')\n        return 'clean'\n",
    "my_app/jobs/report.py": "from nautobot.apps.jobs import Job\nclass ComplianceReport(Job):\n"
    "    def run(self): pass\n",
    "my_app/models.py": "raise RuntimeError('nobody asked for it')\n",
}
CLASS_PATHS = ["my_app.jobs.cleanup.CleanupJob", "my_app.jobs.report.ComplianceReport"]


def entry_points(**values: str) -> dict[str, str]:
    """Return the files of a distribution that names ``values`` as its jobs."""
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    return {
        "my_app-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: my-app\nVersion: 1\n",
        "my_app-1.dist-info/entry_points.txt": f"[davit.jobs]\n{lines}",
    }


@pytest.mark.parametrize(
    ("modules", "named"),
    [
        (["my_app.jobs"], {}),
        ([], entry_points(mine="my_app.jobs")),
        ([], entry_points(mine="my_app.jobs:jobs")),
    ],
    ids=["named modules", "an entry point", "an entry point with an attribute"],
)
def test_an_apps_jobs_are_those_of_its_modules(
    here: Discoverer, modules: list[str], named: dict[str, str]
) -> None:
    found = here.discover_app({**APP, **named}, modules)
    assert (found.class_paths, found.problems) == (CLASS_PATHS, [])
    assert found.descriptions[0]["source_path"] == "my_app/jobs/cleanup.py"
    assert found.descriptions[0]["source_line"] == 2
    assert "my_app/jobs/report.py" in found.busy


NOTHING = "Correct the name, or install it in the runner image"
CASES: list[tuple[str, dict[str, str], list[str], tuple[str, int, str]]] = [
    (
        "no modules and no entry points",
        {},
        [],
        (".", 0, "no package in the runner image has an entry point in the group davit.jobs."),
    ),
    ("a package that is not installed", {}, ["their_app.jobs"], ("their_app.jobs", 0, NOTHING)),
    (
        "a module that its package has not",
        {"my_app/__init__.py": ""},
        ["my_app.jobs"],
        ("my_app.jobs", 0, "No module named 'my_app.jobs'. Correct the name, or add that module."),
    ),
    (
        "an entry point whose attribute does not exist",
        {"my_app.py": JOB.format("J"), **entry_points(mine="my_app:config.jobs")},
        [],
        ("my_app.py", 0, 'names "my_app:config.jobs", but the module has no "config.jobs".'),
    ),
    (
        "a module that registers nothing",
        {"my_app.py": "x = 1\n"},
        ["my_app"],
        ("my_app.py", 0, "The module my_app was imported and registered no job. Call register_"),
    ),
    (
        "a list of jobs instead of their registration",
        {"my_app.py": "from davit import Job\nclass J(Job):\n    pass\njobs = [J]\n"},
        ["my_app"],
        ("my_app.py", 2, "J is a Job class but is not registered"),
    ),
    (
        "a submodule that nobody imports",
        {**APP, "my_app/jobs/forgotten.py": JOB.format("J")},
        ["my_app.jobs"],
        ("my_app/jobs/forgotten.py", 0, "Import it in my_app/jobs/__init__.py."),
    ),
    (
        "a module that does not import",
        {"my_app.py": "import os\nimport foo\n"},
        ["my_app"],
        ("my_app.py", 2, "No module named 'foo'. " + NOTHING),
    ),
    (
        "a package that does not import",
        {"my_app/__init__.py": "1 / 0\n", "my_app/jobs.py": JOB.format("J")},
        ["my_app.jobs"],
        ("my_app/__init__.py", 1, "ZeroDivisionError: division by zero"),
    ),
]


@pytest.mark.parametrize(
    ("files", "modules", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_discovery_says_where_and_why_and_what_to_do(
    here: Discoverer, files: dict[str, str], modules: list[str], expected: tuple[str, int, str]
) -> None:
    found = here.discover_app(files, modules)
    [problem] = [item for item in found.problems if item[:2] == expected[:2]]
    assert expected[2] in problem[2]
    assert str(here.folder) not in str(found.problems)


def test_a_discovery_needs_no_artifact(pod: Pod) -> None:
    said = pod.said(pod.start_app("discover", APP, modules=["my_app.jobs"]))
    assert [item["class_path"] for item in said.documents("description")] == CLASS_PATHS


@pytest.mark.parametrize("modules", [["my_app.jobs", "my_app.models"], []], ids=["named", "none"])
def test_a_run_needs_no_artifact_and_imports_what_its_class_path_needs(
    pod: Pod, modules: list[str]
) -> None:
    runner = pod.start_app("run", APP, modules=modules, class_path=CLASS_PATHS[0])
    said = pod.said(runner)
    assert said.documents("result") == ["clean"]
    assert ("info", "run", "cleaned") in said.logs


def test_a_run_finds_a_class_that_another_module_registers(pod: Pod) -> None:
    files = {
        "lib.py": "from davit import Job\nclass J(Job):\n    def run(self): return 'lib'\n",
        "my_app.py": "from davit import register_jobs\nfrom lib import J\nregister_jobs(J)\n",
        **entry_points(mine="my_app"),
    }
    assert pod.said(pod.start_app("run", files, class_path="lib.J")).documents("result") == ["lib"]


def test_a_run_of_a_module_that_is_not_installed_says_so(pod: Pod) -> None:
    said = pod.said(pod.start_app("run", {}, modules=["their_app"], class_path="their_app.J"))
    assert said.outcome.reason == "ImportFailed"
    assert said.error.startswith("their_app: ModuleNotFoundError: No module named 'their_app'.")


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ("my_app", "modules is 'my_app', but must be list[str]."),
        ([1], "modules is [1], but must be list[str]."),
        (["my-app"], "Module 'my-app' is no module's name, as in my_app.jobs."),
    ],
)
def test_modules_that_are_none_are_refused(pod: Pod, modules: object, words: str) -> None:
    said = pod.said(pod.start_app("discover", {}, modules=modules))
    assert (said.outcome.reason, said.error) == ("InvalidRequest", words)
