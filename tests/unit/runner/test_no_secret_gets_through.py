"""Whatever a job says, and by whatever way: its secrets do not get through."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.runner.disguised import DISGUISES, cuts, disguises, said, secrets, shares

from davit._runner.file_document import file_document
from davit._runner.frames import FrameWriter


def print_in_pieces(writer: FrameWriter, _: int, text: str) -> None:
    data = (text + "\n").encode()
    for start in range(0, len(data), 3):
        writer.send("output", "stdout", data[start : start + 3].decode("latin-1"))


def write_in_pieces(_: FrameWriter, fd: int, text: str) -> None:
    data = (text + "\n").encode()
    for start in range(0, len(data), 5):
        os.write(fd, data[start : start + 5])


def print_and_write(writer: FrameWriter, fd: int, text: str) -> None:
    data = (text + "\n").encode()
    writer.send("output", "stdout", data[:4].decode("latin-1"))
    os.write(fd, data[4:])


# Everything that reaches a supervisor from a job.
WAYS: dict[str, Callable[[FrameWriter, int, str], None]] = {
    "a log": lambda writer, _, text: writer.send_log("info", "run", f"x {text} x", ""),
    "a grouping that was cut": lambda writer, _, text: writer.send_log(
        "info", f"{'g' * 90}{text}"[:100], "m", ""
    ),
    "an object that was cut": lambda writer, _, text: writer.send_log(
        "info", "run", "m", f"{'o' * 190}{text}"[:200]
    ),
    "a log that was cut": lambda writer, _, text: writer.send("log", "info", "run", text, "", 5),
    "a log over several records": lambda writer, _, text: writer.send_log(
        "error", "run", f"{'é' * 8100}{text}{'é' * 9000}", ""
    ),
    "prints": print_in_pieces,
    "writes": write_in_pieces,
    "a print and a write": print_and_write,
    "a result": lambda writer, _, text: writer.send(
        "document", "result", json.dumps({text: [text, {"a": f"x{text}"}]})
    ),
    "the name of a file": lambda writer, _, text: writer.send(
        "document", "file", json.dumps({"name": f"{text}.txt", "data": "eA=="})
    ),
    "an error": lambda writer, _, text: writer.send(
        "verdict", "JobFailed", [text, f"bad {text}", f"trace\n  {text}\n"]
    ),
}


@given(
    secret=secrets,
    ways=st.lists(st.tuples(st.sampled_from(sorted(WAYS)), disguises), min_size=1, max_size=4),
    cuts=cuts,
)
def test_a_canary_gets_through_nowhere(
    secret: str, ways: list[tuple[str, str]], cuts: list[int]
) -> None:
    def acts(writer: FrameWriter, fd: int) -> None:
        writer.send("secrets", [secret])
        for way, disguise in ways:
            WAYS[way](writer, fd, DISGUISES[disguise](secret))

    written = said(acts, cuts)
    for text in strings_in(written):
        clean = text.replace("(redacted)", "")
        for _, disguise in ways:
            assert not shares(clean, DISGUISES[disguise](secret), 9), text


def strings_in(written: str) -> Iterator[str]:
    """Return every text in the records and the outcome, results and files decoded."""
    documents = {"result": "", "file": ""}
    for line in written.splitlines():
        record = json.loads(line)
        yield from (value for value in record.values() if isinstance(value, str))
        yield from (value for value in (record.get("error") or {}).values())
        if record.get("type") in documents:
            documents[record["type"]] = record["data"]
    for text in documents.values():
        if text:
            yield json.dumps(json.loads(text), ensure_ascii=False)


def test_a_result_stays_json_and_keeps_what_became_one_key() -> None:
    def acts(writer: FrameWriter, _: int) -> None:
        writer.send("secrets", ["hunter2", '","b":"', "12345"])
        value = {"hunter2": 1, "hunter2!": 2, 'x","b":"y': "hunter2", "n": 12345, "f": [0.5, None]}
        writer.send("document", "result", json.dumps(value))

    record = json.loads(said(acts, []).splitlines()[0])
    assert json.loads(record["data"]) == {
        "(redacted)": 1, "(redacted)!": 2, "x(redacted)y": "(redacted)",
        "n": 12345, "f": [0.5, None],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "content", "clean"),
    [
        ("hunter2", b"p=hunter2\n", b"p=(redacted)\n"),
        ("hunter2", b"\xff\x00 hunter2 \xfe", b"\xff\x00 (redacted) \xfe"),
        ("hunter2", base64.b64encode(b"ada:hunter2!"), b"YWRhOm(redacted)Ih"),
        ("h\xfcnter", "ein hünter".encode(), b"ein (redacted)"),
    ],
    ids=["text", "bytes", "in Base64", "in UTF-8"],
)
def test_a_secret_in_the_content_of_a_file_is_replaced_and_the_log_says_so(
    secret: str, content: bytes, clean: bytes
) -> None:
    def acts(writer: FrameWriter, _: int) -> None:
        writer.send("document", "file", file_document("of hunter2", content))

    warning, record = map(json.loads, said(acts, [], secret).splitlines()[:2])
    assert (warning["level"], warning["grouping"]) == ("warning", "runner")
    assert "held a secret" in warning["message"]
    found = json.loads(record["data"])
    assert base64.b64decode(found["data"]) == clean
    assert found["size_bytes"] == len(clean)
    assert found["digest"] == f"sha256:{hashlib.sha256(clean).hexdigest()}"


def test_a_file_without_a_secret_keeps_each_byte() -> None:
    content = b"password = other\n\xff\x00\r\n"

    def acts(writer: FrameWriter, _: int) -> None:
        writer.send("document", "file", file_document("of hunter2", content))

    record = json.loads(said(acts, [], "hunter2").splitlines()[0])
    found = json.loads(record["data"])
    assert found == {**json.loads(file_document("of (redacted)", content))}
