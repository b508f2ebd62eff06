from __future__ import annotations

from typing import Any

import pytest
from tests.unit.runner.pods import Pod, Said

REPOSITORY = {"layout": "Repository", "slug": "netops"}
JOB = "from davit import *\nclass {0}(Job):\n    def run(self): pass\nregister_jobs({0})\n"
BROKEN = "import os\n\nimport foo\n"
BROKEN_SAYS = ("jobs/broken.py", 3, "ModuleNotFoundError: No module named 'foo'")


def class_paths(said: Said) -> list[str]:
    return [item["class_path"] for item in said.documents("description")]


def problems(said: Said) -> list[tuple[str, int, str]]:
    found = said.documents("problem")
    return [(item["path"], item["line"], item["message"]) for item in found]


@pytest.mark.parametrize(
    "init",
    [
        "from . import good, broken, other\n",
        "from . import broken\nfrom . import good\n",
        "from .broken import nothing\n",
        "",
    ],
    ids=[
        "__init__ imports good first",
        "__init__ imports broken first",
        "__init__ imports a name of broken",
        "__init__ imports nothing",
    ],
)
def test_a_broken_submodule_never_hides_the_others(pod: Pod, init: str) -> None:
    files = {
        "__init__.py": "",
        "jobs/__init__.py": init,
        "jobs/broken.py": BROKEN,
        "jobs/good.py": JOB.format("Good"),
        "jobs/other.py": "from . import good\n" + JOB.format("Other"),
        "jobs/deep/__init__.py": "",
        "jobs/deep/below.py": "from ..good import Good\n" + JOB.format("Below"),
    }
    said = pod.discover(files, **REPOSITORY)
    assert class_paths(said) == [
        "netops.jobs.deep.below.Below", "netops.jobs.good.Good", "netops.jobs.other.Other",
    ]  # fmt: skip
    assert problems(said) == [BROKEN_SAYS]
    assert said.outcome.reason == "Succeeded"
    assert said.exit_code == 0


def test_a_job_beside_a_broken_module_also_runs(pod: Pod) -> None:
    files = {
        "__init__.py": "",
        "jobs/__init__.py": "from . import broken, good\n",
        "jobs/broken.py": BROKEN,
        "jobs/good.py": JOB.format("Good"),
    }
    runner = pod.start("run", files, class_path="netops.jobs.good.Good", **REPOSITORY)
    assert pod.said(runner).outcome.reason == "Succeeded"


def test_a_class_registered_by_another_module_is_found_when_run(pod: Pod) -> None:
    files = {
        "a.py": "from davit import Job\nclass A(Job):\n    def run(self): return 'a'\n",
        "b.py": "from a import A\nfrom davit import register_jobs\nregister_jobs(A)\n",
    }
    assert pod.said(pod.start("run", files, class_path="a.A")).documents("result") == ["a"]


def test_a_jobs_root_gives_top_level_modules_and_packages_within_packages(pod: Pod) -> None:
    files = {
        "__init__.py": "raise RuntimeError('the root of JOBS_ROOT is not imported')",
        "hello_world.py": JOB.format("Hello"),
        "my_jobs/__init__.py": "from . import my_job_module\n",
        "my_jobs/my_job_module.py": JOB.format("MyJob"),
        "my_jobs/more/__init__.py": "",
        "my_jobs/more/sums.py": JOB.format("Sum"),
        "scripts/not_a_package.py": "raise RuntimeError('has no __init__.py beside it')",
    }
    said = pod.discover(files)
    assert class_paths(said) == [
        "hello_world.Hello", "my_jobs.more.sums.Sum", "my_jobs.my_job_module.MyJob",
    ]  # fmt: skip
    assert problems(said) == []


def test_only_jobs_is_imported_of_a_repository(pod: Pod) -> None:
    files = {
        "__init__.py": "",
        "jobs.py": "from .shared import NAME\n" + JOB.format("Sync"),
        "shared.py": "NAME = 'x'",
        "other.py": "raise RuntimeError('nobody asked for it')",
        "nautobot.py": "raise RuntimeError('stands beside, not in front')",
    }
    said = pod.discover(files, **REPOSITORY)
    assert (class_paths(said), problems(said)) == (["netops.jobs.Sync"], [])


CASES: list[tuple[str, dict[str, str], dict[str, Any], tuple[str, int, str]]] = [
    (
        "a syntax error, with its line",
        {"good.py": JOB.format("Good"), "bad.py": "x = 1\ndef f(:\n"},
        {},
        ("bad.py", 2, "SyntaxError: "),
    ),
    (
        "a module that ends the program",
        {"bad.py": "import sys\nsys.exit(2)\n"},
        {},
        ("bad.py", 2, "SystemExit: 2. The module ends the program when it is imported"),
    ),
    (
        "a class that nobody registered",
        {"bad.py": "from davit import Job\n\nclass Lost(Job):\n    def run(self): pass\n"},
        {},
        ("bad.py", 3, "Lost is a Job class but is not registered"),
    ),
    (
        "a variable with a name of Job's own",
        {
            "bad.py": "from davit import *\nclass J(Job):\n    x = 1\n    name = StringVar()\n"
            "register_jobs(J)\n"
        },
        {},
        ("bad.py", 4, 'RegistrationError: The variable "name" of bad.J has a name that Job itself'),
    ),
    (
        "a wrong type in Meta",
        {
            "bad.py": "from davit import *\nclass J(Job):\n    class Meta:\n        hidden = 'no'\n"
            "register_jobs(J)\n"
        },
        {},
        ("bad.py", 2, "bad.J: Meta.hidden should be <class 'bool'>, not <class 'str'>"),
    ),
    (
        "a file that no import can spell",
        {"my-job.py": JOB.format("J")},
        {},
        ("my-job.py", 0, '"my-job.py" is no module name'),
    ),
    (
        "a module named as one of Python's",
        {"random.py": JOB.format("J")},
        {},
        ("random.py", 0, 'The name "random" belongs to Python\'s standard library'),
    ),
    (
        "a module named as an installed one",
        {"pytest/__init__.py": JOB.format("J")},
        {},
        ("pytest/__init__.py", 0, 'The name "pytest" belongs to an installed package'),
    ),
    ("an empty folder", {"README.md": ""}, {}, (".", 0, "The folder holds no Python module.")),
    (
        "modules without a job",
        {"lib.py": "x = 1"},
        {},
        (".", 0, "No jobs were registered. Did you miss a register_jobs() call?"),
    ),
    (
        "a repository without a root package",
        {"jobs.py": JOB.format("J")},
        REPOSITORY,
        ("__init__.py", 0, "The repository's root has no __init__.py"),
    ),
    (
        "a repository without jobs",
        {"__init__.py": ""},
        REPOSITORY,
        ("jobs", 0, "No `jobs` submodule found."),
    ),
    (
        "a slug that is taken",
        {"__init__.py": "", "jobs.py": JOB.format("J")},
        {"layout": "Repository", "slug": "json"},
        ("__init__.py", 0, 'The slug "json" is the name of Python\'s standard library'),
    ),
]


@pytest.mark.parametrize(
    ("files", "request_", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_discovery_says_where_and_why(
    pod: Pod, files: dict[str, str], request_: dict[str, Any], expected: tuple[str, int, str]
) -> None:
    said = pod.discover(files, **request_)
    [(path, line, message)] = problems(said)
    assert (path, line) == expected[:2]
    assert message.startswith(expected[2])
    assert said.outcome.reason == "Succeeded"
    assert len(class_paths(said)) == ("good.py" in files)


def test_a_base_class_without_registration_is_no_problem(pod: Pod) -> None:
    base = "from davit import *\nclass Base(Job): pass\nclass Sync(Base):\n    who = StringVar()\n"
    said = pod.discover({"jobs.py": f"{base}register_jobs(Sync)\n"})
    assert (class_paths(said), problems(said)) == (["jobs.Sync"], [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [("import os\nos._exit(0)", "JobCrashed"), ("while True: pass", "TimeLimitExceeded")],
    ids=["dies", "never ends"],
)
def test_a_module_that_takes_the_process_along_is_named(pod: Pod, code: str, reason: str) -> None:
    said = pod.discover({"bad.py": code}, time_limit_seconds=0.3)
    assert said.outcome.reason == reason
    assert "while bad.py was being imported" in said.error


def test_a_description_says_what_admission_and_users_need(pod: Pod) -> None:
    text = (
        'from davit import *\nname = "Examples"\n\n\nclass Sync(Job):\n'
        '    """Docs."""\n\n    class Meta:\n        name = "Sync VLANs"\n'
        '        description = """\n            First.\n              Second.\n        """\n'
        "        field_order = ['token', 'count']\n        soft_time_limit = 30\n"
        "        is_singleton = True\n\n"
        '    who = StringVar(label="Who", regex="^[a-z]+$", max_length=9, default="ada")\n'
        "    count = IntegerVar(required=False, min_value=0)\n"
        "    dry = BooleanVar()\n"
        '    token = StringVar(sensitive=True, default="s3cret", regex=r"\\w")\n\n'
        "    def run(self, **inputs): pass\n\nregister_jobs(Sync)\n"
    )
    [found] = pod.discover({"vlans.py": text}).documents("description")
    assert (found["name"], found["grouping"]) == ("Sync VLANs", "Examples")
    assert found["description"] == "First.\n  Second."
    assert (found["source_path"], found["source_line"]) == ("vlans.py", 5)
    assert (found["soft_time_limit_seconds"], found["is_singleton"]) == (30, True)
    assert "s3cret" not in str(found)
    token, count, who, dry = found["variables"]
    assert (token["sensitive"], token["required"], token["regex_portable"]) == (True, False, False)
    assert (count["min"], count["max"], count["required"]) == (0, None, False)
    assert (who["regex"], who["regex_portable"], who["default"]) == ("^[a-z]+$", True, "ada")
    assert (dry["type"], dry["required"]) == ("BooleanVar", False)


def test_meta_that_declares_sensitive_variables_makes_all_of_them_so(pod: Pod) -> None:
    text = (
        "from davit import *\nclass J(Job):\n    a = StringVar()\n    class Meta:\n"
        "        has_sensitive_variables = True\nregister_jobs(J)\n"
    )
    [found] = pod.discover({"j.py": text}).documents("description")
    assert found["variables"][0]["sensitive"] is True
