"""``make lint``: mypy and pyright accept the jobs that authors are shown, as those stand there.

The jobs of the samples and of the guide are checked in a folder of their own, with the checkers'
own defaults: what an author has who configures nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import guide
from tests.samples import SAMPLES, sample_files, sample_object

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
# Shared with the author's other checks by no one; kept from one run to the next.
CACHE = ROOT / ".mypy_cache" / "jobs"


def main() -> int:
    """Return 0 where both accept them all; else what they said is printed."""
    with tempfile.TemporaryDirectory() as name:
        roots = _written(Path(name))
        said = [_mypy(root) for root in roots] + [_pyright(Path(name), roots)]
    complaints = "".join(filter(None, said))
    sys.stderr.write(complaints)
    return 1 if complaints else 0


def _written(folder: Path) -> list[Path]:
    """Write the jobs, and return the folders that stand on the author's path."""
    roots = [guide.write(folder / "guide", _python(guide.files()))]
    for sample in sorted(path.name for path in SAMPLES.iterdir()):
        repository = sample_object(sample, "jobrepository")
        slug = repository["metadata"]["name"].replace("-", "_")
        files = _python(sample_files(sample))
        # A repository is a package of its slug's name.
        package = slug if repository["spec"].get("layout") != "JobsRoot" else "."
        roots.append(folder / sample)
        guide.write(folder / sample / package, files)
    return roots


def _python(files: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.endswith(".py")}


def _mypy(root: Path) -> str:
    command: list[Path | str] = [BIN / "mypy", "--config-file=", f"--cache-dir={CACHE}"]
    command += ["--check-untyped-defs", "--explicit-package-bases", "--no-error-summary", "."]
    # The folders of the guide are not one package: as in the guide, my-jobs is on the path.
    environment = {"MYPYPATH": f"{root}:{root / 'my-jobs'}", "PATH": ""}
    return _said(command, root, environment)


def _pyright(folder: Path, roots: list[Path]) -> str:
    settings = {
        "typeCheckingMode": "standard",
        # What stands in for Nautobot when a job runs is nothing that pyright could look at.
        "reportMissingModuleSource": False,
        "executionEnvironments": [
            {"root": str(root), "extraPaths": [str(root / "my-jobs")]} for root in roots
        ],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return _said([BIN / "basedpyright", "--pythonpath", sys.executable, "."], folder, None)


def _said(command: list[Path | str], folder: Path, environment: dict[str, str] | None) -> str:
    """Return what a checker complains of, or ``""``."""
    ended = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    return ended.stdout + ended.stderr if ended.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
