from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.runner.discoveries import JOB
from tests.runner.pods import Pod, Server, is_running

# The patience for those that never end; the others get more than they need on a busy machine.
PATIENCE = 0.6
LIMITS = {"memory_limit_bytes": 160 * 1024 * 1024, "process_limit": 8}
# Beside the module: which processes it makes.
NOTE_PID = "with open(__file__ + '.pids', 'a') as pids: print(os.getpid(), file=pids)\n"
# Each ends, blocks or floods the process that imports it: file, expected line, expected words.
ENDLESS = {
    "an endless loop": (
        "x = 1\ndef spin():\n    while True: pass\nspin()\n",
        3,
        "did not end within 0.6 seconds and was stopped. Move what takes so long, or never ends,",
    ),
    "a process that stops itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n",
        0,
        "did not end within 0.6 seconds",
    ),
    "a module that never lets itself be disturbed": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n",
        0,
        "did not end within 0.6 seconds",
    ),
}
DEADLY = {
    "os._exit": (
        "import os\nos._exit(3)\n",
        0,
        "ended: its process exited with code 3. Does the code, or a library, call os._exit()?",
    ),
    "os._exit(0)": ("import os\nos._exit(0)\n", 0, "ended: its process exited with code 0."),
    "a segmentation fault": (
        "import ctypes\nctypes.string_at(0)\n",
        2,
        "ended: its process was killed by signal 11 (SIGSEGV). Code outside of Python crashed",
    ),
    "a kill": (
        "import os\nos.kill(os.getpid(), 9)\n",
        0,
        "ended: its process was killed by signal 9 (SIGKILL). Nobody here sent it",
    ),
    "a memory hog": (
        "x = []\nwhile True: x.append(b'x' * 2**24)\n",
        2,
        "MemoryError. The import takes more memory than it may; load what is large in run().",
    ),
    "a flood of output": (
        "import sys\nwhile True: sys.stdout.write('x' * 8192)\n",
        2,
        "printed more than 1,024 KiB and was stopped: each run of its jobs would print that, too.",
    ),
    "a flood of log lines": (
        "import logging\nwhile True: logging.warning('x' * 8192)\n",
        2,
        "printed more than 1,024 KiB and was stopped",
    ),
    "a fork bomb": (
        # A few generations, so that the machine survives where the limit does not hold.
        f"import os, time\nfor _ in range(6): os.fork()\n{NOTE_PID}time.sleep(60)\n",
        None,
        "started more than 8 processes and was stopped. Start processes in run(), and end them",
    ),
    "a fork bomb of daemons": (
        "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        os.setsid()\n"
        f"        if os.fork(): os._exit(0)\n{NOTE_PID}time.sleep(60)\n",
        None,
        "started more than 8 processes and was stopped.",
    ),
}


Bad = Mapping[str, tuple[str, int | None, str]]


def discovered(pod: Pod, bad: Bad, **limits: float) -> dict[str, Any]:
    """Return the problems of a discovery of all of them, amid others that are found, by name."""
    files = {f"bad_{number:02}.py": text for number, (text, _, _) in enumerate(bad.values())}
    said = pod.discover(
        {**files, "a.py": JOB.format("First"), "z.py": JOB.format("Last")}, **limits
    )
    assert [item["class_path"] for item in said.documents("description")] == ["a.First", "z.Last"]
    assert said.outcome.reason == "Succeeded"
    problems = sorted(said.documents("problem"), key=lambda item: item["path"])
    assert [problem["path"] for problem in problems] == list(files)
    return dict(zip(bad, problems, strict=True))


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Pod:
    return Pod(tmp_path_factory.mktemp("deadly"), server)


@pytest.fixture(scope="module")
def deadly(pod: Pod) -> dict[str, Any]:
    return discovered(pod, DEADLY, **LIMITS)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory, server: Server) -> dict[str, Any]:
    pod = Pod(tmp_path_factory.mktemp("endless"), server)
    return discovered(pod, ENDLESS, module_time_limit_seconds=PATIENCE)


@pytest.mark.parametrize("name", DEADLY)
def test_a_module_that_takes_the_process_along_is_a_problem_of_that_module(
    deadly: dict[str, Any], name: str
) -> None:
    _, line, words = DEADLY[name]
    assert words in deadly[name]["message"]
    assert line is None or deadly[name]["line"] == line


@pytest.mark.parametrize("name", ENDLESS)
def test_a_module_that_never_ends_is_a_problem_of_that_module(
    endless: dict[str, Any], name: str
) -> None:
    _, line, words = ENDLESS[name]
    assert words in endless[name]["message"]
    assert endless[name]["line"] == line


@pytest.mark.usefixtures("deadly")
def test_nothing_of_them_lives_on(pod: Pod) -> None:
    notes = list(pod.folder.glob("scratch/code/*.pids"))
    assert len(notes) == 2
    pids = [int(pid) for note in notes for pid in note.read_text().split()]
    assert len(pids) > 2 * LIMITS["process_limit"]
    assert [pid for pid in pids if is_running(pid)] == []


def test_the_log_shows_where_a_module_crashed(pod_here: Pod) -> None:
    code = "import ctypes\ndef read():\n    return ctypes.string_at(0)\nread()\n"
    said = pod_here.discover({"a.py": "import bad\n", "bad.py": code})
    lines = [message for _, grouping, message in said.logs if grouping == "stderr"]
    folder = f"{pod_here.folder}/scratch/code"
    assert lines[0] == "Fatal Python error: Segmentation fault"
    assert [line for line in lines if folder in line] == [
        f'  File "{folder}/bad.py", line 3 in read',
        f'  File "{folder}/bad.py", line 4 in <module>',
        f'  File "{folder}/a.py", line 1 in <module>',
    ]
    assert "importlib" not in str(lines)


def test_a_discovery_that_takes_too_long_says_where_the_time_went(pod_here: Pod) -> None:
    files = {"a.py": JOB.format("J"), "b.py": "1 / 0", "c.py": "while True: pass", "d.py": ""}
    said = pod_here.discover(files, time_limit_seconds=0.8)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert said.error.startswith("The discovery did not end within 0.8 seconds. The slowest modu")
    assert "c.py 0." in said.error
    assert "Not looked at: d.py." in said.error
    assert said.exit_code != 0


def test_a_discovery_that_is_cancelled_ends_at_once(pod_here: Pod) -> None:
    code = "import time\nprint('busy')\ntime.sleep(60)\n"
    runner = pod_here.start("discover", {"a.py": code})
    runner.wait_for(b"busy")
    runner.send_signal(signal.SIGTERM)
    runner.ended()
    told = (pod_here.folder / "termination").read_text()
    assert '"reason":"Cancelled"' in told
    assert "The discovery was cancelled." in told


def test_a_discovery_that_ends_outside_of_any_module_says_how(pod_here: Pod) -> None:
    # What it leaves behind strikes when nothing is imported any more.
    code = (
        "import os, sys\nfrom davit._runner import discover\n"
        "discover.stray_files = lambda *_: os._exit(7)\n"
    )
    said = pod_here.discover({"a.py": code + JOB.format("J")})
    assert (said.outcome.reason, said.exit_code) == ("JobCrashed", 7)
    assert said.error.startswith("The discovery ended: its process exited with code 7.")


def test_what_a_module_leaves_running_holds_up_no_discovery(pod_here: Pod) -> None:
    code = (
        "import atexit, subprocess, threading, time\nsubprocess.Popen(['sleep', '60'])\n"
        "threading.Thread(target=time.sleep, args=[60]).start()\natexit.register(time.sleep, 60)\n"
    )
    said = pod_here.discover({"a.py": code + JOB.format("J")}, time_limit_seconds=10)
    assert said.outcome.reason == "Succeeded"
    assert len(said.documents("description")) == 1


def test_a_class_that_blocks_its_description_is_a_problem(pod_here: Pod) -> None:
    bad = (
        "from davit import *\nimport time\nclass M(type(Job)):\n    @property\n"
        "    def Meta(cls): time.sleep(60)\nclass J(Job, metaclass=M):\n    def run(self): pass\n"
        "register_jobs(J)\n"
    )
    files = {"bad.py": bad, "good.py": JOB.format("Good")}
    said = pod_here.discover(files, module_time_limit_seconds=PATIENCE)
    assert [item["class_path"] for item in said.documents("description")] == ["good.Good"]
    [problem] = said.documents("problem")
    assert (problem["path"], problem["line"]) == ("bad.py", 5)
    assert problem["message"].startswith("Describing bad.J did not end within 0.6 seconds")


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.closerange(0, 100)\n",
        "import sys\nsys.stdout.close()\nsys.stderr = None\n",
        "import sys\nclass Odd:\n    def write(self, text): return len(text)\n"
        "    def flush(self): raise SystemExit(9)\nsys.stdout = sys.stderr = Odd()\n",
        "import logging\nlogging.disable()\nlogging.getLogger().handlers.clear()\n",
        "import signal\nfor number in set(signal.Signals) - {9, 19}:\n"
        "    signal.signal(number, signal.SIG_IGN)\n",
        "import sys\nsys.path.clear()\nsys.meta_path.reverse()\n",
        "import shutil, os\nshutil.rmtree(os.path.dirname(__file__))\n",
        "import os\nos._exit = None\n",
    ],
    ids=[
        "closes every file", "closes the streams", "replaces the streams", "disables logging",
        "ignores signals", "empties the path", "deletes its folder", "removes functions",
    ],
)  # fmt: skip
def test_what_a_module_does_to_its_process_holds_up_no_discovery(pod_here: Pod, code: str) -> None:
    said = pod_here.discover({"a.py": code + JOB.format("J")}, time_limit_seconds=10)
    assert said.outcome.reason == "Succeeded"
    assert [item["class_path"] for item in said.documents("description")] == ["a.J"]


@pytest.fixture
def pod_here(tmp_path: Path, server: Server) -> Pod:
    return Pod(tmp_path, server)
