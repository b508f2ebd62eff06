from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

JOB = """from davit import *
class Greet(Job):
    who = StringVar()
    count = IntegerVar(default=1)
    def run(self, *, who, count):
        print("printed")
        self.logger.success("Hello, %s!", who, extra={"object": "desk"})
        if who == "nobody":
            raise LookupError(who)
        return {"count": count}
register_jobs(Greet)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs-root").mkdir()
    (tmp_path / "jobs-root" / "hello.py").write_text(JOB)
    return tmp_path / "jobs-root"


def davit(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "davit", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "davit/__main__.py" not in ended.stderr, "a traceback of ours"
    return ended.returncode, ended.stdout, ended.stderr


def test_run_prints_the_log_live_and_the_result(folder: Path) -> None:
    code, out, err = davit("run", folder, "hello.Greet", "--input", "who=Ada", "--data", "{}")
    assert (code, err) == (0, "")
    assert re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", out).splitlines() == [
        "HH:MM:SS INFO initialization: Running job",
        "HH:MM:SS INFO stdout: printed",
        "HH:MM:SS SUCCESS run: Hello, Ada! [desk]",
        "HH:MM:SS SUCCESS post_run: Job completed",
        'Result: {"count": 1}',
        "Succeeded",
    ]


def test_a_job_that_fails_exits_1_and_shows_the_traceback(folder: Path) -> None:
    code, out, err = davit("run", folder, "hello.Greet", "--data", '{"who": "nobody"}')
    assert (code, out.splitlines()[-1]) == (1, "JobFailed")
    assert err.splitlines()[-1] == "LookupError: nobody"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "usage: davit"),
        (("fly",), "invalid choice: 'fly'"),
        (("run", "{}", "hello.Greet"), "who: This field is required."),
        (("run", "{}", "hello.Greet", "--input", "who"), "must look like NAME=VALUE"),
        (("run", "{}", "hello.Greet", "--data", "{"), "--data is not valid JSON"),
        (("run", "{}", "hello.Nobody"), 'No job class "hello.Nobody" is registered.'),
        (("check", "{}/no"), "is no folder"),
        (("check", "{}", "--slug", "a-b"), "is no Python identifier"),
    ],
    ids=lambda value: " ".join(value) or "no verb" if isinstance(value, tuple) else "",
)
def test_bad_usage_and_bad_input_exit_2_with_a_sentence(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    filled = [text.replace("{}", str(folder)) if "{}" in text else text for text in arguments]
    code, _, err = davit(*filled)
    assert code == 2
    assert words in err


def test_discover_prints_json_and_nothing_else(folder: Path) -> None:
    (folder / "loud.py").write_text("print('imported')\nimport foo\n")
    code, out, err = davit("discover", folder)
    found = json.loads(out)
    assert [job["class_path"] for job in found["jobs"]] == ["hello.Greet"]
    assert [problem["path"] for problem in found["problems"]] == ["loud.py"]
    assert (code, "INFO stdout: imported" in err) == (0, True)


def test_check_names_file_and_line_and_exits_1(folder: Path) -> None:
    assert davit("check", folder) == (0, "No problems. Jobs: 1.\n", "")
    (folder / "bad.py").write_text("import os\nimport foo\n")
    assert davit("check", folder) == (
        1, "bad.py:2: ModuleNotFoundError: No module named 'foo'\n", "",
    )  # fmt: skip


def test_a_repository_is_known_by_its_shape_and_its_folder_names_the_slug(tmp_path: Path) -> None:
    root = tmp_path / "2-net-ops"
    (root / "jobs").mkdir(parents=True)
    (root / "__init__.py").touch()
    (root / "jobs" / "__init__.py").write_text(JOB)
    _, out, _ = davit("discover", root)
    assert json.loads(out)["jobs"][0]["class_path"] == "a2_net_ops.jobs.Greet"
    assert not (root / "jobs" / "__pycache__").exists()
