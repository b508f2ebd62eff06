"""A pod's places with one job in them, for the runner as an image starts it."""

from __future__ import annotations

import compileall
import hashlib
import json
import shutil
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.runner.pods import packed

# Starts as runner_image/Dockerfile's entry point does, but with places that are this machine's.
_START = """\
import sys
from davit._runner.__main__ import PodPlaces, run_pod
run_pod(PodPlaces(*sys.argv[1:]))
"""
_SOURCES = Path(__file__).parents[2] / "runner_image" / "src"


def installed(folder: Path) -> str:
    """Return the Python of a new environment with davit in it, compiled, as in the runner image."""
    venv.create(folder / "venv")
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    for name in ("davit", "davit_contract"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_SOURCES / name, packages / name, ignore=ignored)
    compileall.compile_dir(packages, quiet=1)
    return str(folder / "venv" / "bin" / "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPod:
    """The places of one pod that may be started again and again."""

    python: str
    folder: Path

    def start(self, stdout: int) -> subprocess.Popen[bytes]:
        """Start the runner."""
        names = ("request.json", "cancel", "artifact", "scratch", "termination")
        places = [str(self.folder / name) for name in names]
        command = [self.python, "-P", "-c", _START, *places]
        return subprocess.Popen(command, stdout=stdout, cwd=self.folder)


def bench_pod(
    python: str, folder: Path, job_file: str, inputs: Mapping[str, str] | None = None
) -> BenchPod:
    """Return a pod that runs class ``J`` of ``job_file``, without limits."""
    data = packed({"work.py": job_file})
    for name in ("artifact", "scratch"):
        (folder / name).mkdir()
    (folder / "artifact" / "0").write_bytes(data)
    request = {
        "version": 1,
        "subject": "bench",
        "namespace": "bench",
        "name": "bench",
        "class_path": "work.J",
        "slug": "bench",
        "layout": "JobsRoot",
        "commit": "bench",
        "artifact_digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "artifact_parts": 1,
        "inputs": dict(inputs or {}),
        "soft_time_limit_seconds": 0,
        "time_limit_seconds": 0,
    }
    (folder / "request.json").write_text(json.dumps(request))
    return BenchPod(python=python, folder=folder)
