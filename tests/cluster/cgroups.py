"""Makes and removes the cluster's part of the cgroup tree, version 1 or 2."""

from pathlib import Path

from tests.cluster.state import CGROUP

TREE = Path("/sys/fs/cgroup")


def create() -> None:
    """Create the group below which the kubelet makes those of pods."""
    if (TREE / "cgroup.controllers").exists():
        offered = (TREE / "cgroup.controllers").read_text().split()
        enable = " ".join(f"+{name}" for name in offered)
        (TREE / "cgroup.subtree_control").write_text(enable)
        (TREE / CGROUP).mkdir(exist_ok=True)
        (TREE / CGROUP / "cgroup.subtree_control").write_text(enable)
        return
    for hierarchy in hierarchies():
        (hierarchy / CGROUP).mkdir(exist_ok=True)
        inherit_cpuset(hierarchy)


def inherit_cpuset(hierarchy: Path) -> None:
    """Give the new group its parent's processors: version 1 starts with none."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (hierarchy / name).exists():
            (hierarchy / CGROUP / name).write_text((hierarchy / name).read_text())


def hierarchies() -> list[Path]:
    """Return the roots of version 1's trees, one per controller; `cpu` may be a link to another."""
    roots = (path for path in TREE.iterdir() if (path / "cgroup.procs").exists())
    return sorted({path.resolve() for path in roots})


def groups() -> list[Path]:
    """Return our groups, the deepest first."""
    tops = [TREE / CGROUP, *(hierarchy / CGROUP for hierarchy in hierarchies())]
    found = {path.parent for top in tops if top.exists() for path in top.rglob("cgroup.procs")}
    return sorted(found, key=lambda path: len(path.parts), reverse=True)


def members() -> set[int]:
    """Return the processes that run in our groups: those of containers."""
    found: set[int] = set()
    for group in groups():
        found.update(int(pid) for pid in (group / "cgroup.procs").read_text().split())
    return found


def remove() -> None:
    """Remove our groups, which must be empty of processes."""
    for group in groups():
        group.rmdir()
