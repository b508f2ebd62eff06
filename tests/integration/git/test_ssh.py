"""Repositories over ssh: a real OpenSSH on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.gitserver.broken import silent_server
from tests.gitserver.running import HOST_NAME, RemoteRepository, RunningServer, git_server
from tests.gitserver.sshd import SshServer, ssh_server
from tests.integration.git.conftest import LOCAL, Reading

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git import GitReader, GitRequest, GitSettings
from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials, git_credentials
from davit_operator.plan.git_address import git_address
from davit_operator.plan.git_reference import git_ref

PASSPHRASE = "canary passphrase ü'\"$x"  # noqa: S105 (opens what the test makes)


@dataclass(frozen=True, kw_only=True)
class Ssh:
    """A server, its repository ``jobs``, and what a Secret says to be let in."""

    server: SshServer
    repository: RemoteRepository
    identity: bytes

    def secret(self, **changes: bytes) -> GitCredentials:
        """Return the credentials of a Secret, with other keys than the right ones."""
        keys = {"identity": self.identity, "known_hosts": self.server.known_hosts(), **changes}
        data = {key: value for key, value in keys.items() if value}
        return git_credentials("netops-ssh", "uid-ssh", data)


def served(folder: Path, web: RunningServer, ssh: SshServer) -> Ssh:
    assert web.folder == folder
    made = web.repository("jobs")
    made.push({"jobs/__init__.py": "", "jobs/hello.py": "x = 1\n"})
    identity = ssh.new_identity("ada")
    ssh.authorize("ada")
    return Ssh(server=ssh, repository=made, identity=identity)


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ssh]:
    folder = tmp_path_factory.mktemp("ssh")
    with git_server(folder) as web, ssh_server(folder) as server:
        yield served(folder, web, server)


@pytest.fixture
def reader(tmp_path: Path) -> GitReader:
    return reader_at(tmp_path, "127.0.0.1")


def reader_at(folder: Path, *addresses: str) -> GitReader:
    return GitReader(GitSettings(folder=folder / "state"), lambda _host, _port, _seconds: addresses)


def request(ssh: Ssh, credentials: GitCredentials | None = None, url: str = "") -> GitRequest:
    return GitRequest(
        address=git_address(url or ssh.server.url("jobs"), LOCAL),
        ref=git_ref(),
        namespace="netops",
        timeout_seconds=30,
        credentials=ssh.secret() if credentials is None else credentials,
    )


def files(reader: GitReader, wanted: GitRequest) -> dict[str, bytes]:
    return {file.path: file.data for file in reader.fetch(reader.resolve(wanted)).files}


def refusal(reader: GitReader, wanted: GitRequest) -> Blocked:
    with pytest.raises(Blocked) as raised:
        files(reader, wanted)
    assert "canary" not in raised.value.message
    assert "/proc/" not in raised.value.message
    return raised.value


@pytest.mark.parametrize("speaks_v2", [True, False], ids=["version 2", "version 0"])
def test_branches_tags_and_commits_are_read_over_ssh(tmp_path: Path, speaks_v2: bool) -> None:
    with git_server(tmp_path) as web, ssh_server(tmp_path, speaks_v2=speaks_v2) as server:
        ssh, reader = served(tmp_path, web, server), reader_at(tmp_path, "127.0.0.1")
        made = ssh.repository
        made.tag("v1", message="Version 1")
        first = made.git("rev-parse", "HEAD")
        second = made.push({"a.py": "two"})
        branch = reader.resolve(request(ssh))
        assert (branch.commit, branch.revision) == (second, f"main@sha1:{second}")
        assert files(reader, request(ssh)) == {"a.py": b"two"}
        for ref in (git_ref(tag="v1"), git_ref(commit=first)):
            old = replace(request(ssh), ref=ref)
            assert reader.resolve(old).commit == first
            assert files(reader, old)["jobs/hello.py"] == b"x = 1\n"


def test_the_host_is_contacted_at_the_address_that_was_checked(ssh: Ssh, reader: GitReader) -> None:
    # The name is in no DNS, and the host key is known by that name.
    credentials = ssh.secret(known_hosts=ssh.server.known_hosts(HOST_NAME))
    assert files(reader, request(ssh, credentials, ssh.server.url("jobs", HOST_NAME)))


def test_an_address_that_does_not_answer_gives_way_to_the_next(ssh: Ssh, tmp_path: Path) -> None:
    reader = reader_at(tmp_path, "127.0.0.9", "127.0.0.8", "127.0.0.1")
    credentials = ssh.secret(known_hosts=ssh.server.known_hosts(HOST_NAME))
    contact = reader.resolve(request(ssh, credentials, ssh.server.url("jobs", HOST_NAME)))
    assert contact.pinned == ("127.0.0.1",)
    assert reader.fetch(contact).files


@pytest.mark.parametrize("pem", [False, True], ids=["OpenSSH's form", "PEM"])
def test_a_key_with_a_passphrase_is_opened(ssh: Ssh, reader: GitReader, pem: bool) -> None:
    identity = ssh.server.new_identity(f"closed-{pem}", PASSPHRASE, pem=pem)
    ssh.server.authorize("ada", f"closed-{pem}")
    opened = ssh.secret(identity=identity, password=PASSPHRASE.encode())
    assert files(reader, request(ssh, opened))
    wrong = ssh.secret(identity=identity, password=b"canary")
    found = refusal(reader, request(ssh, wrong))
    assert found.reason is Reason.AUTHENTICATION_FAILED
    assert "its key password opens the identity" in found.message


@pytest.mark.parametrize(
    "spoil",
    [lambda key: key.replace(b"\n", b"\r\n"), lambda key: b"\n  " + key.strip()],
    ids=["line ends of Windows", "no last line end"],
)
def test_a_key_is_read_however_it_was_pasted(ssh: Ssh, reader: GitReader, spoil: object) -> None:
    assert callable(spoil)
    assert files(reader, request(ssh, ssh.secret(identity=spoil(ssh.identity))))


def test_host_keys_may_be_hashed_commented_and_many(ssh: Ssh, reader: GitReader) -> None:
    other = ssh.server.new_identity("other-host")
    assert other
    public = (ssh.server.folder / "other-host.pub").read_text()
    known = f"# ours\r\ngit.example.com,192.0.2.1 {public}\n".encode() + ssh.server.known_hosts()
    assert files(reader, request(ssh, ssh.secret(known_hosts=known)))


def test_a_key_that_was_replaced_is_used_at_once(ssh: Ssh, reader: GitReader) -> None:
    assert files(reader, request(ssh))
    rotated = ssh.server.new_identity("rotated")
    ssh.server.authorize("rotated")
    try:
        assert refusal(reader, request(ssh)).reason is Reason.AUTHENTICATION_FAILED
        assert files(reader, request(ssh, ssh.secret(identity=rotated)))
    finally:
        ssh.server.authorize("ada")


def test_an_unknown_host_key_says_how_to_get_it(ssh: Ssh, reader: GitReader) -> None:
    known = ssh.server.known_hosts("git.example.com")
    found = refusal(reader, request(ssh, ssh.secret(known_hosts=known)))
    assert (type(found), found.reason) == (Waiting, Reason.FETCH_FAILED)
    assert "ssh-keyscan" in found.message
    assert "known_hosts" in found.message


def test_a_host_key_without_its_port_is_not_believed(ssh: Ssh, reader: GitReader) -> None:
    known = ssh.server.known_hosts().replace(
        f"[127.0.0.1]:{ssh.server.port}".encode(), b"127.0.0.1"
    )
    assert (
        "ssh-keyscan -p PORT"
        in refusal(reader, request(ssh, ssh.secret(known_hosts=known))).message
    )


@pytest.mark.parametrize("marker", ["", "@revoked "], ids=["another key", "a revoked key"])
def test_a_changed_host_key_warns_of_somebody_between(
    ssh: Ssh, reader: GitReader, marker: str
) -> None:
    known = ssh.server.known_hosts()
    if not marker:
        ssh.server.new_identity("false-host")
        false = (ssh.server.folder / "false-host.pub").read_text().split()[1]
        known = known.replace(known.split()[2], false.encode())
        (ssh.server.folder / "false-host").unlink()
    found = refusal(reader, request(ssh, ssh.secret(known_hosts=marker.encode() + known)))
    assert found.reason is Reason.FETCH_FAILED
    assert "Somebody may stand between" in found.message


def test_a_key_that_the_server_does_not_know_is_named_by_its_secret(
    ssh: Ssh, reader: GitReader
) -> None:
    strange = ssh.server.new_identity("strange")
    found = refusal(reader, request(ssh, ssh.secret(identity=strange)))
    assert (type(found), found.reason) == (Waiting, Reason.AUTHENTICATION_FAILED)
    assert 'the key identity of Secret "netops-ssh"' in found.message
    assert f'user "{ssh.server.user}"' in found.message


def test_a_repository_that_is_not_there_says_so(ssh: Ssh, reader: GitReader) -> None:
    found = refusal(reader, request(ssh, url=ssh.server.url("nothing")))
    assert found.reason is Reason.FETCH_FAILED
    assert "knows no such repository" in found.message


def test_a_port_where_nothing_listens_says_so(ssh: Ssh, reader: GitReader) -> None:
    url = f"ssh://git@127.0.0.9:{ssh.server.port}/x.git"
    policy = replace(LOCAL, allowed_hosts=frozenset({"127.0.0.9"}))
    wanted = replace(request(ssh), address=git_address(url, policy))
    assert "nothing accepts connections" in refusal(reader, wanted).message


def test_a_server_that_never_greets_is_left_in_time(ssh: Ssh, reader: GitReader) -> None:
    with silent_server() as port:
        wanted = replace(request(ssh, url=f"ssh://git@127.0.0.1:{port}/x.git"), timeout_seconds=1.0)
        found = refusal(reader, wanted)
    assert "within 1 s (spec.timeout)" in found.message


def test_a_server_that_speaks_https_is_no_ssh_server(ssh: Ssh, reader: GitReader) -> None:
    port = int(ssh.repository.url.split(":")[2].split("/")[0])
    found = refusal(reader, request(ssh, url=f"ssh://git@127.0.0.1:{port}/x.git"))
    assert "the connection broke off" in found.message


def test_a_key_that_openssh_cannot_read_is_named(ssh: Ssh, reader: GitReader) -> None:
    lines = ssh.identity.split(b"\n")
    broken = b"\n".join((lines[0], b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU=", *lines[-2:]))
    found = refusal(reader, request(ssh, ssh.secret(identity=broken)))
    assert "OpenSSH cannot read the key identity" in found.message


@pytest.mark.parametrize("credentials", ["none", "password"])
def test_without_a_key_the_field_and_keys_are_named(
    ssh: Ssh, reader: GitReader, reading: Reading, credentials: str
) -> None:
    given = ANONYMOUS if credentials == "none" else reading.credentials
    found = refusal(reader, request(ssh, given))
    assert (type(found), found.reason) == (Stalled, Reason.AUTHENTICATION_FAILED)
    assert "spec.source.git.secretRef" in found.message
    assert "identity" in found.message
    assert "known_hosts" in found.message


def test_a_key_is_not_shown_to_an_https_server(
    ssh: Ssh, reader: GitReader, reading: Reading
) -> None:
    found = refusal(reader, replace(reading.request(), credentials=ssh.secret()))
    assert (type(found), found.reason) == (Stalled, Reason.AUTHENTICATION_FAILED)
    assert "ssh" in found.message
