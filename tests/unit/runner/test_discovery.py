from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.runner.discoveries import JOB, Discoverer, started, write
from tests.unit.runner.pods import Pod

from davit._runner.load import CodeRoot, Loader
from davit_contract import Layout

REPOSITORY: dict[str, Any] = {"layout": "Repository", "slug": "netops"}
BROKEN = "import os\n\nimport foo\n"
NO_FOO = "ModuleNotFoundError: No module named 'foo'. Correct the name, or install it in the runner"
GOOD = {"good.py": JOB.format("Good")}
LOST = "from davit import Job\n\nclass Lost(Job):\n    def run(self): pass\n"
RAISES = "raise RuntimeError('nobody asked for it')"


@pytest.fixture(scope="module")
def discoverer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Discoverer]:
    process = started()
    yield Discoverer(tmp_path_factory.mktemp("unused"), process)
    process.communicate(timeout=10)


@pytest.fixture
def here(discoverer: Discoverer, tmp_path: Path) -> Discoverer:
    return discoverer.at(tmp_path)


@pytest.mark.parametrize(
    "init",
    [
        "from . import good, broken, other\n",
        "from . import broken\nfrom . import good\n",
        "from .broken import nothing\n",
        "try:\n    from . import broken\nexcept ImportError as error:\n"
        "    raise LookupError('wrapped') from error\n",
        "",
    ],
    ids=[
        "__init__ imports good first",
        "__init__ imports broken first",
        "__init__ imports a name of broken",
        "__init__ wraps the error",
        "__init__ imports nothing",
    ],
)
def test_a_broken_submodule_never_hides_the_others_and_is_blamed_once(
    here: Discoverer, init: str
) -> None:
    files = {
        "__init__.py": "",
        "jobs/__init__.py": init,
        "jobs/broken.py": BROKEN,
        "jobs/good.py": JOB.format("Good"),
        "jobs/other.py": "from . import good\n" + JOB.format("Other"),
        "jobs/deep/__init__.py": "",
        "jobs/deep/below.py": "from ..good import Good\n" + JOB.format("Below"),
    }
    found = here.discover(files, **REPOSITORY)
    assert found.class_paths == [
        "netops.jobs.deep.below.Below", "netops.jobs.good.Good", "netops.jobs.other.Other",
    ]  # fmt: skip
    [(path, line, message)] = found.problems
    assert (path, line, message.startswith(NO_FOO)) == ("jobs/broken.py", 3, True)
    assert message.endswith("Not imported because of it: jobs/__init__.py.") == bool(init)


def test_every_importer_of_a_broken_module_is_named_with_the_true_cause(here: Discoverer) -> None:
    library = "class Limit:\n    def __init__(self):\n        1 / 0\n"
    importer = "from shared import {0}\n" + JOB.format("J")
    found = here.discover(
        {
            "a.py": importer.format("LIMIT"),
            "b.py": importer.format("other"),
            "library.py": library,
            "shared.py": "from library import Limit\nLIMIT = Limit()\n",
            **GOOD,
        }
    )
    assert found.class_paths == ["good.Good"]
    assert found.problems == [
        (
            "library.py",
            3,
            "ZeroDivisionError: division by zero. "
            "Not imported because of it: shared.py, a.py, b.py.",
        )
    ]


def test_modules_that_import_one_another_are_one_problem(here: Discoverer) -> None:
    found = here.discover(
        {
            "a.py": "from b import Y\nX = 1\n",
            "b.py": "from c import Z\nY = 1\n",
            "c.py": "import a\nZ = a.X\n",
            "d.py": "import a\n",
            **GOOD,
        }
    )
    [(path, line, message)] = found.problems
    assert (path, line) == ("c.py", 2)
    assert message.startswith(
        "Circular import: a.py imports b.py, b.py imports c.py, c.py imports a.py. AttributeError:"
    )
    assert message.endswith("Not imported because of it: b.py, a.py, d.py.")
    assert found.class_paths == ["good.Good"]


def test_a_circle_that_can_be_imported_in_another_order_is_no_problem(here: Discoverer) -> None:
    found = here.discover(
        {
            "a.py": "import b\nfrom davit import Job\nclass Base(Job): pass\n",
            "b.py": "from a import Base\nfrom davit import register_jobs\n"
            "class J(Base):\n    def run(self): pass\nregister_jobs(J)\n",
        }
    )
    assert (found.class_paths, found.problems) == (["b.J"], [])


def test_a_jobs_root_gives_top_level_modules_and_packages_within_packages(
    here: Discoverer,
) -> None:
    found = here.discover(
        {
            "__init__.py": RAISES,
            "hello_world.py": "from scripts.helper import x\n" + JOB.format("Hello"),
            "my_jobs/__init__.py": "from . import my_job_module\n",
            "my_jobs/my_job_module.py": JOB.format("MyJob"),
            "my_jobs/more/__init__.py": "",
            "my_jobs/more/sums.py": JOB.format("Sum"),
            "scripts/not_a_package.py": RAISES,
            "scripts/helper.py": "x = 1",
        }
    )
    assert found.class_paths == [
        "hello_world.Hello", "my_jobs.more.sums.Sum", "my_jobs.my_job_module.MyJob",
    ]  # fmt: skip
    assert found.problems == []


def test_only_jobs_is_imported_of_a_repository(here: Discoverer) -> None:
    files = {
        "__init__.py": "",
        "jobs.py": "from .shared import NAME\nimport netops.more\n" + JOB.format("Sync"),
        "shared.py": "NAME = 'x'",
        "more.py": JOB.format("More"),
        "other.py": RAISES,
        "nautobot.py": RAISES,
        "tests/test_jobs.py": JOB.format("Tested"),
    }
    found = here.discover(files, **REPOSITORY)
    assert found.class_paths == ["netops.jobs.Sync", "netops.more.More"]
    assert found.problems == []


def test_what_is_imported_is_told_module_by_module(here: Discoverer) -> None:
    found = here.discover({"a.py": "import b\n" + JOB.format("J"), "b.py": ""})
    assert found.busy == ["a.py", "b.py", "a.py", "", ""]


def test_a_module_that_was_left_out_is_not_imported_and_blamed_for_its_importers(
    here: Discoverer,
) -> None:
    files = {
        "a.py": "try:\n    from pack.bad import x\nexcept Exception:\n    x = 0\n"
        + JOB.format("J"),
        "pack/__init__.py": "",
        "pack/bad.py": RAISES,
        "worse/__init__.py": RAISES,
        "worse/below.py": JOB.format("Below"),
        "worst/__init__.py": "try:\n    import worse\nexcept BaseException:\n    1 / 0\n",
        "worst/below.py": JOB.format("Below"),
        **GOOD,
    }
    told = {"path": "lib.c", "message": "It crashed.", "line": 7}
    found = here.discover(files, left_out={"pack/bad.py": told, "worse/__init__.py": told})
    assert found.class_paths == ["good.Good"]
    message = "It crashed. Not imported because of it: "
    assert found.problems == [
        ("lib.c", 7, message + "pack/bad.py, a.py."),
        ("lib.c", 7, message + "worse/__init__.py, worst/__init__.py."),
    ]


CASES: list[tuple[str, dict[str, str | bytes], dict[str, str], tuple[str, int, str]]] = [
    (
        "a syntax error, with its line",
        {**GOOD, "bad.py": "x = 1\ndef f(:\n"},
        {},
        ("bad.py", 2, "SyntaxError: invalid syntax. Correct the line; jobs run on Python 3."),
    ),
    (
        "null bytes",
        {**GOOD, "bad.py": "x = 1\n".encode("utf-16-le")},
        {},
        ("bad.py", 0, "ource code string cannot contain null bytes. Save the file as UTF-8"),
    ),
    (
        "bytes that are no UTF-8",
        {**GOOD, "bad.py": b"x = 1\ny = '\xe9'\n"},
        {},
        ("bad.py", 2, "Save the file as UTF-8, or say its encoding in the first line."),
    ),
    (
        "an encoding that nobody knows",
        {**GOOD, "bad.py": "# -*- coding: klingon -*-\n"},
        {},
        ("bad.py", 0, "Save the file as UTF-8, or say its encoding in the first line."),
    ),
    (
        "a module that ends the program",
        {**GOOD, "bad.py": "import sys\nsys.exit(2)\n"},
        {},
        ("bad.py", 2, "SystemExit: 2. The module ends the program when it is imported; put that"),
    ),
    (
        "an error without words, in a function of a library",
        {**GOOD, "bad.py": "import json\njson.loads('{')\n"},
        {},
        ("bad.py", 2, "JSONDecodeError: Expecting property name"),
    ),
    (
        "an error that cannot be told",
        {
            **GOOD,
            "bad.py": "class E(Exception):\n    def __str__(self): return 1 / 0\nraise E\n",
        },
        {},
        ("bad.py", 3, "E: <its __str__ raised ZeroDivisionError>"),
    ),
    (
        "a relative import at the root",
        {**GOOD, "bad.py": "from . import good\n"},
        {},
        ("bad.py", 1, "write `import x` instead of `from . import x`."),
    ),
    (
        "a name that another module does not define",
        {**GOOD, "bad.py": "from good import nothing\n"},
        {},
        (
            "bad.py",
            1,
            "ImportError: cannot import name 'nothing' from 'good' (good.py). Correct the name, or "
            "define it there.",
        ),
    ),
    (
        "a submodule that does not exist",
        {"pack/__init__.py": "from . import nothing\n", **GOOD},
        {},
        ("pack/__init__.py", 1, "ImportError: cannot import name 'nothing'"),
    ),
    (
        "a module of the repository, named as one at the root",
        {"__init__.py": "", "jobs.py": "import shared\n", "shared.py": ""},
        REPOSITORY,
        ("jobs.py", 1, "write `from netops import shared`, or a relative import."),
    ),
    (
        "the model for a base class",
        {
            **GOOD,
            "bad.py": "from nautobot.extras.models import Job\nclass J(Job):\n"
            "    def run(self): pass\n",
        },
        {},
        ("bad.py", 2, "in Nautobot's database. Inherit from nautobot.apps.jobs.Job or davit.Job."),
    ),
    (
        "what only Nautobot has",
        {**GOOD, "bad.py": "from nautobot.dcim.models import Device\n"},
        {},
        ("bad.py", 1, "Install nautobot in the runner image, or remove the import."),
    ),
    (
        "a class that nobody registered",
        {**GOOD, "bad.py": LOST},
        {},
        ("bad.py", 3, "Lost is a Job class but is not registered, so it cannot be run. Add `reg"),
    ),
    (
        "a second class of the same class path",
        {
            **GOOD,
            "bad.py": JOB.format("J") + "class J(Job):\n    def run(self): pass\nregister_jobs(J)",
        },
        {},
        ("bad.py", 5, "Another class is registered as bad.J already, and the first one wins."),
    ),
    (
        "a class that inherits from nothing, registered",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass J:\n    def run(self): pass\nregister_jobs(J)\n",
        },
        {},
        ("bad.py", 2, "bad.J is no job class: it inherits from builtins.object."),
    ),
    (
        "a class that inherits from nothing, not registered",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass J:\n    who = StringVar()\n"
            "    def run(self, *, who): pass\n",
        },
        {},
        ("bad.py", 2, "J looks like a job, but inherits from builtins.object, so it cannot be"),
    ),
    (
        "an instance, registered",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass J(Job):\n    def run(self): pass\n"
            "register_jobs(J())\n",
        },
        {},
        ("bad.py", 4, "Write the class, not an instance."),
    ),
    (
        "a variable with a name of Job's own",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass J(Job):\n    x = 1\n    name = StringVar()\n"
            "register_jobs(J)\n",
        },
        {},
        ("bad.py", 4, 'RegistrationError: The variable "name" of bad.J has a name that Job itself'),
    ),
    (
        "a wrong type in Meta",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass J(Job):\n    class Meta:\n"
            "        hidden = 'no'\n    def run(self): pass\nregister_jobs(J)\n",
        },
        {},
        ("bad.py", 2, "bad.J: Meta.hidden should be <class 'bool'>, not <class 'str'>"),
    ),
    (
        "a class that raises when it is described",
        {
            **GOOD,
            "bad.py": "from davit import *\nclass M(type(Job)):\n    def __getattribute__(c, n):\n"
            "        if n == 'Meta': raise LookupError('no Meta for you')\n"
            "        return super().__getattribute__(n)\n"
            "class J(Job, metaclass=M):\n    def run(self): pass\nregister_jobs(J)\n",
        },
        {},
        ("bad.py", 6, "bad.J: LookupError: no Meta for you"),
    ),
    (
        "a file that no import can spell",
        {**GOOD, "my-job.py": JOB.format("J")},
        {},
        ("my-job.py", 0, '"my-job.py" is no module name, so this file is not imported. Use let'),
    ),
    (
        "such a file in a package",
        {"pack/__init__.py": "", "pack/2nd.py": JOB.format("J"), **GOOD},
        {},
        ("pack/2nd.py", 0, '"2nd.py" is no module name, so this file is not imported. Use let'),
    ),
    (
        "a module named as one of Python's",
        {**GOOD, "random.py": JOB.format("J")},
        {},
        ("random.py", 0, 'The name "random" belongs to Python\'s standard library, so this module'),
    ),
    (
        "a package named as an installed one",
        {**GOOD, "pytest/__init__.py": JOB.format("J"), "pytest/more.py": JOB.format("K")},
        {},
        ("pytest/__init__.py", 0, 'The name "pytest" belongs to an installed package'),
    ),
    (
        "a file in a folder that is no package",
        {**GOOD, "inventory/checks/check.py": JOB.format("J"), "inventory/__init__.py": ""},
        {},
        (
            "inventory/checks/check.py",
            0,
            "its folder is no package. Add an empty inventory/checks/__init__.py, or move the file",
        ),
    ),
    (
        "jobs in the __init__.py of a jobs root",
        {**GOOD, "__init__.py": JOB.format("J")},
        {},
        ("__init__.py", 0, "in layout JobsRoot the root is no package."),
    ),
    (
        "a file beside a package of the same name",
        {**GOOD, "sync.py": JOB.format("J"), "sync/__init__.py": ""},
        {},
        ("sync.py", 0, "Beside it stands the package sync/, which Python imports instead of"),
    ),
    (
        "jobs.py beside jobs/",
        {"__init__.py": "", "jobs.py": JOB.format("J"), "jobs/__init__.py": JOB.format("Good")},
        REPOSITORY,
        ("jobs.py", 0, "Beside it stands the package jobs/, which Python imports instead of"),
    ),
    (
        "a file beside the jobs of a repository",
        {"__init__.py": "", "jobs.py": JOB.format("Good"), "more/sync.py": JOB.format("J")},
        REPOSITORY,
        ("more/sync.py", 0, "of a repository only `jobs` is. Move it into jobs/"),
    ),
    ("an empty folder", {"README.md": ""}, {}, (".", 0, "The folder holds no Python module. Add")),
    (
        "modules without a job",
        {"lib.py": "x = 1"},
        {},
        (".", 0, "No jobs were registered. Did you miss a register_jobs() call? End the module"),
    ),
    (
        "a repository without a root package",
        {"jobs.py": JOB.format("J")},
        REPOSITORY,
        ("__init__.py", 0, "The repository's root has no __init__.py, so it is no package and"),
    ),
    (
        "a repository without jobs",
        {"__init__.py": "", "hello.py": JOB.format("J")},
        REPOSITORY,
        ("jobs", 0, "No `jobs` submodule found. Add jobs.py or jobs/__init__.py, or use layout"),
    ),
    (
        "a repository whose jobs are no package",
        {"__init__.py": "", "jobs/hello.py": JOB.format("J")},
        REPOSITORY,
        ("jobs", 0, "the folder jobs has no __init__.py, so it is no package. Add an empty one."),
    ),
    (
        "a slug that is taken",
        {"__init__.py": "", "jobs.py": JOB.format("J")},
        {"layout": "Repository", "slug": "json"},
        ("__init__.py", 0, 'The slug "json" is the name of Python\'s standard library. Choose'),
    ),
    (
        "a module that takes itself off the table",
        {**GOOD, "bad.py": "import sys\nsys.modules['bad'] = None\n", "c.py": "import bad\n"},
        {},
        ("c.py", 1, "ModuleNotFoundError: import of bad halted; None in sys.modules."),
    ),
]


@pytest.mark.parametrize(
    ("files", "layout", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_discovery_says_where_and_why_and_what_to_do(
    here: Discoverer,
    files: dict[str, str | bytes],
    layout: dict[str, Any],
    expected: tuple[str, int, str],
) -> None:
    found = here.discover(files, **layout)
    [(path, line, message)] = found.problems
    assert (path, line) == expected[:2]
    assert expected[2] in message
    assert str(here.folder) not in message
    assert bool(found.class_paths) == ("Good" in str(files))


def test_a_base_class_or_a_mixin_without_registration_is_no_problem(here: Discoverer) -> None:
    found = here.discover(
        {
            "jobs.py": "from davit import *\nclass Base(Job): pass\n"
            "class Asks:\n    who = StringVar()\n    def run(self, *, who): pass\n"
            "class Sync(Asks, Base): pass\nregister_jobs(Sync)\n"
        }
    )
    assert (found.class_paths, found.problems) == (["jobs.Sync"], [])


def test_a_copy_of_the_process_that_a_module_makes_ends_with_its_import(here: Discoverer) -> None:
    found = here.discover({**GOOD, "bad.py": "import os\nos.fork()\n" + JOB.format("J")})
    assert (found.class_paths, found.problems) == (["bad.J", "good.Good"], [])
    assert found.busy.count("good.py") == 1


@settings(max_examples=12)
@given(content=st.binary(max_size=60) | st.text(max_size=30).map(str.encode))
def test_whatever_bytes_a_module_holds_the_others_are_found(content: bytes) -> None:
    files: dict[str, str | bytes] = {
        "odd.py": content,
        "zzz.py": "import odd\n",
        "good.py": "x = 1\n",
    }
    with TemporaryDirectory() as folder, imported_here(write(Path(folder), files)) as loader:
        loader.load_all()
        assert "good" in loader.imports.done
        assert {problem.path for problem in loader.problems} <= {"odd.py", "zzz.py"}


@contextmanager
def imported_here(folder: Path) -> Iterator[Loader]:
    """Give a loader, and afterwards the process as it was before."""
    path, finders = list(sys.path), list(sys.meta_path)
    try:
        yield Loader(CodeRoot(path=str(folder), layout=Layout.JOBS_ROOT, slug=""), lambda _: None)
    finally:
        sys.path[:], sys.meta_path[:] = path, finders
        for name in ("odd", "zzz", "good"):
            sys.modules.pop(name, None)


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
