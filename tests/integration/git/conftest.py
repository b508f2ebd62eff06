"""What the tests of the Git reader share: a server, a person who pushes, and requests."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.gitserver.running import HOST_NAME, RemoteRepository, RunningServer, git_server

from davit_operator.api.errors import Blocked
from davit_operator.effects.git import GitReader, GitRequest, GitSettings
from davit_operator.effects.git_credentials import GitCredentials, git_credentials
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import GitRef, git_ref

CANARY = "canary-9Xq+pass:wörd"
LOCAL = HostPolicy(allowed_hosts=frozenset({"127.0.0.1", HOST_NAME}))


class Reading:
    """A reader of its own folder, and the requests of one JobRepository."""

    def __init__(self, folder: Path, server: RunningServer) -> None:
        self.folder = folder
        self.server = server
        self.reader = self.reader_with(GitSettings(folder=folder))
        self.credentials = credentials(server)

    def reader_with(self, settings: GitSettings) -> GitReader:
        """Return a reader to which every name is this machine."""
        return GitReader(settings, look_up=lambda _host, _port, _timeout: ("127.0.0.1",))

    def request(
        self,
        ref: GitRef | None = None,
        *,
        url: str = "",
        path: str = "",
        credentials: GitCredentials | None = None,
        timeout_seconds: float = 30,
    ) -> GitRequest:
        """Return a request for branch main of the repository ``jobs``, but for what is given."""
        return GitRequest(
            address=git_address(url or self.server.url("jobs"), LOCAL),
            ref=ref or git_ref(),
            namespace="netops",
            path=path,
            timeout_seconds=timeout_seconds,
            credentials=self.credentials if credentials is None else credentials,
        )

    def files(self, request: GitRequest) -> dict[str, bytes]:
        """Return what the request's commit holds, by path."""
        tree = self.reader.fetch(self.reader.resolve(request))
        return {file.path: file.data for file in tree.files}


def credentials(
    server: RunningServer, *, password: str = CANARY, uid: str = "uid-1"
) -> GitCredentials:
    """Return what a Secret for ``server`` holds."""
    data = {
        "username": b"ada",
        "password": password.encode(),
        "ca.crt": server.ca.read_bytes(),
    }
    return git_credentials("netops-git", uid, data)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Give a server that knows one user."""
    with git_server(tmp_path_factory.mktemp("git"), users={"ada": CANARY}) as running:
        yield running


@pytest.fixture(scope="module")
def repository(server: RunningServer) -> RemoteRepository:
    """Return the repository ``jobs``, with one commit on main."""
    made = server.repository("jobs")
    made.push({"jobs/__init__.py": "", "jobs/hello.py": "x = 1\n", "README": "hello\n"})
    return made


@pytest.fixture
def reading(tmp_path: Path, server: RunningServer, repository: RemoteRepository) -> Reading:
    """Return a reader with an empty folder."""
    assert repository.url == server.url("jobs")
    return Reading(tmp_path / "state", server)


@pytest.fixture
def pushing(server: RunningServer) -> Callable[[str], RemoteRepository]:
    """Return what makes further repositories."""
    return server.repository


def failure(reading: Reading, **request: object) -> Blocked:
    """Return how reading what ``request`` says fails; it shows no secret."""
    with pytest.raises(Blocked) as raised:
        reading.files(reading.request(**request))  # type: ignore[arg-type]  # the caller's words
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert_no_canary(shown)
    return raised.value


def assert_no_canary(text: str) -> None:
    """Fail when ``text`` holds the password, as it is or as it is sent."""
    encoded = base64.b64encode(f"ada:{CANARY}".encode()).decode()
    for secret in (CANARY, encoded, "canary-9Xq"):
        assert secret not in text
