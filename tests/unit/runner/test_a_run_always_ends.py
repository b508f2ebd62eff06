from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from tests.unit.runner.pods import Pod, job_file

HANDLERS = (
    "    def on_failure(self, exc, *rest):\n        print('on_failure', type(exc).__name__)\n"
    "    def after_return(self, status, *rest):\n        print('after_return', status)\n"
)


@pytest.mark.parametrize(
    ("death", "exit_code", "words"),
    [
        ("import ctypes\nctypes.string_at(0)", 139, "signal 11 (SIGSEGV)"),
        ("os._exit(3)", 3, "exited with code 3"),
        ("os._exit(0)", 0, "exited with code 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137, "signal 9 (SIGKILL)"),
        ("os.abort()", 134, "signal 6 (SIGABRT)"),
    ],
    ids=["a segmentation fault", "os._exit(3)", "os._exit(0)", "kill -9", "an abort"],
)
def test_a_process_that_dies_is_a_crash_with_its_cause_and_log(
    pod: Pod, death: str, exit_code: int, words: str
) -> None:
    said = pod.run(f"print('before', end='', flush=True)\nself.logger.info('logged')\n{death}")
    assert said.outcome.reason == "JobCrashed"
    assert words in said.error
    assert said.outcome.exit_code == exit_code
    assert said.exit_code != 0
    assert {("info", "stdout", "before"), ("info", "run", "logged")} <= set(said.logs)


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "signal.pause()",
        "while True:\n    try: time.sleep(9)\n    except BaseException: pass",
    ],
    ids=["a busy loop", "a job that waits", "a job that swallows everything"],
)
def test_the_hard_limit_ends_everything_that_the_job_started(pod: Pod, loop: str) -> None:
    start = "p = subprocess.Popen(['sleep', '60'], start_new_session=True)\nprint(p.pid)\n"
    said = pod.run(start + loop, time_limit_seconds=0.3, members=HANDLERS)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert "hard time limit of 0.3 seconds" in said.error
    assert said.outcome.exit_code == 137
    [(_, _, pid)] = said.logs
    assert not is_running(int(pid))


def test_a_flood_of_output_does_not_hold_up_the_hard_limit(pod: Pod) -> None:
    said = pod.run("subprocess.run(['yes'])", time_limit_seconds=0.3)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert said.outcome.dropped_records > 0


def test_the_soft_limit_is_an_exception_in_run(pod: Pod) -> None:
    said = pod.run(
        "signal.pause()", soft_time_limit_seconds=0.3, time_limit_seconds=20, members=HANDLERS
    )
    assert said.outcome.reason == "SoftTimeLimitExceeded"
    assert [message for _, _, message in said.logs] == [
        "on_failure SoftTimeLimitExceeded",
        "after_return FAILURE",
    ]


def test_a_job_that_catches_the_soft_limit_may_succeed(pod: Pod) -> None:
    said = pod.run(
        "from davit.exceptions import SoftTimeLimitExceeded\n"
        "try: signal.pause()\n"
        "except SoftTimeLimitExceeded: return 'tidied up'",
        soft_time_limit_seconds=0.3,
    )
    assert said.outcome.reason == "Succeeded"
    assert said.documents("result") == ["tidied up"]


def test_a_hard_limit_below_the_soft_one_is_warned_of(pod: Pod) -> None:
    said = pod.run("pass", soft_time_limit_seconds=9, time_limit_seconds=9)
    assert "This job will fail silently after 9 seconds." in said.records[0]["message"]


@pytest.mark.parametrize("by", ["SIGTERM", "the cancel file"])
def test_a_cancel_is_raised_in_the_job_and_its_handlers_run(
    pod: Pod, tmp_path: Path, by: str
) -> None:
    body = "try:\n    print('ready')\n    signal.pause()\nexcept Exception: pass"
    runner = pod.start("run", {"j.py": job_file(body, members=HANDLERS)}, class_path="j.J")
    runner.wait_for(b"ready")
    if by == "SIGTERM":
        runner.send_signal(signal.SIGTERM)
    else:
        (tmp_path / "cancel").write_text("true")
    rest, _ = runner.ended()
    assert b"on_failure JobCancelled" in rest
    assert b"after_return FAILURE" in rest
    assert b'"reason":"Cancelled"' in (tmp_path / "termination").read_bytes()


def test_a_job_that_ignores_a_cancel_is_killed_after_the_grace(pod: Pod, tmp_path: Path) -> None:
    body = (
        "while True:\n    try:\n        print('ready')\n        signal.pause()\n"
        "    except BaseException: pass"
    )
    runner = pod.start("run", {"j.py": job_file(body)}, class_path="j.J", cancel_grace_seconds=0.3)
    runner.wait_for(b"ready")
    runner.send_signal(signal.SIGTERM)
    runner.ended()
    text = (tmp_path / "termination").read_text()
    assert '"reason":"Cancelled"' in text
    assert "within 0.3 seconds" in text


def test_a_background_process_that_holds_the_output_does_not_hold_the_run(pod: Pod) -> None:
    started = time.monotonic()
    said = pod.run("subprocess.Popen(['sleep', '60'])\nprint('gone')")
    assert said.outcome.reason == "Succeeded"
    assert time.monotonic() - started < 10


def test_sys_exit_in_run_fails_the_job_and_says_what_to_do(pod: Pod) -> None:
    said = pod.run("sys.exit(4)", members=HANDLERS)
    assert said.outcome.reason == "JobFailed"
    assert said.outcome.exit_code == 4
    assert "Return from run()" in said.error
    assert said.logs == []


def is_running(pid: int) -> bool:
    """Return whether the process lives; a zombie that waits for its reaper does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
