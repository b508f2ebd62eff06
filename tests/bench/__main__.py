"""Print what davit costs, and on what machine: ``python -m tests.bench``. It asserts nothing."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import logs, pushes, repositories, runner
from tests.bench.pod import installed


def main() -> None:
    """Measure and print."""
    load = os.getloadavg()[0]
    _say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ")
    _say(f"load {load:.1f} at the start; medians of {runner.REPETITIONS} interleaved repetitions\n")
    with tempfile.TemporaryDirectory() as folder:
        python = installed(Path(folder))
        for part in (runner.start_up, runner.imports, runner.log_lines):
            part(python, _say)
    for measure in (repositories.measure, pushes.measure, logs.measure):
        measure(_say)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
