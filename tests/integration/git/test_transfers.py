"""Transfers that are slow, stop in the middle, or find no room."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cluster.commands import wait_until
from tests.gitserver.relay import Relay, relay
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.git.conftest import CANARY, LOCAL, Reading, credentials, failure

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Waiting
from davit_operator.effects.git import GitContact, GitReader, GitRequest, GitSettings
from davit_operator.plan.git_address import git_address
from davit_operator.plan.git_reference import git_ref

# More than what a contact takes before its download.
NOISE = hashlib.shake_256(b"davit").digest(400_000)
BEFORE_THE_END = 100_000


@pytest.fixture(scope="module")
def noisy(server: RunningServer) -> RemoteRepository:
    made = server.repository("noisy")
    made.push({"noise": NOISE})
    return made


@pytest.fixture
def between(server: RunningServer, noisy: RemoteRepository) -> Iterator[Relay]:
    assert noisy.url
    with relay(server.port) as running:
        yield running


def url(between: Relay) -> str:
    return f"https://127.0.0.1:{between.port}/noisy.git"


def test_a_slow_server_is_waited_for(reading: Reading, between: Relay) -> None:
    between.pause_seconds = 0.01
    assert reading.files(reading.request(url=url(between))) == {"noise": NOISE}


def test_a_server_that_is_too_slow_names_the_time_limit(reading: Reading, between: Relay) -> None:
    between.pause_seconds = 0.2
    found = failure(reading, url=url(between), timeout_seconds=2)
    assert (type(found), found.reason) == (Waiting, Reason.FETCH_FAILED)
    assert "within 2 s (spec.timeout)" in found.message


def test_a_server_that_hangs_in_the_middle_is_left_in_time_and_read_later(
    reading: Reading, between: Relay
) -> None:
    between.passes = BEFORE_THE_END
    found = failure(reading, url=url(between), timeout_seconds=2)
    assert between.struck.is_set()
    assert "within 2 s (spec.timeout)" in found.message
    between.passes = None
    assert reading.files(reading.request(url=url(between))) == {"noise": NOISE}


def test_a_transfer_that_breaks_off_is_told_apart_and_begun_anew(
    reading: Reading, between: Relay
) -> None:
    between.passes = BEFORE_THE_END
    between.cut.set()
    found = failure(reading, url=url(between))
    assert (type(found), found.reason) == (Waiting, Reason.FETCH_FAILED)
    assert "the connection broke off" in found.message
    between.passes = None
    assert reading.files(reading.request(url=url(between))) == {"noise": NOISE}


def test_one_repository_that_hangs_keeps_no_other_waiting(reading: Reading, between: Relay) -> None:
    between.passes = BEFORE_THE_END
    hanging = {"url": url(between), "timeout_seconds": 120}
    held = threading.Thread(target=failure, args=(reading,), kwargs=hanging)
    held.start()
    assert between.struck.wait(30)
    # Of the same server and Secret.
    assert reading.files(reading.request())
    assert held.is_alive()
    between.cut.set()
    held.join()


def test_a_second_fetch_of_the_same_does_not_wait_for_ever(
    reading: Reading, between: Relay
) -> None:
    contact = reading.reader.resolve(reading.request(url=url(between), timeout_seconds=120))
    between.passes = 0
    held = threading.Thread(target=swallowed, args=(reading, contact))
    held.start()
    assert between.struck.wait(30)
    impatient = replace(contact, request=replace(contact.request, timeout_seconds=0.2))
    with pytest.raises(Waiting, match="another fetch of it is still under way"):
        reading.reader.fetch(impatient)
    between.cut.set()
    held.join()


def swallowed(reading: Reading, contact: GitContact) -> None:
    with pytest.raises(Waiting):
        reading.reader.fetch(contact)


_OPERATOR = """
import sys
from pathlib import Path
from davit_operator.effects.git import GitReader, GitRequest, GitSettings
from davit_operator.effects.git_credentials import git_credentials
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_ref
folder, url, ca, password = sys.argv[1:]
data = {"username": b"ada", "password": password.encode(), "ca.crt": Path(ca).read_bytes()}
reader = GitReader(GitSettings(folder=Path(folder)))
policy = HostPolicy(allowed_hosts=frozenset({"127.0.0.1"}))
reader.fetch(reader.resolve(GitRequest(
    address=git_address(url, policy), ref=git_ref(), namespace="netops", timeout_seconds=60,
    credentials=git_credentials("netops-git", "uid-1", data))))
"""


def unfinished(reading: Reading) -> list[Path]:
    return list(reading.folder.glob("mirrors/*.git/objects/pack/tmp_pack_*"))


def test_an_operator_that_is_killed_in_the_middle_of_a_fetch_begins_anew(
    reading: Reading, between: Relay
) -> None:
    between.passes = BEFORE_THE_END
    # As in a pod: what it started ends with it.
    alone = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL"]
    arguments = [str(reading.folder), url(between), str(reading.server.ca), CANARY]
    command = [*alone, sys.executable, "-c", _OPERATOR, *arguments]
    with subprocess.Popen(command) as operator:
        assert between.struck.wait(60)
        wait_until(lambda: bool(unfinished(reading)), 60, "nothing is written")
        operator.kill()
    left = unfinished(reading)
    assert left
    between.passes = None
    after = Reading(reading.folder, reading.server)
    assert after.files(after.request(url=url(between))) == {"noise": NOISE}
    assert not any(path.exists() for path in left)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def request_of(server: RunningServer, name: str, namespace: str = "netops") -> GitRequest:
    return GitRequest(
        address=git_address(server.url(name), LOCAL),
        ref=git_ref(),
        namespace=namespace,
        timeout_seconds=30,
        credentials=credentials(server),
    )


def test_a_full_disk_is_said_and_makes_room(
    server: RunningServer, noisy: RemoteRepository, small_disk: Path
) -> None:
    assert noisy.url
    reader = GitReader(GitSettings(folder=small_disk))
    for namespace in ("first", "second"):
        request = request_of(server, "noisy", namespace)
        contact = reader.resolve(request)
        if namespace == "first":
            assert reader.fetch(contact).files
            continue
        # The first one's mirror takes what this one needs.
        with pytest.raises(Waiting, match="disk is full") as full:
            reader.fetch(contact)
        assert full.value.reason is Reason.FETCH_FAILED
        assert reader.fetch(contact).files


def test_a_disk_without_any_room_is_said(
    server: RunningServer, noisy: RemoteRepository, small_disk: Path
) -> None:
    assert noisy.url
    reader = GitReader(GitSettings(folder=small_disk))
    contact = reader.resolve(request_of(server, "noisy"))
    with (small_disk / "filler").open("wb") as filler:
        fill(filler.fileno())
    with pytest.raises(Waiting, match="disk is full") as full:
        reader.fetch(contact)
    assert full.value.reason is Reason.FETCH_FAILED
    (small_disk / "filler").unlink()
    assert reader.fetch(contact).files


def test_an_operator_that_starts_on_a_full_disk_makes_room(
    server: RunningServer, noisy: RemoteRepository, small_disk: Path
) -> None:
    assert noisy.url
    left = small_disk / "mirrors" / "left.git"
    left.mkdir(parents=True)
    with (left / "pack").open("wb") as filler:
        fill(filler.fileno())
    reader = GitReader(GitSettings(folder=small_disk))
    assert reader.fetch(reader.resolve(request_of(server, "noisy"))).files


def fill(descriptor: int) -> None:
    with suppress(OSError):
        while True:
            os.write(descriptor, b"x" * 4096)


def test_mirrors_that_were_not_used_for_longest_give_way(
    server: RunningServer, noisy: RemoteRepository, tmp_path: Path
) -> None:
    assert noisy.url
    reader = GitReader(GitSettings(folder=tmp_path, max_mirror_bytes=900_000))
    requests = [request_of(server, "noisy", name) for name in ("a", "b", "c")]
    for wanted in (*requests[:2], requests[0], requests[2]):
        reader.fetch(reader.resolve(wanted))
    kept = {path.name for path in tmp_path.glob("mirrors/*.git")}
    assert kept == {requests[0].mirror_name, requests[2].mirror_name}
