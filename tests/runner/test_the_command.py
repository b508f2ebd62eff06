from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.runner.commands import Commands

CLOCK = re.compile(r"\d\d:\d\d:\d\d")
DURATION = re.compile(r"\d+\.\d\d s")
JOB = """
import time
from davit import *

class Greet(Job):
    class Meta:
        soft_time_limit = 60

    who = StringVar()
    count = IntegerVar(default=1)
    loud = BooleanVar()
    colours = MultiChoiceVar(choices=[("r", "red"), ("g", "green")], required=False)
    report = FileVar(required=False)

    def run(self, *, who, count, loud, colours, report):
        print("printed")
        self.logger.success("Hello, %s!", who, extra={"object": "desk"})
        self.logger.debug("by %s", self.user)
        self.progress(count, 4)
        if who == "nobody":
            raise LookupError(who)
        if who == "somebody":
            self.fail("Not %s", who)
        if who == "slow":
            time.sleep(60)
        while who == "chatty":
            self.logger.info("still here")
            time.sleep(0.01)
        if report:
            self.create_file("report.txt", report.read())
            self.create_file("report.txt", "again")
        return {"count": count, "loud": loud, "colours": colours}

register_jobs(Greet)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs-root").mkdir()
    (tmp_path / "jobs-root" / "hello.py").write_text(JOB)
    return tmp_path / "jobs-root"


def alike(text: str) -> list[str]:
    """Return the lines without what differs from run to run."""
    return DURATION.sub("N s", CLOCK.sub("HH:MM:SS", text)).splitlines()


def test_run_prints_the_log_the_result_and_a_summary(davit: Commands, folder: Path) -> None:
    ended = davit.run("run", folder, "hello.Greet", "--input", "who=Ada", "--user", "ada")
    assert (ended.code, ended.err) == (0, "")
    assert alike(ended.out) == [
        "HH:MM:SS INFO    initialization: Running job",
        "HH:MM:SS INFO    stdout: printed",
        "HH:MM:SS SUCCESS run: Hello, Ada! [desk]",
        "HH:MM:SS DEBUG   run: by ada",
        "HH:MM:SS SUCCESS post_run: Job completed",
        "[=======>                      ]  25 % (1 of 4)",
        'Result: {"count": 1, "loud": false, "colours": []}',
        "Succeeded after N s: 1 debug, 2 info, 2 success",
    ]


def test_a_long_result_stands_on_lines_of_its_own_and_none_is_not_shown(
    davit: Commands, tmp_path: Path
) -> None:
    (tmp_path / "long.py").write_text(
        "from davit import *\nclass Long(Job):\n    size = IntegerVar()\n"
        "    def run(self, *, size):\n        return list(range(size)) or None\n"
        "register_jobs(Long)\n"
    )
    shown = davit.run("run", tmp_path, "long.Long", "--input", "size=40").out.splitlines()
    assert shown[shown.index("Result: [") + 1 :][:2] == ["  0,", "  1,"]
    assert "Result" not in davit.run("run", tmp_path, "long.Long", "--input", "size=0").out


def test_a_job_that_raises_exits_1_and_shows_the_traceback(davit: Commands, folder: Path) -> None:
    ended = davit.run("run", folder, "hello.Greet", "--data", '{"who": "nobody"}')
    assert ended.code == 1
    assert ended.err.startswith('Traceback (most recent call last):\n  File "' + str(folder))
    assert ended.err.endswith("LookupError: nobody\n")
    assert alike(ended.out)[-1] == "JobFailed after N s: 1 debug, 2 info, 1 success"


def test_a_jobs_own_errors_are_not_taken_for_bad_input(davit: Commands, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from davit import *\nfrom davit.exceptions import InvalidInputs, JobNotFound\n"
        "class Own(Job):\n    which = IntegerVar()\n    def run(self, *, which):\n"
        "        raise [JobNotFound('x'), InvalidInputs({'a': ['b']})][which]\n"
        "register_jobs(Own)\n"
    )
    for which, text in ((0, "JobNotFound: x"), (1, "InvalidInputs: a: b")):
        ended = davit.run("run", tmp_path, "own.Own", f"--input=which={which}")
        assert (ended.code, ended.err.splitlines()[-1]) == (1, f"davit.exceptions.{text}")


def test_a_job_that_fails_exits_1_and_keeps_its_result(davit: Commands, folder: Path) -> None:
    ended = davit.run("run", folder, "hello.Greet", "--input", "who=somebody")
    assert (ended.code, ended.err) == (1, "davit: Not somebody\n")
    assert "Result: {" in ended.out
    assert alike(ended.out)[-1] == "JobFailed after N s: 1 debug, 2 info, 1 success, 1 failure"


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (("--input", "loud=no"), {"loud": False}),
        (("--input", "loud=Yes"), {"loud": True}),
        (("--input", "count= 7 "), {"count": 7}),
        (("--input", "colours=g"), {"colours": ["g"]}),
        (("--input", "colours=g", "--input", "colours=r"), {"colours": ["g", "r"]}),
        (("--data", '{"colours": ["r"], "count": 2}'), {"colours": ["r"], "count": 2}),
        (("--data", "@inputs.json"), {"count": 9}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_inputs_are_what_the_variables_make_of_the_text(
    davit: Commands, folder: Path, arguments: tuple[str, ...], result: dict[str, object]
) -> None:
    (folder / "inputs.json").write_text('{"count": 9}')
    ended = davit.run("run", ".", "hello.Greet", "--input=who=Ada", *arguments, cwd=folder)
    [line] = [line for line in ended.out.splitlines() if line.startswith("Result: ")]
    assert {**json.loads(line.partition(" ")[2]), **result} == json.loads(line.partition(" ")[2])


def test_the_jobs_files_are_written_where_the_user_says(davit: Commands, folder: Path) -> None:
    (folder / "in.txt").write_text("content")
    arguments = ("run", ".", "hello.Greet", "--input=who=Ada", "--file", "report=in.txt")
    ended = davit.run(*arguments, "--output", "made/here", cwd=folder)
    made = folder / "made" / "here"
    assert f"File: {made}/report.txt (7 bytes)\nFile: {made}/report-2.txt (5 bytes)" in ended.out
    assert (made / "report.txt").read_text() == "content"
    assert (made / "report-2.txt").read_text() == "again"


def test_the_jobs_files_are_kept_where_the_user_says_nothing(
    davit: Commands, folder: Path, tmp_path: Path
) -> None:
    (folder / "in.txt").write_text("content")
    arguments = ("run", folder, "hello.Greet", "--input=who=Ada", f"--file=report={folder}/in.txt")
    ended = davit.run(*arguments, TMPDIR=str(tmp_path))
    [path] = re.findall(r"File: (.*/report\.txt) ", ended.out)
    assert Path(path).read_text() == "content"
    assert Path(path).parent.parent == tmp_path


def test_a_profile_is_one_of_the_jobs_files(davit: Commands, folder: Path) -> None:
    ended = davit.run(
        "run", folder, "hello.Greet", "--input=who=Ada", "--profile", "--output=p", cwd=folder
    )
    [profile] = (folder / "p").iterdir()
    assert profile.suffix == ".pstats"
    assert f"File: {profile}" in ended.out


def test_lines_below_the_log_level_are_not_shown(davit: Commands, folder: Path) -> None:
    arguments = ("run", folder, "hello.Greet", "--input=who=Ada", "--log-level", "success")
    shown = alike(davit.run(*arguments).out)
    assert [line.split()[1] for line in shown if "HH" in line] == ["INFO", "SUCCESS", "SUCCESS"]
    assert "HH:MM:SS INFO    stdout: printed" in shown


def test_a_limit_on_the_command_line_beats_the_classs(davit: Commands, folder: Path) -> None:
    arguments = ("run", folder, "hello.Greet", "--input=who=slow", "--soft-time-limit", "0.1")
    ended = davit.run(*arguments)
    assert (ended.code, alike(ended.out)[-1].split()[0]) == (1, "SoftTimeLimitExceeded")


def test_the_limits_of_the_class_hold(davit: Commands, folder: Path) -> None:
    meta = "soft_time_limit = 60\n        "
    (folder / "hello.py").write_text(JOB.replace(meta.strip(), f"{meta}time_limit = 9"))
    ended = davit.run("run", folder, "hello.Greet", "--input=who=Ada")
    # Who enforces them says so.
    assert "The hard time limit of 9 seconds is less than or equal to the soft time" in ended.out
    ended = davit.run("run", folder, "hello.Greet", "--input=who=Ada", "--time-limit=0")
    assert "The hard time limit" not in ended.out


def test_discover_prints_json_and_nothing_else(davit: Commands, folder: Path) -> None:
    (folder / "loud.py").write_text("print('imported')\nimport foo\n")
    code, out, err = davit.run("discover", folder)
    found = json.loads(out)
    assert [job["class_path"] for job in found["jobs"]] == ["hello.Greet"]
    assert [problem["path"] for problem in found["problems"]] == ["loud.py"]
    assert (code, "INFO    stdout: imported" in err) == (0, True)


def test_check_names_file_and_line_and_exits_1(davit: Commands, folder: Path) -> None:
    assert davit.run("check", folder) == (0, "No problems. Jobs: 1.\n", "")
    (folder / "bad.py").write_text("import os\nimport foo\n")
    (folder / "json.py").touch()
    code, out, err = davit.run("check", ".", cwd=folder)
    assert (code, err) == (1, "")
    words = "bad.py:2: ModuleNotFoundError: No module named 'foo'. Correct the name, or install it"
    assert out.splitlines()[0].startswith(words)
    assert out.splitlines()[1].startswith('json.py: The name "json" belongs to Python\'s standard')


def test_check_says_what_is_accepted_and_ignored(davit: Commands, tmp_path: Path) -> None:
    (tmp_path / "noted.py").write_text(
        "from davit import *\nclass Noted(Job):\n    who = StringVar(widget=object())\n"
        "    def run(self, *, who):\n        pass\nregister_jobs(Noted)\n"
    )
    code, out, _ = davit.run("check", tmp_path)
    assert (code, out.splitlines()[-1]) == (0, "No problems. Jobs: 1.")
    assert out.startswith("noted.py:2: note: ")


def test_a_repository_is_known_by_its_shape_and_its_folder_names_the_slug(
    davit: Commands, tmp_path: Path
) -> None:
    root = tmp_path / "2-net-ops"
    (root / "jobs").mkdir(parents=True)
    (root / "__init__.py").touch()
    (root / "jobs" / "__init__.py").write_text(JOB)
    out = davit.run("discover", ".", cwd=root).out
    assert json.loads(out)["jobs"][0]["class_path"] == "a2_net_ops.jobs.Greet"
    assert not (root / "jobs" / "__pycache__").exists()


def test_a_log_cannot_steer_the_terminal(davit: Commands, folder: Path) -> None:
    ended = davit.run("run", folder, "hello.Greet", "--input", "who=\x1b]0;title\x07\r\x9b1m")
    assert r"Hello, \x1b]0;title\x07\x0d\x9b1m! [desk]" in ended.out
    assert "\x1b" not in ended.out


def test_colours_can_be_asked_for(davit: Commands, folder: Path) -> None:
    arguments = ("run", folder, "hello.Greet", "--input=who=Ada")
    assert "\x1b[32mSUCCESS\x1b[0m" in davit.run(*arguments, FORCE_COLOR="1").out
    assert "\x1b" not in davit.run(*arguments, FORCE_COLOR="1", NO_COLOR="1").out


@pytest.mark.parametrize(
    ("streams", "code", "said"),
    [
        (
            ">/dev/full",
            1,
            "davit: The output cannot be written: No space left on device. Make room, or send it "
            "elsewhere.\n",
        ),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
    ],
)
def test_streams_that_take_nothing_make_no_traceback(
    folder: Path, streams: str, code: int, said: str
) -> None:
    command = [sys.executable, "-m", "davit", "run", folder, "hello.Greet", "--input=who=Ada"]
    ended = subprocess.run(
        ["sh", "-c", f'"$@" {streams}', "sh", *map(str, command)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (code, said)


def test_what_nobody_reads_does_not_run_on(folder: Path) -> None:
    command = [sys.executable, "-m", "davit", "run", folder, "hello.Greet", "--input=who=chatty"]
    with subprocess.Popen(
        ["sh", "-c", '"$@" | head -n 1', "sh", *map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as pipeline:  # fmt: skip
        out, err = pipeline.communicate(timeout=30)
    assert (len(out.splitlines()), err) == (1, "")
