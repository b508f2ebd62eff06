"""What a run leaves in its namespace: files, a large result, and room for the next run."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.builders import STARTED
from tests.cluster.controlplane import ControlPlane
from tests.integration.kube import Kube, Object, eventually
from tests.integration.node import LogNode, running_node
from tests.integration.place import Place
from tests.integration.running import OperatorThread

from davit_contract import FileContent, LogRecord, PartRecord, PartType, encode
from davit_operator.api.names import batch_job_name, file_name

_LINE = 12_000


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LogNode]:
    with running_node(plane, kube, "node-of-files") as running:
        yield running


@pytest.fixture
def small(
    no_operator: OperatorThread, operator_kubeconfig: Path, tmp_path: Path
) -> Iterator[OperatorThread]:
    """Have an operator run that allows each namespace a MiB."""
    assert no_operator
    thread = OperatorThread(operator_kubeconfig, tmp_path, storage_mib=1)
    thread.start()
    yield thread
    thread.stop()


def numbered(kind: PartType, text: str, first: int) -> list[PartRecord]:
    pieces = [text[at : at + _LINE] for at in range(0, len(text), _LINE)] or [""]
    return [
        PartRecord(
            type=kind, sequence=first + n, time=STARTED, part=n + 1, parts=len(pieces), data=piece
        )
        for n, piece in enumerate(pieces)
    ]


def made(content: bytes, name: str = "report.csv", **changes: Any) -> str:
    digest = f"sha256:{sha256(content).hexdigest()}"
    file = FileContent(
        name=name, size_bytes=len(content), digest=digest, data=b64encode(content).decode()
    )
    return json.dumps({**json.loads(encode(file)), **changes})


def printed(*documents: tuple[PartType, str]) -> list[PartRecord]:
    found: list[PartRecord] = []
    for kind, text in documents:
        found += numbered(kind, text, len(found) + 1)
    return found


def finished(place: Place, node: LogNode, run: str, *records: object) -> Object:
    """Have a run print ``records`` and succeed; return its status."""
    place.run(run)
    node.end_run(place, place.start(run), *records)
    status: Object = place.phase(run, "Succeeded")["status"]
    return status


def content_of(place: Place, file: Object) -> bytes:
    parts = [place.get("JobFile", name)["spec"] for name in file["parts"]]
    assert {part["parts"] for part in parts} == {len(parts)}
    return b"".join(b64decode(part["data"]) for part in parts)


def log_of(count: int) -> list[LogRecord]:
    """Return a log that hardly shrinks."""
    return [
        LogRecord(
            sequence=n, time=STARTED, level="info", grouping="run", message=os.urandom(4_000).hex()
        )
        for n in range(1, count + 1)
    ]


def _later(place: Place, kind: str) -> None:
    """Return once an object made now is younger than those of a kind, in whole seconds."""
    newest = max(each["metadata"]["creationTimestamp"] for each in place.all(kind))

    def probe() -> bool:
        made = place.create("ConfigMap", f"clock-{uuid4()}")
        return bool(made["metadata"]["creationTimestamp"] > newest)

    eventually(probe, "the clock goes on")


@pytest.mark.usefixtures("operator")
def test_files_and_a_large_result_can_be_read_back(place: Place, node: LogNode) -> None:
    place.installed()
    content, result = os.urandom(800_000), json.dumps(["ü" * 100] * 200, ensure_ascii=False)
    status = finished(
        place,
        node,
        "ada",
        *printed(
            (PartType.FILE, made(content)),
            (PartType.FILE, made(b"x", digest="sha256:" + "0" * 64, name="forged")),
            (PartType.FILE, made(b"", name="empty")),
            (PartType.RESULT, result),
        ),
    )
    report, empty, large = status["files"]
    assert content_of(place, report) == content
    assert [len(file["parts"]) for file in (report, empty, large)] == [3, 1, 1]
    assert (empty["name"], content_of(place, empty)) == ("empty", b"")
    assert (large["name"], large["kind"]) == ("result.json", "Result")
    assert content_of(place, large).decode() == result
    assert status["resultTruncated"] is True
    assert "result" not in status
    assert status["filesMessage"] == (
        'File "forged" was left out: its content is not what its digest says.'
    )
    assert "incomplete" not in status["log"]


def test_a_file_that_stands_there_is_ours_only_with_the_same_content(
    place: Place, node: LogNode, no_operator: OperatorThread
) -> None:
    place.installed()
    run = place.run("ada")
    uid = run["metadata"]["uid"]
    spec = {
        "runRef": {"name": "ada", "uid": uid},
        "attempt": 1,
        "name": "a",
        "sizeBytes": 1,
        "digest": f"sha256:{sha256(b'a').hexdigest()}",
        "part": 1,
        "parts": 1,
        "data": "YQ==",
    }
    batch_job = batch_job_name("ada", uid, 1)
    # As an operator before a restart left the first; nobody of ours left the second.
    place.create("JobFile", file_name(batch_job, 0, 1), spec=spec)
    place.create("JobFile", file_name(batch_job, 1, 1), spec={**spec, "data": "Yg=="})
    no_operator.start()
    documents = [(PartType.FILE, made(b"a", name="a")) for _ in range(3)]
    node.end_run(place, place.start("ada"), *printed(*documents))
    status = place.phase("ada", "Succeeded")["status"]
    assert [content_of(place, file) for file in status["files"]] == [b"a", b"a"]
    assert status["filesMessage"] == (
        f'File "a" was left out: JobFile {file_name(batch_job, 1, 1)} is not of this run.'
    )


@pytest.mark.usefixtures("small")
def test_the_oldest_runs_lose_logs_and_files_to_the_newest(place: Place, node: LogNode) -> None:
    place.installed()
    # Each takes nearly half of the namespace's MiB.
    first = finished(place, node, "first", *log_of(70))
    assert first["log"]["chunks"] == 3
    _later(place, "JobLog")
    finished(place, node, "second", *printed((PartType.FILE, made(os.urandom(350_000)))))
    content = os.urandom(350_000)
    _later(place, "JobFile")
    third = finished(place, node, "third", *printed((PartType.FILE, made(content))))
    log = place.until(
        "JobRun", "first", lambda run: "chunks" not in run["status"]["log"], "loses its JobLogs"
    )["status"]["log"]
    assert log["incomplete"] is True
    assert log["message"] == (
        "3 JobLogs were removed that held this log of 70 records, to make room: the JobLogs and "
        f"JobFiles of namespace {place.name} may have 1 MiB, and the oldest runs lose theirs first."
    )
    assert log["tail"] == first["log"]["tail"]
    assert content_of(place, third["files"][0]) == content
    eventually(lambda: not place.all("JobLog"), "the JobLogs are gone")

    finished(place, node, "fourth", *printed((PartType.FILE, made(os.urandom(350_000)))))
    second = place.until(
        "JobRun", "second", lambda run: run["status"].get("filesMessage"), "loses its file"
    )["status"]
    (file,) = second["files"]
    assert (file["name"], file["removed"], file["sizeBytes"]) == ("report.csv", True, 350_000)
    assert "parts" not in file or file["parts"] == []
    assert second["filesMessage"].startswith("1 file was removed to make room")
    assert second["phase"] == "Succeeded"
    assert content_of(place, third["files"][0]) == content


@pytest.mark.usefixtures("small")
def test_runs_that_live_lose_nothing_and_say_what_has_no_room(place: Place, node: LogNode) -> None:
    place.installed()
    status = finished(
        place,
        node,
        "ada",
        *printed(
            (PartType.FILE, made(os.urandom(600_000), name="fits")),
            (PartType.FILE, made(os.urandom(400_000), name="does not")),
        ),
    )
    assert [file["name"] for file in status["files"]] == ["fits"]
    assert status["filesMessage"] == (
        'File "does not" was left out: the JobLogs and JobFiles of namespace '
        f"{place.name} may have 1 MiB, and runs that live have all of it."
    )
