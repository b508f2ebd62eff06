"""Runs other programs, and turns their failures into sentences."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cluster.progress import ClusterError

POLL_SECONDS = 0.1
SHOWN_LINES = 15


def run(argv: Sequence[str | Path], *, cwd: Path | None = None, stdin: str | None = None) -> str:
    """Return what a command printed; raise with its complaint when it failed."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, cwd=cwd, input=stdin, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        complaint = last_lines(done.stderr or done.stdout)
        raise ClusterError(f"`{' '.join(words[:6])}` ended with {done.returncode}:\n{complaint}")
    return done.stdout


def run_logged(argv: Sequence[str | Path], log: Path, *, env: dict[str, str] | None = None) -> None:
    """Run a long command with its output in a file, whose end is shown when it failed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in argv]
    with log.open("w") as output:
        done = subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, env=env, check=False)
    if done.returncode != 0:
        raise ClusterError(
            f"`{' '.join(words[:4])}` ended with {done.returncode}. The end of {log}:\n"
            f"{last_lines(log.read_text(errors='replace'))}"
        )


def last_lines(text: str) -> str:
    """Return the last lines of a text, indented, as an error message shows them."""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-SHOWN_LINES:])


def wait_until(met: Callable[[], bool], seconds: float, unmet: str) -> None:
    """Return as soon as a condition is met; raise with ``unmet`` when it never was."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            raise ClusterError(f"{unmet} (waited {seconds:.0f} s)")
        time.sleep(POLL_SECONDS)
