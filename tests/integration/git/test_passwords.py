"""Who may read what: passwords and tokens that are right, wrong, changed or missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.broken import canned_server
from tests.gitserver.certificates import write_certificates
from tests.gitserver.running import RunningServer, git_server
from tests.gitserver.server import tls_context
from tests.integration.git.conftest import (
    CANARY,
    Reading,
    assert_no_canary,
    credentials,
    failure,
)

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Waiting
from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials, git_credentials
from davit_operator.plan.git_reference import git_ref

TOKEN = "canary-9Xq-token"  # noqa: S105 (of the test's own server)


@pytest.fixture
def users() -> dict[str, str]:
    """Return the server's users; it asks anew at each request."""
    return {"ada": CANARY}


@pytest.fixture
def guarded(tmp_path: Path, users: dict[str, str]) -> Iterator[Reading]:
    with git_server(tmp_path, users=users, tokens=frozenset({TOKEN})) as server:
        server.repository("jobs").push({"a.py": "x"})
        yield Reading(tmp_path / "state", server)


def bearer(server: RunningServer, token: str = TOKEN) -> GitCredentials:
    data = {"bearerToken": token.encode(), "ca.crt": server.ca.read_bytes()}
    return git_credentials("netops-token", "uid-token", data)


def test_a_bearer_token_opens_the_repository(guarded: Reading) -> None:
    request = guarded.request(credentials=bearer(guarded.server))
    assert guarded.files(request) == {"a.py": b"x"}


def test_a_wrong_bearer_token_is_named_by_its_secret(guarded: Reading) -> None:
    found = failure(guarded, credentials=bearer(guarded.server, f"{TOKEN}x"))
    assert (type(found), found.reason) == (Waiting, Reason.AUTHENTICATION_FAILED)
    assert 'the bearerToken of Secret "netops-token"' in found.message


def test_a_redirect_carries_no_bearer_token(guarded: Reading) -> None:
    tls = guarded.server.folder / "tls"
    context = tls_context(tls / "tls.crt", tls / "tls.key")
    head = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:%d/x\r\nContent-Length: 0\r\n\r\n"
    with (
        canned_server(context, b"HTTP/1.1 404 x\r\n\r\n") as (other, stolen),
        canned_server(context, head % other) as (port, asked),
    ):
        given = bearer(guarded.server)
        found = failure(guarded, url=f"https://127.0.0.1:{port}/x.git", credentials=given)
    assert "redirect" in found.message
    assert f"Authorization: Bearer {TOKEN}".encode() in asked[0]
    assert stolen == []


def test_a_password_that_was_replaced_is_used_at_once(
    guarded: Reading, users: dict[str, str]
) -> None:
    assert guarded.files(guarded.request())
    users["ada"] = "rotated"
    assert failure(guarded).reason is Reason.AUTHENTICATION_FAILED
    rotated = credentials(guarded.server, password="rotated")  # noqa: S106 (of the test)
    assert guarded.files(guarded.request(credentials=rotated)) == {"a.py": b"x"}


@pytest.mark.parametrize("given", ["wrong", "none"])
def test_who_knows_url_and_commit_reads_nothing_without_the_password(
    guarded: Reading, given: str
) -> None:
    contact = guarded.reader.resolve(guarded.request())
    assert guarded.reader.fetch(contact).files
    anonymous = replace(ANONYMOUS, ca=guarded.server.ca.read_bytes())
    # Even of the same namespace and Secret, whose mirror holds the commit.
    strangers = {"wrong": credentials(guarded.server, password="guess"), "none": anonymous}  # noqa: S106 (a wrong one)
    request = guarded.request(git_ref(commit=contact.commit), credentials=strangers[given])
    with pytest.raises(Waiting) as refused:
        guarded.reader.resolve(request)
    assert refused.value.reason is Reason.AUTHENTICATION_FAILED
    assert_no_canary(refused.value.message)
    with pytest.raises(ValueError, match="belongs to"):
        contact.sighting.contact(request)


def test_another_namespace_has_a_mirror_of_its_own(guarded: Reading) -> None:
    guarded.files(guarded.request())
    other = replace(guarded.request(), namespace="other")
    guarded.files(other)
    names = {path.name for path in guarded.folder.glob("mirrors/*.git")}
    assert names == {guarded.request().mirror_name, other.mirror_name}


def test_two_repositories_of_one_url_share_what_was_fetched(guarded: Reading) -> None:
    assert guarded.files(guarded.request())
    assert guarded.files(guarded.request()) == {"a.py": b"x"}
    assert len(list(guarded.folder.glob("mirrors/*.git/objects/pack/*.pack"))) == 1


def test_an_authority_that_has_expired_is_told_apart(guarded: Reading, tmp_path: Path) -> None:
    old = write_certificates(tmp_path / "old", ["127.0.0.1"], days=1)
    trusting = replace(guarded.credentials, ca=old.ca.read_bytes())
    with canned_server(tls_context(old.cert, old.key), b"HTTP/1.1 200 OK\r\n\r\n") as (port, asked):
        found = failure(guarded, url=f"https://127.0.0.1:{port}/x", credentials=trusting)
    assert found.reason is Reason.FETCH_FAILED
    assert 'key ca.crt of Secret "netops-git"' in found.message
    assert "has expired on Jan  2 00:00:00 2020 GMT" in found.message
    assert b"".join(asked) == b""
