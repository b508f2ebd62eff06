"""Files too large for a pod's log: the pod's part of a volume, and what a status says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import (
    DEFAULTS,
    DIGEST,
    NAMESPACE,
    RUN_UID,
    a_definition,
    a_repository,
    a_run,
    metadata,
    serving,
)

from davit_contract import FileContent, encode, places
from davit_operator.api.base import ObjectKey
from davit_operator.api.run_output import ClaimedFile
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.claims import ClaimedFolder
from davit_operator.plan.projection import seen_batch_job
from davit_operator.plan.run_files import RunFiles
from davit_operator.plan.run_objects import RunAttempt

CLAIM = {"persistentVolumeClaim": {"claimName": "reports", "path": "davit/large"}}
FOLDER = ClaimedFolder(claim_name="reports", path="davit/large/x-1", max_bytes=100)


def job_of(definition: Any = None, repository: Any = None) -> dict[str, Any]:
    """Return the batch Job where these ``runner.files`` are configured."""
    return batch_job(
        a_run(),
        a_definition(spec={"runner": {"files": definition} if definition else {}}),
        a_repository(
            spec={"runner": {"files": repository} if repository else {}}, status=serving()
        ),
        DEFAULTS,
    )


def test_a_pod_sees_its_own_folder_of_the_volume_and_may_write_there() -> None:
    manifest = job_of(CLAIM)
    pod = manifest["spec"]["template"]["spec"]
    name = manifest["metadata"]["name"]
    assert {"name": "files", "persistentVolumeClaim": {"claimName": "reports"}} in pod["volumes"]
    mounts = pod["containers"][0]["volumeMounts"]
    assert mounts[-1] == {
        "name": "files",
        "mountPath": "/davit/files",
        "subPath": f"davit/large/{name}",
    }
    assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    annotations = manifest["spec"]["template"]["metadata"]["annotations"]
    assert json.loads(annotations[places.REQUEST_ANNOTATION])["files_max_bytes"] == 2**30


def test_the_definitions_volume_wins_over_the_repositorys() -> None:
    other = {"persistentVolumeClaim": {"claimName": "scratch"}, "maxBytes": 7}
    for definition, repository, expected in [
        (CLAIM, other, ("reports", 2**30)),
        (None, other, ("scratch", 7)),
    ]:
        manifest = job_of(definition, repository)
        manifest["metadata"] |= metadata(manifest["metadata"]["name"], "44")
        folder = seen_batch_job(manifest).folder
        assert folder is not None
        assert (folder.claim_name, folder.max_bytes) == expected
        assert folder.path.endswith(manifest["metadata"]["name"])


def test_without_a_volume_nothing_of_it_is_said() -> None:
    manifest = job_of()
    assert "davit.dev/files" not in manifest["metadata"]["annotations"]
    assert "fsGroupChangePolicy" not in json.dumps(manifest)
    assert (
        json.loads(
            manifest["spec"]["template"]["metadata"]["annotations"][places.REQUEST_ANNOTATION]
        )["files_max_bytes"]
        == 0
    )


def files(folder: ClaimedFolder | None = FOLDER) -> RunFiles:
    return RunFiles(
        RunAttempt(run=ObjectKey(NAMESPACE, "x"), uid=RUN_UID, batch_job="x-1", folder=folder)
    )


def said(**changes: Any) -> str:
    told = FileContent(name="a.bin", size_bytes=100, digest=DIGEST, stored="2-a.bin")
    return json.dumps({**json.loads(encode(told)), **changes})


def test_a_file_on_the_volume_is_listed_with_its_place_and_makes_no_object() -> None:
    made = files()
    written = made.next(said())
    assert written is not None
    assert written.objects == ()
    made.keep(written.file)
    (file,) = made.listed
    assert (file.name, file.size_bytes, file.digest, file.parts) == ("a.bin", 100, DIGEST, [])
    assert file.persistent_volume_claim == ClaimedFile(
        claim_name="reports", path="davit/large/x-1/2-a.bin"
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stored": "../other-run/a"}, "it is on no volume of the run"),
        ({"stored": ".."}, "it is on no volume of the run"),
        ({"size_bytes": 101}, "its size or its digest cannot be"),
        ({"size_bytes": -1}, "its size or its digest cannot be"),
        ({"digest": "sha256:x"}, "its size or its digest cannot be"),
    ],
    ids=["elsewhere", "a folder above", "a byte too many", "less than nothing", "no digest"],
)
def test_a_file_that_cannot_be_on_the_volume_is_left_out(changes: dict[str, Any], why: str) -> None:
    made = files()
    assert made.next(said(**changes)) is None
    assert made.message == f'File "a.bin" was left out: {why}.'


def test_a_run_without_a_volume_has_no_files_there() -> None:
    made = files(None)
    assert made.next(said()) is None
    assert made.message == 'File "a.bin" was left out: it is on no volume of the run.'


def test_files_on_the_volume_count_among_the_64() -> None:
    made = files()
    for _ in range(64):
        written = made.next(said())
        assert written is not None
        made.keep(written.file)
    assert made.next(said()) is None
    assert made.message == 'File "a.bin" was left out: a run may have 64 files.'
