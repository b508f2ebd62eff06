from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.runner.commands import Commands

JOB = """
from davit import *

class Greet(Job):
    who = StringVar(max_length=5)
    count = IntegerVar(default=1)
    loud = BooleanVar()
    report = FileVar(required=False)

    def run(self, **inputs):
        raise AssertionError("never called")

class GreetAll(Job):
    def run(self):
        pass

register_jobs(Greet, GreetAll)
"""
HOW_TO_GIVE = "Give them with --input NAME=VALUE, --file NAME=PATH or --data JSON."
WHAT_RUN_TAKES = (
    "davit: davit run takes DIR and CLASS_PATH, as in `davit run my-jobs hello_world.HelloWorld`. "
    "`davit discover DIR` lists the class paths of a folder."
)


def greet(*options: str) -> tuple[str, ...]:
    return ("run", "jobs", "hello.Greet", *options)


CASES = {
    "an unknown verb": (
        ("fly",),
        "davit: error: argument VERB: invalid choice: 'fly' (choose from 'run', 'check', "
        "'discover', 'cluster')",
    ),
    "an unknown option": (
        ("check", "jobs", "--fast"),
        "davit check: error: unrecognized arguments: --fast",
    ),
    "no folder": (
        ("check",),
        "davit: DIR is missing: the folder that holds the jobs. For this one, write a dot.",
    ),
    "two folders": (
        ("check", "jobs", "more"),
        'davit: davit check takes one DIR, got also "more".',
    ),
    "no class path": (("run", "jobs"), WHAT_RUN_TAKES),
    "nothing to run": (("run",), WHAT_RUN_TAKES),
    "three places": (("run", "a", "b", "c"), WHAT_RUN_TAKES),
    "a missing folder": (
        ("check", "no/where"),
        "davit: no/where does not exist. Give the folder that holds the jobs.",
    ),
    "an empty folder name": (
        ("check", ""),
        "davit: DIR is missing: the folder that holds the jobs. For this one, write a dot.",
    ),
    "a file as folder": (
        ("run", "jobs/hello.py", "Greet"),
        "davit: jobs/hello.py is a file. Give the folder that holds it, and for `davit run` the "
        "class path after it.",
    ),
    "a folder whose name is too long": (
        ("check", "x" * 300),
        f"davit: {'x' * 300} cannot be read: File name too long. Give a folder that you may list "
        "and enter.",
    ),
    "an unknown layout": (
        ("check", "jobs", "--layout", "Flat"),
        "davit check: error: argument --layout: invalid choice: 'Flat' (choose from 'Repository', "
        "'JobsRoot', 'App')",
    ),
    "modules of another layout": (
        ("check", "jobs", "--module", "my_app.jobs"),
        "davit: --module is for installed packages only. Add --layout App.",
    ),
    "a module that is none": (
        ("check", "--layout", "App", "--module", "my-app"),
        'davit: --module "my-app" is no module\'s name. Write it as in my_app.jobs.',
    ),
    "a slug that is no identifier": (
        ("check", "jobs", "--slug", "a-b"),
        'davit: --slug "a-b" is no Python identifier. Give another.',
    ),
    "a slug that is a keyword": (
        ("check", "jobs", "--slug", "import"),
        'davit: --slug "import" is a word of Python itself. Give another.',
    ),
    "a slug that is a builtin": (
        ("check", "jobs", "--slug", "print"),
        'davit: --slug "print" is one of Python\'s built-in names. Give another.',
    ),
    "a slug that is a module of Python's": (
        ("check", "jobs", "--slug", "json"),
        'davit: --slug "json" is a module of Python\'s standard library. Give another.',
    ),
    "a repository whose folder makes no slug": (
        ("check", "email"),
        "davit: The slug, made of the folder's name email, \"email\" is a module of Python's "
        "standard library. Give one with --slug.",
    ),
    "an unknown class path": (
        ("run", "jobs", "hello.Great"),
        'davit: No job class "hello.Great" is registered. Did you mean hello.Greet? '
        "Registered: hello.Greet, hello.GreetAll.",
    ),
    "a missing input": (
        greet(),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n  who: This field is required.",
    ),
    "several wrong inputs": (
        greet("--input=who=Ada Lovelace", "--input=count=many", "--input=cuont=1"),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n"
        "  cuont: Job data contained an unknown property. This job's variables: who, count, loud, "
        "report.\n"
        "  who: Ensure this value has at most 5 characters (it has 12).\n"
        "  count: Enter a whole number.",
    ),
    "text that is neither true nor false": (
        greet("--input=who=Ada", "--input=loud=maybe"),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n"
        '  loud: Write true or false (or yes, no, on, off, 1, 0), not "maybe".',
    ),
    "several values for one": (
        greet("--input=who=Ada", "--input=who=Bob"),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n"
        "  who: It takes one value, but --input gave it 2 times.",
    ),
    "a file for text": (
        greet("--file=who=jobs/hello.py"),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n"
        "  who: It is a StringVar, which takes no file. Give it as --input who=VALUE.",
    ),
    "text for a file": (
        greet("--input=who=Ada", "--input=report=jobs/hello.py"),
        f"davit: The inputs do not fit hello.Greet. {HOW_TO_GIVE}\n"
        "  report: It is a FileVar. Give it as --file report=PATH.",
    ),
    "an input without a value": (
        greet("--input", "who"),
        'davit: --input must look like NAME=VALUE, got "who".',
    ),
    "an input without a name": (
        greet("--input", "=Ada"),
        'davit: --input must look like NAME=VALUE, got "=Ada".',
    ),
    "a file without a path": (
        greet("--file", "report"),
        'davit: --file must look like NAME=PATH, got "report".',
    ),
    "a file that is missing": (
        greet("--file", "report=no.txt"),
        'davit: --file gives "report" the file "no.txt", which cannot be read: No such file or '
        "directory.",
    ),
    "a folder as file": (
        greet("--file", "report=jobs"),
        'davit: --file gives "report" the file "jobs", which cannot be read: Is a directory.',
    ),
    "two files for one": (
        greet("--file=report=jobs/hello.py", "--file=report=jobs/hello.py"),
        'davit: --file gives "report" twice. Give each variable one file.',
    ),
    "data that is no JSON": (
        greet("--data", "{who: Ada}"),
        "davit: --data is not valid JSON: Expecting property name enclosed in double quotes: "
        'line 1 column 2 (char 1). Write it as in --data \'{"who": "Ada"}\'.',
    ),
    "data that only Python takes for JSON": (
        greet("--data", '{"count": NaN}'),
        "davit: --data is not valid JSON: NaN is no JSON. "
        'Write it as in --data \'{"who": "Ada"}\'.',
    ),
    "data without an end": (
        greet("--data", "[" * 100_000),
        "davit: --data is not valid JSON: it is nested too deeply. "
        'Write it as in --data \'{"who": "Ada"}\'.',
    ),
    "data that is no object": (
        greet("--data", '["Ada"]'),
        "davit: --data must be a JSON object, not an array. "
        'Write it as in --data \'{"who": "Ada"}\'.',
    ),
    "data of a missing file": (
        greet("--data", "@no.json"),
        'davit: --data names the file "no.json", which cannot be read: No such file or directory.',
    ),
    "one input in two options": (
        greet("--data", '{"who": "Ada"}', "--input", "who=Bob"),
        'davit: Both --data and --input give "who". Give each variable once.',
    ),
    "a log level that is none": (
        greet("--log-level", "loud"),
        "davit run: error: argument --log-level: invalid choice: 'LOUD' (choose from 'DEBUG', "
        "'INFO', 'SUCCESS', 'WARNING', 'FAILURE', 'ERROR', 'CRITICAL')",
    ),
    "a limit that is no time": (
        greet("--time-limit", "soon"),
        "davit run: error: argument --time-limit: must be seconds, 0 or more, not 'soon'",
    ),
    "a limit in the past": (
        greet("--soft-time-limit=-1"),
        "davit run: error: argument --soft-time-limit: must be seconds, 0 or more, not '-1'",
    ),
    "output into a file": (
        greet("--input=who=Ada", "--output", "jobs/hello.py"),
        "davit: --output jobs/hello.py cannot be made a folder: File exists. "
        "Give one that you may write to.",
    ),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    for name in ("jobs", "email", "email/jobs"):
        (folder / name).mkdir()
    for name in ("email/__init__.py", "email/jobs/__init__.py"):
        (folder / name).touch()
    (folder / "jobs" / "hello.py").write_text(JOB)
    return folder


@pytest.mark.parametrize(("arguments", "sentence"), CASES.values(), ids=CASES)
def test_what_cannot_be_done_exits_2_with_a_sentence(
    davit: Commands, places: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = davit.run(*arguments, cwd=places)
    assert (ended.code, ended.out) == (2, "")
    said = re.sub(r"\Ausage: .*\n", "", ended.err)
    assert said == f"{sentence}\n"


def test_a_folder_that_may_not_be_read_is_refused(davit: Commands, tmp_path: Path) -> None:
    tmp_path.chmod(0)
    assert davit.run("check", tmp_path, as_nobody=True) == (
        2,
        "",
        f"davit: {tmp_path} cannot be read: Permission denied. Give a folder that you may list and "
        "enter.\n",
    )


def test_no_verb_shows_the_verbs_on_stderr(davit: Commands) -> None:
    code, out, err = davit.run()
    assert (code, out) == (2, "")
    assert err.startswith("usage: davit [--version] VERB ...\n")
    assert "  check       say what is wrong with the folder's modules\n" in err


@pytest.mark.parametrize("verb", ["run", "check", "discover"])
def test_each_verb_explains_itself(davit: Commands, verb: str) -> None:
    code, out, err = davit.run(verb, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: davit {verb} [options] DIR")


def test_it_tells_its_version(davit: Commands) -> None:
    assert davit.run("--version") == (0, "davit 0.1.0\n", "")
