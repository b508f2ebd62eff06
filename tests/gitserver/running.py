"""The Git server in the test's own process, and a person who pushes to it with the real git."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.gitserver.certificates import write_certificates
from tests.gitserver.repositories import create_repository
from tests.gitserver.server import GitServer, Serving, tls_context

# The name in the certificate beside 127.0.0.1: tests resolve it themselves.
HOST_NAME = "git.davit.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that answers at ``https://127.0.0.1:<port>/``."""

    port: int
    folder: Path
    ca: Path
    users: Mapping[str, str]
    scheme: str = "https"

    @property
    def root(self) -> Path:
        """Return where the bare repositories are."""
        return self.folder / "root"

    def url(self, name: str, host: str = "127.0.0.1") -> str:
        """Return the URL of the repository ``name``."""
        return f"{self.scheme}://{host}:{self.port}/{name}.git"

    def repository(self, name: str = "jobs") -> RemoteRepository:
        """Make the repository ``name`` on the server, and a working copy to push from."""
        create_repository(self.root, name)
        work = self.folder / f"{name}-work"
        work.mkdir()
        user = next(iter(self.users.items()), ("", ""))
        made = RemoteRepository(url=self.url(name), work=work, ca=self.ca, user=user)
        made.git("init", "--quiet", "--initial-branch=main")
        made.git("remote", "add", "origin", made.url)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRepository:
    """A repository on the server: all changes are pushed over HTTPS."""

    url: str
    work: Path
    ca: Path
    user: tuple[str, str] = field(repr=False)

    def push(
        self, files: Mapping[str, str | bytes], *, branch: str = "main", force: bool = False
    ) -> str:
        """Commit ``files`` (by path; nothing else stays) on ``branch``; return the commit's hash.

        ``force``: the commit has no parent, and replaces the branch.
        """
        if force or not self._has(branch):
            self.git("checkout", "--quiet", "--orphan", "replaced")
            self.git("branch", "--quiet", "--force", "-D", branch, check=False)
            self.git("branch", "--quiet", "-m", branch)
        else:
            self.git("checkout", "--quiet", branch)
        self.git("rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".")
        for path, content in files.items():
            file = self.work / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.push_work(branch)

    def push_work(self, branch: str = "main") -> str:
        """Commit what stands in the working copy, and push it; return the commit's hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, *, message: str = "", target: str = "HEAD") -> None:
        """Push a tag; with a message an annotated one."""
        extra = ("--annotate", "--message", message) if message else ()
        self.git("tag", "--force", *extra, name, target)
        self.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}")

    def delete(self, full_name: str) -> None:
        """Delete a branch or tag, by its full name, on the server."""
        self.git("push", "--quiet", "--delete", "origin", full_name)

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run the real git in the working copy; return what it prints."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.work,
            env=self._environment(),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"git {arguments}: {done.stderr}")
        return done.stdout.strip()

    def _has(self, branch: str) -> bool:
        return bool(self.git("for-each-ref", f"refs/heads/{branch}"))

    def _environment(self) -> dict[str, str]:
        name, password = self.user
        helper = f'!f() {{ echo "username={name}"; echo "password={password}"; }}; f'
        settings = {
            "user.name": "Ada",
            "user.email": "ada@example.com",
            "http.sslCAInfo": str(self.ca),
            "credential.helper": helper,
            "core.hooksPath": os.devnull,
        }
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.work),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (key, value) in enumerate(settings.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environment


@contextmanager
def git_server(
    folder: Path,
    *,
    users: Mapping[str, str] | None = None,
    tokens: frozenset[str] = frozenset(),
    speaks_v2: bool = True,
    any_hash: bool = True,
    tls: bool = True,
) -> Iterator[RunningServer]:
    """Serve ``<folder>/root`` on a free port of the loopback until the block is left."""
    certificates = write_certificates(folder / "tls", [HOST_NAME, "127.0.0.1"])
    root = folder / "root"
    root.mkdir()
    serving = Serving(
        root=root, users=users or {}, tokens=tokens, speaks_v2=speaks_v2, any_hash=any_hash
    )
    context = tls_context(certificates.cert, certificates.key) if tls else None
    with GitServer(("127.0.0.1", 0), serving, context) as server:
        # The default poll of half a second is what a test would wait for at its end.
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield RunningServer(
            port=server.server_address[1],
            folder=folder,
            ca=certificates.ca,
            users=users or {},
            scheme="https" if tls else "http",
        )
        server.shutdown()
        thread.join()
