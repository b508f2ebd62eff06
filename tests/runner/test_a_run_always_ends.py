from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime
from pathlib import Path

import pytest
from tests.runner.pods import Pod, Said, Server, is_running, job_file

from davit_contract import Outcome, decode

HANDLERS = (
    "    def on_failure(self, exc, *rest):\n        print('on_failure', type(exc).__name__)\n"
    "    def after_return(self, status, *rest):\n        print('after_return', status)\n"
)


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
    said = pod.run(start + loop, time_limit_seconds=1, members=HANDLERS)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert "hard time limit of 1 second" in said.error
    assert said.outcome.exit_code == 137
    assert 1 <= lasted(said.outcome) < 30
    [(_, _, pid)] = said.logs
    assert not is_running(int(pid))


def test_a_flood_of_output_does_not_hold_up_the_hard_limit(pod: Pod) -> None:
    said = pod.run("subprocess.run(['yes'])", time_limit_seconds=0.3)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert said.outcome.dropped_records > 0


SOCKETS = "import socket\nnear, far = socket.socketpair()\n"
WAITS = {
    "a loop": "while True: pass",
    "a sleep": "time.sleep(60)",
    "receiving": f"{SOCKETS}near.recv(1)",
    "sending": f"{SOCKETS}near.sendall(b'x' * 10**8)",
    "selecting": f"{SOCKETS}import select\nselect.select([near], [], [])",
    "another program": "subprocess.run(['sleep', '60'])",
    "a lock": "lock = threading.Lock()\nlock.acquire()\nlock.acquire()",
    "an event": "threading.Event().wait()",
    "a queue": "import queue\nqueue.Queue().get()",
    "asyncio": "import asyncio\nasyncio.run(asyncio.sleep(60))",
    "a finalizer, which drops exceptions": (
        "class Box:\n    def __del__(self): time.sleep(60)\nBox()\ntime.sleep(60)"
    ),
}


@pytest.fixture(scope="module")
def waited(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """How jobs ended that wait in all these ways, side by side."""
    pods = {name: Pod(tmp_path_factory.mktemp("pod"), server) for name in WAITS}
    runners = {
        name: pod.start(
            "run",
            {"j.py": job_file(WAITS[name], members=HANDLERS)},
            class_path="j.J",
            soft_time_limit_seconds=2,
        )
        for name, pod in pods.items()
    }
    return {name: pod.said(runners[name]) for name, pod in pods.items()}


@pytest.mark.parametrize("name", WAITS)
def test_the_soft_limit_is_an_exception_in_run_wherever_it_waits(
    waited: dict[str, Said], name: str
) -> None:
    said = waited[name]
    assert said.outcome.reason == "SoftTimeLimitExceeded"
    assert [message for _, _, message in said.logs] == [
        "on_failure SoftTimeLimitExceeded",
        "after_return FAILURE",
    ]
    assert 2 <= lasted(said.outcome) < 30


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


def test_a_cancel_before_the_job_begins_starts_nothing(pod: Pod, tmp_path: Path) -> None:
    (tmp_path / "cancel").write_text("true")
    said = pod.run("print('begun')")
    assert (said.outcome.reason, said.error) == ("Cancelled", "Cancelled before the job began.")
    assert said.records == []


def test_a_cancel_while_the_job_is_imported_ends_it(pod: Pod, tmp_path: Path) -> None:
    text = job_file("pass", before="print('ready')\ntime.sleep(60)")
    runner = pod.start("run", {"j.py": text}, class_path="j.J")
    runner.wait_for(b"ready")
    runner.send_signal(signal.SIGTERM)
    runner.ended()
    assert decode(Outcome, (tmp_path / "termination").read_text()).reason == "Cancelled"


def test_supervisor_and_child_killed_together_lose_what_stood_in_the_pipe(
    pod: Pod, tmp_path: Path
) -> None:
    body = (
        "self.logger.info('pid %s', os.getpid())\n"
        f"with open({str(tmp_path / 'confirmed')!r}, 'w', buffering=1) as file:\n"
        "    for number in range(100_000):\n"
        "        self.logger.info('line %s', number)\n"
        "        print(number, file=file)\n"
    )
    runner = pod.start("run", {"j.py": job_file(body)}, class_path="j.J")
    read: list[str] = []
    while len(read) < 5000:
        read.append(json.loads(runner.output.readline())["message"])
    pid = next(int(text.split()[1]) for text in read if text.startswith("pid "))
    for victim in (runner.pid, pid):
        os.kill(victim, signal.SIGKILL)
    rest, _ = runner.ended()
    read += [json.loads(line)["message"] for line in rest.splitlines() if line.endswith(b"}")]
    numbers = [int(text.split()[1]) for text in read if text.startswith("line ")]
    confirmed = int((tmp_path / "confirmed").read_text().splitlines()[-1])
    assert numbers == list(range(len(numbers)))
    # A pipe, and what was read of it at once, in frames of more than 100 bytes.
    assert confirmed - numbers[-1] <= 2 * 65536 / 100


def test_a_background_process_that_holds_the_output_does_not_hold_the_run(pod: Pod) -> None:
    started = time.monotonic()
    said = pod.run("subprocess.Popen(['sleep', '60'])\nprint('gone')")
    assert said.outcome.reason == "Succeeded"
    assert time.monotonic() - started < 50


def test_sys_exit_in_run_fails_the_job_and_says_what_to_do(pod: Pod) -> None:
    said = pod.run("sys.exit(4)", members=HANDLERS)
    assert said.outcome.reason == "JobFailed"
    assert said.outcome.exit_code == 4
    assert "Return from run()" in said.error
    assert said.logs == []


def lasted(outcome: Outcome) -> float:
    """Return the seconds between the beginning and the end of the job's process."""
    begun, ended = map(datetime.fromisoformat, (outcome.started_at, outcome.finished_at))
    return (ended - begun).total_seconds()
