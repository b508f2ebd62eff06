"""What a discovery's child finds in files, each time in a new process, without a supervisor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Imports once and forks for each discovery, as the pods' server does.
SERVER = """
import json, os, sys
from davit._runner.discover import documents
from davit._runner.apps import app_root
from davit._runner.root import CodeRoot
from davit._runner.problems import new_problem
for line in sys.stdin:
    root, path, left_out = json.loads(line)
    pid = os.fork()
    if pid == 0:
        frames, documents_found = [], None
        try:
            sys.path.extend(path)
            left_out = {key: new_problem(**value) for key, value in left_out.items()}
            root = CodeRoot(**root) if root["path"] else app_root(root["modules"])
            told = documents(root, lambda *frame: frames.append(frame), left_out)
            print(json.dumps([told, frames]), flush=True)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    print("end", flush=True)
"""
JOB = "from davit import *\nclass {0}(Job):\n    def run(self): pass\nregister_jobs({0})\n"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the child said."""

    descriptions: list[dict[str, Any]]
    problems: list[tuple[str, int, str]]
    # What it was busy with, in that order.
    busy: list[str]

    @property
    def class_paths(self) -> list[str]:
        """The class paths of what can be run."""
        return [item["class_path"] for item in self.descriptions]


class Discoverer:
    """Discovers files in ``folder``."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._process = process

    def at(self, folder: Path) -> Discoverer:
        """Return the same for another folder."""
        return Discoverer(folder, self._process)

    def discover(
        self,
        files: Mapping[str, str | bytes],
        *,
        layout: str = "JobsRoot",
        slug: str = "netops",
        left_out: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Found:
        """Return what is found in ``files``."""
        root = write(self.folder / "code", files)
        return self._asked({"path": str(root), "layout": layout, "slug": slug}, [], left_out or {})

    def discover_app(self, files: Mapping[str, str | bytes], modules: list[str]) -> Found:
        """Return what is found in ``modules`` where ``files`` are installed."""
        root = write(self.folder / "site-packages", files)
        return self._asked({"path": "", "modules": modules}, [str(root)], {})

    def _asked(self, root: Any, path: list[str], left_out: Any) -> Found:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([root, path, left_out]) + "\n")
        self._process.stdin.flush()
        # Other lines are what the modules print.
        lines = list(iter(lambda: self._process.stdout.readline().strip(), "end"))  # type: ignore[union-attr]
        told, frames = json.loads(lines[-1])
        documents = [(kind, json.loads(text)) for kind, text in told]
        return Found(
            descriptions=[item for kind, item in documents if kind == "description"],
            problems=[
                (item["path"], item["line"], item["message"])
                for kind, item in documents
                if kind == "problem"
            ],
            busy=[frame[1] for frame in frames if frame[0] == "busy"],
        )


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write ``files`` below ``folder`` and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def started() -> subprocess.Popen[str]:
    """Return the server's process."""
    command = [sys.executable, "-P", "-c", SERVER]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
