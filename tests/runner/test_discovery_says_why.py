from __future__ import annotations

from typing import Any

import pytest
from tests.runner.discoveries import JOB, Discoverer

REPOSITORY: dict[str, Any] = {"layout": "Repository", "slug": "netops"}
GOOD = {"good.py": JOB.format("Good")}
LOST = "from davit import Job\n\nclass Lost(Job):\n    def run(self): pass\n"


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
