"""What a reader of the job author's guide types, typed against a cluster."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import yaml

from tests import guide
from tests.e2e.place import Place


def test_the_six_steps_lead_to_a_result(place: Place, tmp_path: Path) -> None:
    files = guide.files()
    place.remote.push({"hello_world.py": files["my-jobs/hello_world.py"]})
    repository = yaml.safe_load(files["repository.yaml"])
    repository["spec"]["source"]["git"] |= {"url": place.url, "secretRef": {"name": "git-ca"}}
    guide.write(tmp_path, {**files, "repository.yaml": yaml.safe_dump(repository)})
    printed = [typed(place, command, tmp_path) for command in guide.shell_commands()]
    assert "my-jobs.hello-world" in "".join(printed)
    assert json.loads(printed[-1]) == {"greeted": "Ada"}


def typed(place: Place, command: str, folder: Path) -> str:
    """Return what a command of the guide prints, in the test's namespace."""
    program, *words = shlex.split(command)
    assert program == "kubectl"
    ended = subprocess.run(
        [*place.kubectl.command(), *words],
        cwd=folder, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return ended.stdout
