"""Fetches on the host what image builds install, so that they need no network of their own."""

import os
import re
import sys
from pathlib import Path

from tests.cluster.commands import run, run_logged
from tests.cluster.progress import ClusterError
from tests.cluster.state import cache

WHEELS_INSIDE = "/wheels"
UV_CACHE_INSIDE = "/root/.cache/uv"
ARGUMENTS = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS_INSIDE, "UV_OFFLINE": "1"}
LOG = "wheels.log"


def fetch_wheels(project: Path, dockerfile: Path, package: str) -> dict[Path, str]:
    """Return folders to mount in a build, filled with what it installs, pinned by uv.lock."""
    folder = cache() / "wheels" / uv_requirement(dockerfile)
    uv = folder / "tool" / "bin" / "uv"
    if not uv.exists():
        fetch_uv(folder, uv_requirement(dockerfile))
    command: list[str | Path] = [
        uv,
        "sync",
        "--project",
        project,
        "--python",
        sys.executable,
        "--frozen",
    ]
    run_logged(
        [*command, "--no-dev", "--no-editable", "--all-extras", "--package", package],
        cache() / "logs" / LOG,
        # Installing once on the host fills uv's cache; the environment itself is of no use.
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder / package)},
    )
    return {
        folder / "wheels": WHEELS_INSIDE,
        Path(run([uv, "cache", "dir"]).strip()): UV_CACHE_INSIDE,
    }


def fetch_uv(folder: Path, requirement: str) -> None:
    """Install the very uv that the Dockerfile names, and keep its wheel."""
    python = folder / "tool" / "bin" / "python"
    run_logged([sys.executable, "-m", "venv", "--clear", folder / "tool"], cache() / "logs" / LOG)
    pip: list[str | Path] = [python, "-m", "pip"]
    wheels = folder / "wheels"
    run_logged([*pip, "download", "--no-deps", "-d", wheels, requirement], cache() / "logs" / LOG)
    run_logged(
        [*pip, "install", "--no-index", "--find-links", wheels, requirement],
        cache() / "logs" / LOG,
    )


def uv_requirement(dockerfile: Path) -> str:
    """Return the pinned uv that a Dockerfile installs."""
    found = re.search(r"\buv==[\w.]+", dockerfile.read_text())
    if found is None:
        raise ClusterError(f"{dockerfile} installs no pinned uv (uv==VERSION); pin it there.")
    return found.group()
