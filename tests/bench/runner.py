"""What a job waits for before its first line, and how fast the supervisor hears it out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.bench.pod import bench_pod

REPETITIONS = 21
LINES = 100_000
# Says by the system's clock when run() began; a descriptor of its own would cost time to pass.
FIRST_LINE = """\
import time
from davit import Job, StringVar, register_jobs
class J(Job):
    who = StringVar(default="world")
    def run(self, *, who):
        began = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        with open("{path}", "w") as file:
            file.write(str(began))
register_jobs(J)
"""
MANY_LINES = f"""\
import time
from davit import Job, StringVar, register_jobs
class J(Job):
    password = StringVar(sensitive=True)
    def run(self, password):
        began = time.monotonic()
        for number in range({LINES}):
            self.logger.info("line %d of the log", number)
        return time.monotonic() - began
register_jobs(J)
"""


def start_up(python: str, say: Callable[[str], None]) -> None:
    """Say what stands between the start of a container's process and the first line of run()."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mark = folder / "began"
        pod = bench_pod(python, folder, FIRST_LINE.format(path=mark))
        bare, first = [], []
        # In turns, so that both meet the same machine.
        for _ in range(REPETITIONS):
            bare.append(_milliseconds([python, "-c", "pass"]))
            shutil.rmtree(folder / "scratch")
            (folder / "scratch").mkdir()
            started = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            pod.start(subprocess.DEVNULL).wait()
            first.append((int(mark.read_text()) - started) / 1e6)
    more = median(first) - median(bare)
    say(f"python -c pass                       {median(bare):7.1f} ms")
    say(f"runner, start to run()'s first line  {median(first):7.1f} ms   +{more:.1f} (target 100)")


def imports(python: str, say: Callable[[str], None]) -> None:
    """Say what ``import davit`` costs, and what it brings along."""
    bare, davit = [], []
    for _ in range(REPETITIONS):
        bare.append(_milliseconds([python, "-c", "pass"]))
        davit.append(_milliseconds([python, "-c", "import davit"]))
    more = median(davit) - median(bare)
    say(f"import davit                         {median(davit):7.1f} ms   +{more:.1f} (target 60)")
    listed = "import sys; before = {*sys.modules}; import davit; print(*{*sys.modules} - before)"
    command = [python, "-P", "-c", listed]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    ours = sorted(name for name in found if name.partition(".")[0].startswith("davit"))
    theirs = {name.partition(".")[0] for name in found} - {"davit", "davit_contract"}
    say(f"  its own modules: {' '.join(ours)}")
    say(f"  Python's: {' '.join(sorted(name for name in theirs if not name.startswith('_')))}")


def log_lines(python: str, say: Callable[[str], None]) -> None:
    """Say how fast a job logs that has a secret, and how much memory its supervisor takes."""
    rates, peaks = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as name:
            rate, peak = _logged(python, Path(name))
        rates.append(rate)
        peaks.append(peak)
    say(
        f"{LINES:,} log lines                    {median(rates):7,.0f} lines/s, "
        "start and end of the runner included (target 50,000)"
    )
    say(f"the supervisor's peak                {max(peaks) / 1024:7.1f} MiB  (target 50)")


def _logged(python: str, folder: Path) -> tuple[float, int]:
    """Return lines a second, and the peak of the supervisor's memory in KiB."""
    pod = bench_pod(python, folder, MANY_LINES, {"password": "not to be seen"})
    began = time.monotonic()
    process = pod.start(subprocess.PIPE)
    peak = 0
    assert process.stdout is not None
    with process.stdout as output:
        while output.read(1024 * 1024):
            peak = max(peak, _peak_kib(process.pid))
    process.wait()
    return LINES / (time.monotonic() - began), peak


def _peak_kib(pid: int) -> int:
    """Return the most memory that the process ever had in use."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        # It ended meanwhile.
        return 0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) if found else 0


def _milliseconds(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, env={"PATH": os.defpath})
    return (time.monotonic() - began) * 1000
