"""Tells the person at the terminal what is being done, and how long it usually takes."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class ClusterError(Exception):
    """Something the user can read and act upon: it is shown without a traceback."""


def say(line: str) -> None:
    """Print one line at once, on standard error: standard output is for results."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def step(what: str, usually: str) -> Iterator[None]:
    """Announce a step, then say on the same line how long it took."""
    sys.stderr.write(f"  {what} (usually {usually}) ... ")
    sys.stderr.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:.1f} s")
