"""``kubectl davit`` as kubectl calls it, with a real kubelet behind the logs."""

from __future__ import annotations

import json
import signal
import subprocess

from tests.e2e.place import Place

JOBS = """\
import time

from davit import Job, StringVar, register_jobs


class Counts(Job):
    def run(self):
        for number in range(10_000):
            self.logger.info("line %05d", number)
            if number % 200 == 0:
                time.sleep(0.05)
        self.create_file("numbers.txt", "1\\n2\\n3\\n")
        return {"counted": 10_000}


class Raises(Job):
    who = StringVar()

    def run(self, *, who):
        raise ValueError(f"no {who}")


class Waits(Job):
    def run(self):
        self.logger.warning("waiting")
        while True:
            time.sleep(0.05)


register_jobs(Counts, Raises, Waits)
"""


def davit(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    kubectl = place.kubectl
    return subprocess.run(
        kubectl.calling("davit", *words),
        capture_output=True,
        text=True,
        check=False,
        env=kubectl.environment_with_plugins(),
    )


def numbered(text: str) -> list[int]:
    return [int(line[-5:]) for line in text.splitlines() if "run: line " in line]


def test_ten_thousand_lines_are_followed_and_read_again(place: Place) -> None:
    place.serve({"jobs.py": JOBS})
    place.enable("jobs.counts")
    ended = davit(place, "run", "jobs.counts", "--name", "counts", "--follow")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert numbered(ended.stdout) == list(range(10_000))
    assert 'Result: {"counted": 10000}' in ended.stdout.splitlines()
    # Neither what the pod said nor its objects lack anything.
    assert numbered(davit(place, "logs", "counts").stdout) == list(range(10_000))
    place.kubectl("delete", "pod", "-l", "davit.dev/component=run", "--wait=true")
    assert numbered(davit(place, "logs", "counts").stdout) == list(range(10_000))
    assert davit(place, "files", "counts", "numbers.txt", "-o", "-").stdout == "1\n2\n3\n"
    assert json.loads(davit(place, "result", "counts").stdout) == {"counted": 10_000}


def test_a_run_that_fails_or_is_cancelled_ends_the_command_so(place: Place) -> None:
    place.serve({"jobs.py": JOBS})
    place.enable("jobs.raises")
    place.enable("jobs.waits")
    failed = davit(place, "run", "jobs.raises", "-i", "who=Ada", "--wait")
    assert failed.returncode == 1
    assert "ValueError: no Ada" in failed.stderr

    kubectl = place.kubectl
    waiting = subprocess.Popen(
        kubectl.calling("davit", "run", "jobs.waits", "--name", "waits", "--follow"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=kubectl.environment_with_plugins(),
    )
    assert waiting.stdout
    assert any("waiting" in line for line in waiting.stdout)
    # kubectl becomes its plugin, so that a key reaches it.
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    assert "waits goes on. To cancel it: kubectl davit cancel waits" in said

    assert davit(place, "cancel", "waits").returncode == 0
    followed = davit(place, "logs", "-f", "waits")
    assert followed.returncode == 0
    assert "waiting" in followed.stdout
    assert place.status("jobrun", "waits")["phase"] == "Cancelled"
