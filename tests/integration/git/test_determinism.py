"""The same commit and path are the same artifact, on whatever machine an operator runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.gitserver.running import RemoteRepository, RunningServer, git_server

# What an operator does, as a process of its own: the url, the CA and the state folder are given.
PACK = """
import sys
from pathlib import Path
from davit_operator.effects.git import GitReader, GitSettings
from davit_operator.effects.git_credentials import git_credentials
from davit_operator.effects.git_request import GitRequest
from davit_operator.plan.artifact import pack
from davit_operator.plan.git_address import HostPolicy, git_address
from davit_operator.plan.git_reference import git_ref

url, ca, folder, commits = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
reader = GitReader(GitSettings(folder=folder))
for commit in commits:
    request = GitRequest(
        address=git_address(url, HostPolicy(allowed_hosts=frozenset({"127.0.0.1"}))),
        ref=git_ref(commit=commit),
        namespace="netops",
        timeout_seconds=30,
        path="jobs",
        ignore="*.md",
        credentials=git_credentials("git", "uid", {"ca.crt": ca.read_bytes()}),
    )
    artifact = pack(reader.fetch(reader.resolve(request)).files)
print(artifact.digest, [part.name for part in artifact.parts])
"""


def packed(
    remote: RemoteRepository,
    folder: Path,
    *commits: str,
    umask: int,
    **environment: str,
) -> str:
    """Return digest and names of the last commit, read by a process with this environment."""
    done = subprocess.run(
        [sys.executable, "-c", PACK, remote.url, str(remote.ca), str(folder), *commits],
        check=True,
        capture_output=True,
        text=True,
        umask=umask,
        env={"PATH": os.defpath, "HOME": str(folder), **environment},
    )
    return done.stdout


def test_the_same_commit_is_the_same_artifact_on_any_machine(tmp_path: Path) -> None:
    with git_server(tmp_path) as server:
        remote, first, second = with_two_commits(server)
        one = packed(
            remote,
            tmp_path / "one",
            second,
            umask=0o022,
            TZ="UTC",
            LC_ALL="C",
            PYTHONHASHSEED="0",
        )
        # Another one that has seen what came before, and lives elsewhere in every way.
        two = packed(
            remote,
            tmp_path / "a b" / "two",
            first,
            second,
            umask=0o077,
            TZ="Pacific/Kiritimati",
            LC_ALL="C.UTF-8",
            LANG="tr_TR.UTF-8",
            PYTHONHASHSEED="4711",
            PYTHONUTF8="0",
            PYTHONOPTIMIZE="2",
            SOURCE_DATE_EPOCH="1",
        )
    assert one.startswith("sha256:")
    assert one == two


def with_two_commits(server: RunningServer) -> tuple[RemoteRepository, str, str]:
    remote = server.repository()
    files: dict[str, str | bytes] = {"jobs/__init__.py": "", "jobs/Ä ü.py": "x = 1\n"}
    first = remote.push({**files, "jobs/i.py": "İ"})
    more = {f"jobs/data/{number:03}.bin": bytes([number]) * 999 for number in range(200)}
    remote.push({**files, **more, "jobs/README.md": "no part of it", "other/x.py": ""})
    (remote.work / "jobs" / "run.sh").write_text("#!/bin/sh\n")
    (remote.work / "jobs" / "run.sh").chmod(0o755)
    (remote.work / "jobs" / "link").symlink_to("run.sh")
    return remote, first, remote.push_work()
