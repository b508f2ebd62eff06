"""What the kernel counts of processes that it killed for want of memory."""

from __future__ import annotations

# Of the container's own cgroup, as runtimes mount it: version 2, then 1.
_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def oom_kills(counters: tuple[str, ...] = _COUNTERS) -> int:
    """Return how many processes of this container were killed so; 0 where nobody counts."""
    for path in counters:
        try:
            with open(path, encoding="ascii") as file:  # noqa: PTH123 (pathlib costs the run path 7 ms)
                lines = file.read().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, count = line.partition(" ")
            if name == "oom_kill" and count.isdigit():
                return int(count)
    return 0
