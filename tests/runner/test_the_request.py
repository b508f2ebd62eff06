"""Artifacts and requests that no run can begin with."""

from __future__ import annotations

import json

import pytest
from tests.runner.pods import Pod, job_file


def test_an_artifact_that_does_not_hash_to_its_digest_is_not_touched(pod: Pod) -> None:
    runner = pod.start("run", {"j.py": job_file("pass")}, artifact_digest="sha256:" + "0" * 64)
    said = pod.said(runner)
    assert said.outcome.reason == "ArtifactCorrupt"
    assert "but the request says sha256:000" in said.error
    assert list((pod.folder / "scratch").iterdir()) == []
    assert said.exit_code == 1


def test_a_missing_part_is_named(pod: Pod) -> None:
    said = pod.said(pod.start("discover", {"j.py": ""}, artifact_parts=3))
    assert said.outcome.reason == "ArtifactCorrupt"
    assert "artifact/2" in said.error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "The request cannot be read"),
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "is not a JSON object"),
        ('{"version": 2}', "has version 2; this side reads version 1"),
        ('{"version": 1}', "is incomplete"),
    ],
    ids=["missing", "empty", "cut", "a list", "of the next version", "without its fields"],
)
def test_a_request_that_cannot_be_read_is_refused(pod: Pod, text: str | None, words: str) -> None:
    if text is not None:
        (pod.folder / "request.json").write_text(text)
    said = pod.said(pod.start_as_is("run"))
    assert said.outcome.reason == "InvalidRequest"
    assert words in said.error
    assert said.records == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "../../etc"),
        ("layout", "Elsewhere"),
        ("inputs", []),
        ("artifact_parts", -1),
        ("artifact_parts", 0.5),
        ("time_limit_seconds", "9"),
    ],
)
def test_a_request_of_wrong_values_is_refused(pod: Pod, field: str, value: object) -> None:
    pod.start("run", {"j.py": ""}).ended()
    told = json.loads((pod.folder / "request.json").read_text())
    (pod.folder / "request.json").write_text(json.dumps({**told, field: value}))
    (pod.folder / "output").unlink()
    assert pod.said(pod.start_as_is("run")).outcome.reason == "InvalidRequest"
