"""What real pods leave: files, results that are files, and what only a volume has room for."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.place import Place
from tests.kubectl import Manifest

pytestmark = pytest.mark.timeout(300)

JOBS = """
import os
from davit import Job, register_jobs

class Leave(Job):
    def run(self):
        self.create_file("report.csv", "a,b\\n" * 200_000)
        self.create_file("empty", b"")
        return ["x" * 100] * 1_000

class Large(Job):
    def run(self):
        self.create_file("small.txt", "x")
        for number in range(2):
            file = self.create_file("large.bin", bytes([number]) * 3 * 2**20)
        assert file.content == bytes([1]) * 3 * 2**20
        return sorted(os.listdir("/davit/files"))

register_jobs(Leave, Large)
"""


@pytest.fixture
def volume(place: Place, tmp_path: Path) -> Iterator[Path]:
    """Have PersistentVolumeClaim ``reports`` stand on a folder of this machine, the only node."""
    folder = tmp_path / "volume"
    folder.mkdir()
    # Where a volume is a folder of the node, nobody gives it to the pod's group.
    folder.chmod(0o777)
    name = f"davit-e2e-{secrets.token_hex(4)}"
    place.kubectl.apply(*_volume(name, folder), _claim(name))
    yield folder
    place.kubectl("delete", "persistentvolume", name, "--wait=false")


def _volume(name: str, folder: Path) -> list[Manifest]:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "hostPath": {"path": str(folder), "type": "Directory"},
    }
    kind = {"apiVersion": "v1", "kind": "PersistentVolume"}
    return [{**kind, "metadata": {"name": name}, "spec": spec}]


def _claim(volume: str) -> Manifest:
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": volume,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    return {**kind, "metadata": {"name": "reports"}, "spec": spec}


def content_of(place: Place, file: Any) -> bytes:
    parts = [place.kubectl.get("jobfile", name)["spec"] for name in file["parts"]]
    content = b"".join(b64decode(part["data"]) for part in parts)
    assert file["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
    return content


def test_files_and_a_large_result_are_jobfiles(place: Place) -> None:
    place.serve({"leave.py": JOBS})
    place.enable("jobs.leave")
    status = place.run("leaves", "jobs.leave")
    assert status["phase"] == "Succeeded"
    report, empty, result = status["files"]
    assert content_of(place, report) == b"a,b\n" * 200_000
    assert (empty["name"], content_of(place, empty)) == ("empty", b"")
    assert (result["name"], result["kind"]) == ("result.json", "Result")
    assert json.loads(content_of(place, result)) == ["x" * 100] * 1_000
    assert status["resultTruncated"] is True
    assert "filesMessage" not in status


def test_large_files_stand_on_a_volume_where_each_run_sees_its_own(
    place: Place, volume: Path
) -> None:
    place.serve({"leave.py": JOBS})
    place.enable("jobs.large")
    files = {"persistentVolumeClaim": {"claimName": "reports", "path": "davit/large"}}
    patch = json.dumps({"spec": {"runner": {"files": {**files, "maxBytes": 8 * 2**20}}}})
    place.kubectl("patch", "jobdefinition", "jobs.large", "--type=merge", "-p", patch)
    for run in ("first", "second"):
        status = place.run(run, "jobs.large")
        assert status["phase"] == "Succeeded", status["error"]
        assert status["result"] == ["2-large.bin", "large.bin"]
        small, *large = status["files"]
        assert content_of(place, small) == b"x"
        for number, file in enumerate(large):
            claim = file["persistentVolumeClaim"]
            assert claim["claimName"] == "reports"
            assert claim["path"].startswith(f"davit/large/{run}-")
            content = (volume / claim["path"]).read_bytes()
            assert content == bytes([number]) * 3 * 2**20
            assert file["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert len(list((volume / "davit" / "large").iterdir())) == 2
