"""The samples of ``manifests/samples``: the content of a Git repository, and the objects for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.gitserver.in_cluster import ClusterGitServer

SAMPLES = Path(__file__).parent.parent / "manifests" / "samples"


def sample_files(name: str) -> dict[str, str]:
    """Return the files of a sample's Git repository, by path."""
    root = SAMPLES / name / "git"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_text() for path in files if _is_source(path)}


def sample_object(name: str, kind: str) -> dict[str, Any]:
    """Return an object of a sample, as its file says it."""
    found: dict[str, Any] = yaml.safe_load((SAMPLES / name / f"{kind}.yaml").read_text())
    return found


def served_by(repository: dict[str, Any], server: ClusterGitServer, secret: str) -> dict[str, Any]:
    """Return a sample's JobRepository with the test's server in place of git.example.com."""
    source = repository["spec"]["source"]
    name = source["git"]["url"].rpartition("/")[2].removesuffix(".git")
    git = {**source["git"], "url": server.url(name), "secretRef": {"name": secret}}
    return {**repository, "spec": {**repository["spec"], "source": {"git": git}}}


def _is_source(path: Path) -> bool:
    return "__pycache__" not in path.parts
