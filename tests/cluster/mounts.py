"""Finds and ends what is mounted below a folder."""

from pathlib import Path

from tests.cluster.commands import run, wait_until


def mounts(*folders: Path) -> list[str]:
    """Return what is mounted below the folders, in the order it was mounted."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    return [point for point in points if point.startswith(tuple(f"{each}/" for each in folders))]


def unmount(*folders: Path) -> None:
    """Unmount all of it."""
    for mount in reversed(mounts(*folders)):
        run(["umount", "--lazy", mount])
    wait_until(lambda: not mounts(*folders), 10, f"Still mounted: {mounts(*folders)}")
