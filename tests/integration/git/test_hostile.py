"""Hostile texts, in every place that takes one: nothing runs, nothing else is read or raised."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.gitserver.sshd import ssh_server
from tests.hostile.commands import commands, options
from tests.hostile.keys import ssh_secrets
from tests.hostile.repositories import Hostile, all_of_it
from tests.integration.git.conftest import LOCAL, Reading

from davit_operator.api.errors import Blocked, Waiting
from davit_operator.effects.git import GitReader, GitRequest, GitSettings
from davit_operator.effects.git_credentials import ANONYMOUS, git_credentials
from davit_operator.effects.git_proxy import git_proxy
from davit_operator.plan.git_address import git_address
from davit_operator.plan.git_reference import git_path, git_ref

FILES = {"jobs/__init__.py": b"", "jobs/hello.py": b"x = 1\n", "README": b"hello\n"}
# What a message must not be: it is shown in terminals and tables.
LONGEST = 2_500


def request_for(attack: Hostile, ca: bytes) -> GitRequest:
    """Return the request of a JobRepository, as the operator makes it."""
    credentials = replace(ANONYMOUS, ca=ca)
    if attack.name.startswith("secret"):
        # The server's authority is known, so that what follows is looked at, too.
        credentials = replace(git_credentials("s", "uid", attack.secret), ca=ca)
    return GitRequest(
        address=git_address(attack.url, LOCAL),
        ref=git_ref(**attack.git.get("ref", {})),
        namespace="netops",
        path=git_path(attack.git.get("path", "")),
        timeout_seconds=20,
        credentials=credentials,
        proxy=git_proxy("p", attack.proxy, LOCAL) if attack.proxy else None,
    )


def outcome(reader: GitReader, attack: Hostile, ca: bytes) -> tuple[Hostile, object]:
    """Return the files that were read, or what was raised."""
    try:
        tree = reader.fetch(reader.resolve(request_for(attack, ca)))
        return attack, {file.path: file.data for file in tree.files}
    # Whatever it is: the test says which may be.
    except Exception as error:  # noqa: BLE001
        return attack, error


def outcomes(
    reader: GitReader, attacks: Iterable[Hostile], ca: bytes
) -> list[tuple[Hostile, object]]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda attack: outcome(reader, attack, ca), attacks))


def assert_harmless(attack: Hostile, found: object) -> None:
    """Fail unless the attack got the repository's own files, or a sentence."""
    if isinstance(found, dict):
        served = set(found.items())
        inside = {(path.removeprefix("jobs/"), data) for path, data in FILES.items()}
        assert served <= set(FILES.items()) | inside, attack
        return
    assert isinstance(found, Blocked), (attack, found)
    assert found.message.endswith("."), (attack, found.message)
    assert found.message.isprintable(), (attack, found.message)
    assert 20 < len(found.message) < LONGEST, (attack, found.message)


def test_hundreds_of_hostile_texts_run_nothing_and_each_gets_a_sentence(
    reading: Reading, repository: RemoteRepository, tmp_path: Path
) -> None:
    marker = tmp_path / "ran" / "marker"
    marker.parent.mkdir()
    # Open to all, as most attacks are not about passwords.
    with git_server(tmp_path) as server:
        made = server.repository("jobs")
        made.push(dict(FILES))
        attacks = list(all_of_it(str(marker), f"127.0.0.1:{server.port}"))
        assert len(attacks) >= 300
        found = outcomes(reading.reader, attacks, server.ca.read_bytes())
    for attack, result in found:
        assert_harmless(attack, result)
    # Nor were all refused before anything was tried.
    assert sum(isinstance(result, dict) for _, result in found) > 10
    assert sum(isinstance(result, Waiting) for _, result in found) > 40
    assert list(marker.parent.iterdir()) == []
    assert repository.url


def test_hostile_keys_and_host_keys_run_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran" / "marker"
    marker.parent.mkdir()
    with git_server(tmp_path) as web, ssh_server(tmp_path) as server:
        web.repository("jobs").push(dict(FILES))
        identity = server.new_identity("ada")
        server.authorize("ada")
        keys = ssh_secrets(str(marker), identity, server.known_hosts())
        attacks = [
            Hostile(name=f"secret-{number}", git={"url": server.url("jobs")}, secret=each)
            for number, each in enumerate(keys)
        ]
        reader = GitReader(GitSettings(folder=tmp_path / "state"))
        found = outcomes(reader, attacks, b"")
    for attack, result in found:
        assert_harmless(attack, result)
    assert list(marker.parent.iterdir()) == []


@pytest.fixture
def hostile_repository(server: RunningServer, tmp_path: Path) -> Callable[[], RemoteRepository]:
    """Return what makes a repository whose every file is named as a command."""

    def make() -> RemoteRepository:
        made = server.repository("hostile-names")
        names = {*commands(str(tmp_path / "m")), *options(str(tmp_path / "m"))}
        made.push({name.replace("/", "_"): "x" for name in names})
        return made

    return make


def test_hostile_names_in_a_commit_run_nothing(
    reading: Reading, hostile_repository: Callable[[], RemoteRepository], tmp_path: Path
) -> None:
    made = hostile_repository()
    found = reading.files(reading.request(url=made.url))
    assert len(found) > 25
    assert not (tmp_path / "m").exists()
