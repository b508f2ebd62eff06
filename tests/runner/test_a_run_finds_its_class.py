from __future__ import annotations

import pytest
from tests.runner.discoveries import JOB
from tests.runner.pods import Pod

REPOSITORY = {"layout": "Repository", "slug": "netops"}
BROKEN = "import os\n\nimport foo\n"
NO_FOO = "ModuleNotFoundError: No module named 'foo'. Correct the name, or install it in the runner"
LOST = "from davit import Job\n\nclass Lost(Job):\n    def run(self): pass\n"
RAISES = "raise RuntimeError('nobody asked for it')"


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


def test_a_run_of_a_broken_module_imports_no_other_one(pod: Pod) -> None:
    files = {"a.py": "from lib import x\n" + JOB.format("J"), "lib.py": BROKEN, "z.py": "1 / 0"}
    said = pod.said(pod.start("run", files, class_path="a.J"))
    assert said.outcome.reason == "ImportFailed"
    assert said.error.startswith(f"lib.py:3: {NO_FOO}")
    assert "z.py" not in said.error
    assert said.outcome.error["traceback"].splitlines()[1:] == [  # type: ignore[index]
        f'  File "{pod.folder}/scratch/code/a.py", line 1, in <module>',
        "    from lib import x",
        f'  File "{pod.folder}/scratch/code/lib.py", line 3, in <module>',
        "    import foo",
        "ModuleNotFoundError: No module named 'foo'",
    ]


def test_processes_of_a_job_import_its_modules_too(pod: Pod) -> None:
    code = (
        "import multiprocessing\nfrom davit import *\n"
        "def squared(number):\n    from library import square\n    return square(number)\n"
        "class J(Job):\n    def run(self):\n"
        "        with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "            return pool.map(squared, [3])\nregister_jobs(J)\n"
    )
    files = {"a.py": code, "library.py": "def square(number): return number ** 2\n"}
    assert pod.said(pod.start("run", files, class_path="a.J")).documents("result") == [[9]]


def test_an_import_in_a_run_may_be_tried_again(pod: Pod) -> None:
    code = (
        "from davit import *\nimport builtins\nclass J(Job):\n    def run(self):\n"
        "        try: import library\n        except NameError: builtins.ANSWER = 42\n"
        "        import library\n        return library.ANSWER\nregister_jobs(J)\n"
    )
    files = {"a.py": code, "library.py": "ANSWER = ANSWER\n"}
    assert pod.said(pod.start("run", files, class_path="a.J")).documents("result") == [42]


def test_a_job_can_look_at_the_registry(pod: Pod) -> None:
    said = pod.run("import davit\nreturn [davit.get_job('code_.J') is J, *davit.get_jobs()]")
    assert said.documents("result") == [[True, "code_.J"]]


@pytest.mark.parametrize(
    ("files", "class_path", "words"),
    [
        (
            {"good.py": JOB.format("Good"), "z.py": "import foo\n"},
            "good.Nobody",
            ['No job class "good.Nobody" is registered.', f"z.py:1: {NO_FOO}"],
        ),
        (
            {"a.py": LOST, "z.py": "from a import Lost\n1 / 0\n"},
            "a.Lost",
            ['No job class "a.Lost" is registered.', "z.py:2: ZeroDivisionError: division by zero"],
        ),
        (
            {"random.py": JOB.format("J")},
            "random.J",
            ['No job class "random.J" is registered.', 'random.py: The name "random" belongs to'],
        ),
        (
            {"pack/__init__.py": "1 / 0\n", "pack/a.py": LOST},
            "pack.a.Lost",
            ["pack/__init__.py:1: ZeroDivisionError", 'No job class "pack.a.Lost" is registered.'],
        ),
    ],
    ids=["no such class", "registered by a broken module", "a taken name", "in a broken package"],
)
def test_a_run_whose_class_is_missing_says_why(
    pod: Pod, files: dict[str, str], class_path: str, words: list[str]
) -> None:
    said = pod.said(pod.start("run", files, class_path=class_path))
    assert said.outcome.reason == "ImportFailed"
    lines = said.error.splitlines()
    assert [line[: len(word)] for line, word in zip(lines, words, strict=True)] == words


def test_the_soft_limit_holds_for_the_import_of_a_run(pod: Pod) -> None:
    files = {"a.py": "import time\ntime.sleep(60)\n", "b.py": RAISES}
    said = pod.said(pod.start("run", files, class_path="a.J", soft_time_limit_seconds=0.3))
    assert said.outcome.reason == "SoftTimeLimitExceeded"
