"""Each failure has its own reason, sentence and remedy, and none shows or spreads a secret."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.broken import canned_server, silent_server
from tests.gitserver.certificates import write_certificates
from tests.gitserver.running import HOST_NAME, RemoteRepository, git_server
from tests.gitserver.server import tls_context
from tests.integration.git.conftest import CANARY, LOCAL, Reading, credentials, failure

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.effects.git_credentials import ANONYMOUS
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_ref

Push = Callable[[str], RemoteRepository]
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def status(line: str, body: str = "") -> bytes:
    head = f"HTTP/1.1 {line}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n"
    return (head + body).encode()


def test_a_wrong_password_is_named_by_its_secret(reading: Reading) -> None:
    wrong = credentials(reading.server, password=f"{CANARY}x")
    found = failure(reading, credentials=wrong)
    assert (type(found), found.reason) == (Waiting, Reason.AUTHENTICATION_FAILED)
    assert 'Secret "netops-git"' in found.message


def test_no_credentials_says_where_they_go(reading: Reading) -> None:
    anonymous = replace(ANONYMOUS, ca=reading.server.ca.read_bytes())
    found = failure(reading, credentials=anonymous)
    assert found.reason is Reason.AUTHENTICATION_FAILED
    assert "spec.source.git.secretRef" in found.message


@pytest.mark.parametrize("ca", ["another", "none"])
def test_a_certificate_of_an_unknown_authority_says_where_to_put_it(
    reading: Reading, tmp_path: Path, ca: str
) -> None:
    other = write_certificates(tmp_path / "other", ["x"]).ca.read_bytes() if ca != "none" else b""
    found = failure(reading, credentials=replace(reading.credentials, ca=other))
    assert (type(found), found.reason) == (Waiting, Reason.FETCH_FAILED)
    assert "ca.crt" in found.message
    assert "TLS failed" in found.message


def test_the_authorities_of_the_system_are_believed_where_a_secret_names_none(
    reading: Reading,
) -> None:
    settings = GitSettings(folder=reading.folder, system_ca=reading.server.ca)
    without_ca = reading.request(credentials=replace(reading.credentials, ca=b""))
    reader = reading.reader_with(settings)
    assert reader.resolve(without_ca).commit
    # The Secret's ones stand in their place.
    other = write_certificates(reading.folder / "other", ["x"]).ca.read_bytes()
    with pytest.raises(Waiting, match="TLS failed"):
        reader.resolve(reading.request(credentials=replace(reading.credentials, ca=other)))


def test_a_certificate_for_another_host_is_refused(reading: Reading) -> None:
    policy = HostPolicy(allowed_hosts=frozenset({"other.davit.test"}))
    address = git_address(reading.server.url("jobs", "other.davit.test"), policy)
    with pytest.raises(Waiting, match="TLS failed"):
        reading.reader.resolve(replace(reading.request(), address=address))


def test_an_expired_certificate_is_refused(reading: Reading, tmp_path: Path) -> None:
    old = write_certificates(tmp_path, ["127.0.0.1"], days=1)
    trusting = replace(reading.credentials, ca=old.ca.read_bytes())
    with canned_server(tls_context(old.cert, old.key), status("200 OK")) as (port, asked):
        found = failure(reading, url=f"https://127.0.0.1:{port}/x", credentials=trusting)
    assert "TLS failed" in found.message
    assert b"".join(asked) == b""


@pytest.fixture
def answering(
    reading: Reading,
) -> Callable[[bytes], tuple[Blocked, list[bytes]]]:
    """Return what a server that always gives one answer makes of a request."""
    tls = reading.server.folder / "tls"

    def ask(answer: bytes) -> tuple[Blocked, list[bytes]]:
        with canned_server(tls_context(tls / "tls.crt", tls / "tls.key"), answer) as (port, asked):
            return failure(reading, url=f"https://127.0.0.1:{port}/certificate.git"), asked

    return ask


def test_a_redirect_is_refused_and_carries_no_credentials(
    reading: Reading, answering: Callable[[bytes], tuple[Blocked, list[bytes]]]
) -> None:
    tls = reading.server.folder / "tls"
    with canned_server(tls_context(tls / "tls.crt", tls / "tls.key"), status("404 x")) as (
        port,
        stolen,
    ):
        found, asked = answering(REDIRECT % f"https://127.0.0.1:{port}/x".encode())
    assert (found.reason, "redirect" in found.message) == (Reason.FETCH_FAILED, True)
    assert b"Authorization: Basic" in asked[0]
    assert stolen == []


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (status("401 Unauthorized"), Reason.AUTHENTICATION_FAILED, "refused the username"),
        (status("403 Forbidden"), Reason.AUTHENTICATION_FAILED, "denies access to the username"),
        (status("404 Not Found"), Reason.FETCH_FAILED, "no such repository"),
        (status("429 Too Many Requests"), Reason.FETCH_FAILED, "Raise spec.interval"),
        (status("500 Internal Server Error"), Reason.FETCH_FAILED, "out of order"),
        (status("503 Unavailable"), Reason.FETCH_FAILED, "out of order"),
        (status("200 OK", "<html>\n<h1>certificate</h1>\n"), Reason.FETCH_FAILED, "no Git server"),
        (status("418 Teapot", f"fatal: {CANARY}"), Reason.FETCH_FAILED, "Git said"),
        (b"nonsense", Reason.FETCH_FAILED, "Could not read"),
    ],
    ids=[
        *("unauthorized", "forbidden", "not found", "too many requests", "a broken server"),
        *("unavailable", "a web page", "an odd status", "no HTTP"),
    ],
)
def test_an_answer_has_its_own_sentence(
    answering: Callable[[bytes], tuple[Blocked, list[bytes]]],
    answer: bytes,
    reason: Reason,
    words: str,
) -> None:
    found, _ = answering(answer)
    assert (type(found), found.reason) == (Waiting, reason)
    assert words in found.message


def test_a_server_that_repeats_the_credentials_does_not_spread_them(
    answering: Callable[[bytes], tuple[Blocked, list[bytes]]],
) -> None:
    said = f"ERR you are {CANARY}"
    packet = f"{len(said.encode()) + 4:04x}{said}"
    kind = "application/x-git-upload-pack-advertisement"
    body = f"001e# service=git-upload-pack\n0000{packet}"
    found, _ = answering(status(f"200 OK\r\nContent-Type: {kind}", body))
    assert "***" in found.message


def test_a_port_where_nothing_listens_says_so(reading: Reading) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = failure(reading, url=f"https://127.0.0.1:{port}/x")
    assert "nothing accepts connections" in found.message


def test_a_server_that_never_answers_is_left_in_time(reading: Reading) -> None:
    with silent_server() as port:
        found = failure(reading, url=f"https://127.0.0.1:{port}/x", timeout_seconds=0.5)
    assert (type(found), found.reason) == (Waiting, Reason.FETCH_FAILED)
    assert "within 0.5 s (spec.timeout)" in found.message


def test_a_name_without_addresses_says_so(tmp_path: Path, reading: Reading) -> None:
    def look_up(host: str, port: int, timeout_seconds: float) -> tuple[str, ...]:
        raise OSError(host, port, timeout_seconds)

    reader = GitReader(GitSettings(folder=tmp_path), look_up)
    request = reading.request(url=f"https://{HOST_NAME}/x")
    with pytest.raises(Waiting, match="no address in DNS") as found:
        reader.resolve(request)
    assert found.value.reason is Reason.FETCH_FAILED


def test_a_name_that_resolves_to_loopback_is_never_contacted(reading: Reading) -> None:
    url = reading.server.url("jobs", HOST_NAME)
    request = replace(reading.request(), address=git_address(url, HostPolicy()))
    with pytest.raises(Stalled, match="a loopback address") as refused:
        reading.reader.resolve(request)
    assert refused.value.reason is Reason.URL_REFUSED


def test_a_repository_of_sha256_hashes_is_refused(reading: Reading) -> None:
    made = reading.server.repository("sha1")
    bare = str(reading.server.root / "sha256.git")
    made.git("init", "--quiet", "--bare", "--object-format=sha256", bare)
    made.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main", "inner")
    inner = replace(made, work=made.work / "inner", url=reading.server.url("sha256"))
    inner.git("remote", "add", "origin", inner.url)
    inner.push({"a.py": "x"})
    assert "SHA-256" in failure(reading, url=inner.url).message


def test_http_is_read_where_the_settings_allow_it(tmp_path: Path) -> None:
    with git_server(tmp_path, tls=False) as server:
        made = server.repository("jobs")
        made.push({"a.py": "x"})
        policy = HostPolicy(allow_http=True, allowed_hosts=LOCAL.allowed_hosts)
        reading = Reading(tmp_path / "state", server)
        request = replace(
            reading.request(git_ref(), url=f"https://{HOST_NAME}/x", credentials=ANONYMOUS),
            address=git_address(made.url, policy),
        )
        reader = reading.reader_with(GitSettings(folder=tmp_path / "http", allow_http=True))
        assert len(reader.fetch(reader.resolve(request)).files) == 1
        # The same address, to a reader that was not told so.
        with pytest.raises(Waiting):
            reading.reader.resolve(request)
