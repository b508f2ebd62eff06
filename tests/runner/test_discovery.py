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
from tests.runner.discoveries import JOB, Discoverer, write

from davit._runner.load import CodeRoot, Loader
from davit_contract import Layout

REPOSITORY: dict[str, Any] = {"layout": "Repository", "slug": "netops"}
BROKEN = "import os\n\nimport foo\n"
NO_FOO = "ModuleNotFoundError: No module named 'foo'. Correct the name, or install it in the runner"
GOOD = {"good.py": JOB.format("Good")}
LOST = "from davit import Job\n\nclass Lost(Job):\n    def run(self): pass\n"
RAISES = "raise RuntimeError('nobody asked for it')"


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


def test_a_function_that_raises_is_a_problem_of_its_class_alone(
    here: Discoverer,
) -> None:
    code = (
        "from davit import *\n"
        "class Broken(Job):\n    site = ChoiceVar(choices=lambda: 1 // 0)\n"
        "class Whole(Job):\n    site = ChoiceVar(choices=lambda: [('a', 'A')])\n"
        "register_jobs(Broken, Whole)\n"
    )
    found = here.discover({"sites.py": code})
    [whole] = found.descriptions
    [site] = whole["variables"]
    assert (whole["class_path"], site["choices"]) == (
        "sites.Whole",
        [{"value": "a", "label": "A", "group": ""}],
    )
    [(path, line, message)] = found.problems
    assert (path, line) == ("sites.py", 2)
    assert message.startswith(
        'sites.Broken: The choices of the variable "site" cannot be had: Zero'
    )
