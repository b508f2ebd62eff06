"""``kubectl davit files`` and ``result``: whole, checked, or said where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run, allow


def test_files_are_joined_from_their_parts_and_checked(
    place: Place, davit: Plugin, tmp_path: Path
) -> None:
    run = a_told_run(place, "ada")
    content = bytes(range(256)) * 40
    good = run.file(0, "report.bin", content[:5000], content[5000:])
    bad = run.file(1, "bad.txt", b"hello", digest="sha256:" + "0" * 64)
    run.end(files=[good, bad])
    assert davit("files", "ada").out == (
        "NUMBER   NAME         SIZE\n1        report.bin   10240\n2        bad.txt      5\n"
    )
    path = tmp_path / "here.bin"
    assert davit("files", "ada", "report.bin", "-o", str(path)).code == 0
    assert path.read_bytes() == content
    ended = davit("files", "ada", "bad.txt", "-o", str(tmp_path / "bad"))
    assert (ended.code, "is damaged: its digest is" in ended.err) == (1, True)
    assert not (tmp_path / "bad").exists()
    ended = davit("files", "ada", "none.txt")
    assert (ended.code, "Its files: report.bin, bad.txt." in ended.err) == (2, True)


def test_who_may_not_read_files_is_told_so(place: Place, davit: Plugin) -> None:
    allow(place, "ann", jobruns="get")
    run = a_told_run(place, "ada")
    run.end(files=[run.file(0, "a.txt", b"hello")])
    ended = davit.acting("ann")("files", "ada", "a.txt", "-o", "-")
    assert ended.code == 1
    assert f"You may not read jobfiles in namespace {place.name}." in ended.err
    assert davit("files", "ada", "a.txt", "-o", "-").out == "hello"


def test_result_is_json_and_a_failed_run_has_none(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").end(result="Greeted Ada.")
    assert davit("result", "ada") == (0, '"Greeted Ada."\n', "")
    error = {"message": "No.", "reason": "JobFailed", "remedy": "Mend it."}
    a_told_run(place, "bob").end("Failed", reason="JobFailed", error=error)
    ended = davit("result", "bob")
    assert ended.code == 1
    assert ended.err == ("kubectl davit: bob returned nothing: Failed (JobFailed). No. Mend it.\n")


def test_a_large_result_is_read_from_its_file(place: Place, davit: Plugin) -> None:
    run = a_told_run(place, "ada")
    other = run.file(0, "result.json", b'"of the job itself"')
    result = {**run.file(1, "result.json", json.dumps(["x" * 50_000]).encode()), "kind": "Result"}
    run.end(resultTruncated=True, files=[other, result])
    assert json.loads(davit("result", "ada").out) == ["x" * 50_000]
    ended = davit("files", "ada", "result.json", "-o", "-")
    assert (ended.code, "has 2 files" in ended.err) == (2, True)
    assert davit("files", "ada", "--number", "1", "-o", "-").out == '"of the job itself"'


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"removed": True}, "was removed, to make room in the namespace's storage"),
        (
            {"persistentVolumeClaim": {"claimName": "big", "path": "ada/a.bin"}},
            "It is ada/a.bin on the PersistentVolumeClaim big",
        ),
    ],
    ids=["removed", "on a claim"],
)
def test_a_file_that_stands_elsewhere_is_said_to(
    place: Place, davit: Plugin, more: dict[str, Any], sentence: str
) -> None:
    file = {"name": "a.bin", "sizeBytes": 9, "digest": f"sha256:{'0' * 64}", **more}
    a_told_run(place, "ada").end(files=[file])
    ended = davit("files", "ada", "a.bin")
    assert (ended.code, sentence in ended.err) == (1, True)
