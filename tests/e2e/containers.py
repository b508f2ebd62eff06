"""The processes of a pod's container, from outside: what only the node itself can do to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_CGROUPS = Path("/sys/fs/cgroup")


def processes(pod: Any) -> list[int]:
    """Return the processes of the runner's container; the supervisor is the first."""
    statuses = pod["status"]["containerStatuses"]
    [runner] = [each for each in statuses if each["name"] == "runner"]
    _, _, container = runner["containerID"].partition("://")
    # Of version 1's trees that of memory will do.
    tree = _CGROUPS / "memory" if (_CGROUPS / "memory").is_dir() else _CGROUPS
    [listed] = tree.glob(f"**/{container}/cgroup.procs")
    return sorted(map(int, listed.read_text().split()), key=_inner_pid)


def _inner_pid(pid: int) -> int:
    """Return what the process is called inside of its container."""
    return int(_status(pid)["NSpid"].split()[-1])


def _status(pid: int) -> dict[str, str]:
    return dict(_pairs(Path(f"/proc/{pid}/status").read_text()))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        yield name, value.strip()


def kill(*pids: int) -> None:
    """Kill the processes, as the kernel does."""
    for pid in pids:
        # The end of the first process is that of all others in its container.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Return whether the process has ended, whether or not its parent knows of it."""
    try:
        return _status(pid)["State"].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True
