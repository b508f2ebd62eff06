"""Makes bare repositories for the Git server, empty or with a first commit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Same files, same hash, at whatever time.
_SEED_HEADER = """commit refs/heads/main
committer davit <davit@example.com> 0 +0000
data 7
Sample

"""


def create_repository(root: Path, name: str) -> Path:
    """Return the bare repository ``<root>/<name>.git``, made unless it is there."""
    path = root / f"{name}.git"
    if not (path / "HEAD").exists():
        arguments = ("init", "--quiet", "--bare", "--initial-branch=main", "--", str(path))
        _git(root, *arguments)
    return path


def seed(root: Path, name: str, source: Path) -> None:
    """Make ``<root>/<name>.git`` with the files of ``source`` in one commit, unless it is there."""
    if (root / f"{name}.git" / "HEAD").exists():
        return
    # Whole or not at all: a server killed meanwhile begins anew.
    draft = f"{name}.draft"
    shutil.rmtree(root / f"{draft}.git", ignore_errors=True)
    path = create_repository(root, draft)
    _git(path, "fast-import", "--quiet", stdin=_import_stream(read_seed(source)))
    path.rename(root / f"{name}.git")


def read_seed(source: Path) -> dict[str, bytes]:
    """Return the files in a JSON map from path to text."""
    texts = json.loads(source.read_text(encoding="utf-8"))
    return {path: text.encode() for path, text in texts.items()}


def _import_stream(files: Mapping[str, bytes]) -> bytes:
    stream = [_SEED_HEADER.encode()]
    for path, data in sorted(files.items()):
        stream.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    return b"".join(stream)


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=stdin,
        check=True,
        env={
            "PATH": os.defpath + ":/usr/local/bin",
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    )
