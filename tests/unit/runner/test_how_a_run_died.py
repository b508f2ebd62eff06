from __future__ import annotations

from pathlib import Path

import pytest

from davit._runner.memory import oom_kills
from davit._runner.verdict import Ending, Verdict, verdict_of
from davit_contract import OutcomeReason

SAID = Verdict(reason=OutcomeReason.SUCCEEDED)
MEMORY = "Nobody here sent it: the usual cause is the memory limit. Use less memory, or raise spec."
CRASH = "Code outside of Python crashed: a library in C, or ctypes. The log's last lines on stderr"
SENT = "The code, or a program that it started, sent the signal: look for os.kill()."
LEFT = "Does the code, or a library, call os._exit()? Return, or raise an exception."
KILLED = "The job's process was killed"
ENDINGS: list[tuple[str, Ending, str]] = [
    (
        "os._exit",
        Ending(exit_code=3, verdict=None),
        f"The job's process exited with code 3 before the job had ended. {LEFT}",
    ),
    (
        "os._exit with a code that is no signal's",
        Ending(exit_code=255, verdict=None),
        f"The job's process exited with code 255 before the job had ended. {LEFT}",
    ),
    (
        "os._exit in an exit handler",
        Ending(exit_code=1, verdict=SAID),
        f"The job's process exited with code 1 after the job had ended. {LEFT}",
    ),
    (
        "os._exit while a module is imported",
        Ending(exit_code=0, verdict=None, busy_with="jobs/a.py"),
        f"The job's process exited with code 0 while jobs/a.py was being imported. {LEFT}",
    ),
    (
        "no memory",
        Ending(exit_code=137, verdict=None),
        f"{KILLED} by signal 9 (SIGKILL) before the job had ended. {MEMORY}",
    ),
    (
        "no memory, as the kernel counts",
        Ending(exit_code=137, verdict=None, out_of_memory=True),
        "The job used more memory than its container may, and the kernel killed it. Use less",
    ),
    (
        "no memory for an import",
        Ending(exit_code=137, verdict=None, out_of_memory=True, busy_with="jobs/a.py"),
        "The job used more memory than its container may while jobs/a.py was being imported, and",
    ),
    (
        "a helper of the job had no memory, and the job ended otherwise",
        Ending(exit_code=3, verdict=None, out_of_memory=True),
        f"The job's process exited with code 3 before the job had ended. {LEFT}",
    ),
    *(
        (
            name,
            Ending(exit_code=128 + number, verdict=None),
            f"{KILLED} by signal {number} ({name}) before the job had ended. {CRASH}",
        )
        for number, name in (
            (4, "SIGILL"), (5, "SIGTRAP"), (6, "SIGABRT"), (7, "SIGBUS"), (8, "SIGFPE"),
            (11, "SIGSEGV"),
        )
    ),
    (
        "a forbidden system call",
        Ending(exit_code=128 + 31, verdict=None),
        f"{KILLED} by signal 31 (SIGSYS) before the job had ended. The pod's seccomp profile",
    ),
    *(
        (
            name,
            Ending(exit_code=128 + number, verdict=None),
            f"{KILLED} by signal {number} ({name}) before the job had ended. {SENT}",
        )
        for number, name in ((1, "SIGHUP"), (2, "SIGINT"), (15, "SIGTERM"), (24, "SIGXCPU"))
    ),
    (
        "the hard limit",
        Ending(exit_code=137, verdict=None, timed_out=True, time_limit_seconds=1_209_600),
        "The hard time limit of 1209600 seconds was exceeded. The job's process was killed. "
        "Make the job shorter, or raise its time limit (Meta.time_limit, timeLimitSeconds).",
    ),
    (
        "the hard limit in an import",
        Ending(exit_code=137, verdict=None, timed_out=True, time_limit_seconds=2, busy_with="a.py"),
        "The hard time limit of 2 seconds was exceeded while a.py was being imported. The job's "
        "process was killed. Move what takes long, or never ends, from the module into run().",
    ),
    (
        "the hard limit after run()",
        Ending(exit_code=137, verdict=SAID, timed_out=True, time_limit_seconds=0.5),
        "The hard time limit of 0.5 seconds was exceeded after the job had ended: a thread or an "
        "exit handler of it kept running. The job's process was killed. End, or join, what the",
    ),
    (
        "a cancel that was ignored",
        Ending(exit_code=137, verdict=None, cancelled=True, cancel_enforced=True,
               cancel_grace_seconds=30),
        "The job did not end within 30 seconds after it was cancelled and was killed. Let "
        "JobCancelled end it, or raise cancelGraceSeconds.",
    ),
    (
        "a cancel before anything could take it",
        Ending(exit_code=143, verdict=None, cancelled=True),
        "The job was cancelled.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "words"), [case[1:] for case in ENDINGS], ids=[case[0] for case in ENDINGS]
)
def test_the_outcome_names_the_cause_and_what_to_do(ending: Ending, words: str) -> None:
    error = verdict_of(ending).error
    assert error is not None
    assert error.message.startswith(words)


@pytest.mark.parametrize(
    ("content", "count"),
    [
        pytest.param("low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0\n", 2, id="v2"),
        pytest.param("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", 1, id="v1"),
        pytest.param("oom_kill_disable 0\nunder_oom 0\n", 0, id="a kernel that does not count"),
    ],
)
def test_the_kernels_count_of_processes_without_memory_is_read(
    content: str, count: int, tmp_path: Path
) -> None:
    counter = tmp_path / "counter"
    counter.write_text(content)
    assert oom_kills((str(tmp_path / "missing"), str(counter))) == count


def test_where_nobody_counts_no_process_was_without_memory(tmp_path: Path) -> None:
    assert oom_kills((str(tmp_path / "missing"),)) == 0
