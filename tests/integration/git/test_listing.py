"""Asking for references without git: the same answers, and git for whatever is out of the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.broken import canned_server
from tests.gitserver.running import HOST_NAME, RemoteRepository, git_server
from tests.gitserver.server import tls_context
from tests.integration.git.conftest import Reading, failure

from davit_operator.api.errors import Waiting
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.plan.git_reference import GitRef, git_ref

KIND = "Content-Type: application/x-git-upload-pack-advertisement"


@pytest.fixture
def without_git(reading: Reading) -> GitReader:
    """Return a reader that finds no git."""
    settings = GitSettings(folder=reading.folder / "without", search_path="/var/empty")
    return reading.reader_with(settings)


@pytest.mark.parametrize(
    "ref",
    [git_ref(), git_ref(tag="v1"), git_ref(tag="light"), git_ref(branch="ü/x")],
    ids=["a branch", "an annotated tag", "a light tag", "another script"],
)
def test_references_are_asked_for_without_starting_git(
    reading: Reading,
    without_git: GitReader,
    ref: GitRef,
    pushing: Callable[[str], RemoteRepository],
) -> None:
    made = pushing(f"asked-{ref.kind}-{len(ref.name)}")
    made.push({"a.py": "x"})
    made.tag("v1", message="Version 1")
    made.tag("light")
    made.push({"a.py": "x"}, branch="ü/x")
    request = reading.request(ref, url=made.url)
    expected = made.git("rev-parse", f"{ref.full_name}^{{commit}}")
    assert without_git.resolve(request).commit == expected
    by_name = reading.request(ref, url=made.url.replace("127.0.0.1", HOST_NAME))
    assert without_git.resolve(by_name).pinned == ("127.0.0.1",)


def test_a_server_of_another_version_is_asked_by_git(tmp_path: Path) -> None:
    with git_server(tmp_path, speaks_v2=False) as server:
        commit = server.repository("jobs").push({"a.py": "x"})
        reading = Reading(tmp_path / "state", server)
        assert reading.reader.resolve(reading.request()).commit == commit


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: 999999999999\r\n\r\n0000" % KIND.encode(),
        b"HTTP/1.1 200 OK\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" % KIND.encode(),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/9.9 2000000 \xff\xfe\r\n\r\n",
        b"",
    ],
    ids=["cut", "no chunks", "many headers", "a long header", "odd", "nothing"],
)
def test_an_answer_that_is_none_gets_the_sentence_that_git_finds(
    reading: Reading, answer: bytes
) -> None:
    tls = reading.server.folder / "tls"
    with canned_server(tls_context(tls / "tls.crt", tls / "tls.key"), answer) as (port, asked):
        found = failure(reading, url=f"https://127.0.0.1:{port}/x.git", timeout_seconds=5)
    assert isinstance(found, Waiting)
    assert len(asked) >= 2


def test_many_ask_at_once(reading: Reading, without_git: GitReader) -> None:
    commits: list[str] = []

    def ask() -> None:
        commits.append(without_git.resolve(reading.request()).commit)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(commits) == 16
    assert len(set(commits)) == 1


def test_a_host_that_answers_at_its_second_address_is_asked(
    reading: Reading, tmp_path: Path
) -> None:
    reader = GitReader(
        GitSettings(folder=tmp_path, search_path="/var/empty"),
        lambda _host, _port, _seconds: ("127.0.0.9", "127.0.0.1"),
    )
    request = reading.request(url=reading.server.url("jobs", HOST_NAME))
    assert reader.resolve(replace(request, timeout_seconds=20)).commit
