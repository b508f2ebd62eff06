"""The Git server itself: what clients send it, and how it runs in a pod."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.gitserver import repositories as repositories_module
from tests.gitserver import server as server_module
from tests.gitserver.certificates import write_certificates
from tests.gitserver.repositories import create_repository, read_seed, seed
from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.integration.git.conftest import Reading

FILES = {"__init__.py": b"", "jobs/hello.py": "who = 'Ädä'\n".encode()}


def test_a_push_larger_than_gits_buffer_arrives_in_chunks(
    reading: Reading, pushing: Callable[[str], RemoteRepository]
) -> None:
    made = pushing("chunked")
    noise = hashlib.shake_256(b"davit").digest(3 * 2**20)
    made.push({"noise": noise})
    assert reading.files(reading.request(url=made.url)) == {"noise": noise}


def test_a_gzipped_request_is_understood(tmp_path: Path) -> None:
    with git_server(tmp_path) as server:
        server.repository("jobs").push({"a.py": "x"})
        context = ssl.create_default_context(cafile=str(server.ca))
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
        headers = {
            "Content-Type": "application/x-git-upload-pack-request",
            "Content-Encoding": "gzip",
            "Git-Protocol": "version=2",
        }
        body = gzip.compress(b"0014command=ls-refs\n0000")
        connection.request("POST", "/jobs.git/git-upload-pack", body, headers)
        assert b"refs/heads/main" in connection.getresponse().read()
        connection.close()


def test_a_seed_becomes_one_commit_that_is_the_same_everywhere(tmp_path: Path) -> None:
    source = tmp_path / "jobs.json"
    source.write_text(json.dumps({path: data.decode() for path, data in FILES.items()}))
    assert read_seed(source) == FILES
    root = tmp_path / "root"
    root.mkdir()
    seed(root, "jobs", source)
    # A second start leaves alone what was pushed meanwhile.
    seed(root, "jobs", source)
    printed = subprocess.run(
        ["git", "--git-dir=jobs.git", "rev-parse", "main"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert printed.strip() == "5961dc492d57730f980bc8790994a49eb48ba041"


def test_it_runs_as_a_program_beside_nothing_but_its_own_files(tmp_path: Path) -> None:
    package = tmp_path / "programs" / "gitserver"
    package.mkdir(parents=True)
    for module in (server_module, repositories_module):
        shutil.copy(str(module.__file__), package)
    certificates = write_certificates(tmp_path / "tls", ["127.0.0.1"])
    (tmp_path / "users").write_text("ada:secret\n")
    (tmp_path / "jobs.json").write_text(json.dumps({"a.py": "x = 1\n"}))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    arguments: list[str | Path] = [
        *(sys.executable, "-m", "gitserver.server", "--root", tmp_path / "data"),
        *("--host", "127.0.0.1"),
        *("--port", str(port), "--cert", certificates.cert, "--key", certificates.key),
        *("--auth-file", tmp_path / "users", "--seed", f"jobs={tmp_path}/jobs.json"),
    ]
    with subprocess.Popen(arguments, cwd=package.parent, stderr=subprocess.DEVNULL) as running:
        try:
            assert answers(port, certificates.ca, "/healthz") == 200
            assert answers(port, certificates.ca, "/jobs.git/info/refs") == 401
            server = RunningServer(
                port=port, folder=tmp_path, ca=certificates.ca, users={"ada": "secret"}
            )
            (tmp_path / "work").mkdir()
            work = RemoteRepository(
                url=server.url("jobs"),
                work=tmp_path / "work",
                ca=server.ca,
                user=("ada", "secret"),
            )
            work.git("clone", "--quiet", work.url, ".")
            commit = work.push({"a.py": "x = 2\n"})
            assert work.git("ls-remote", work.url, "refs/heads/main").startswith(commit)
        finally:
            running.terminate()


def answers(port: int, ca: Path, path: str) -> int:
    """Return the status of a GET, tried for 10 s."""
    context = ssl.create_default_context(cafile=str(ca))
    deadline = time.monotonic() + 10
    while True:
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()


def test_without_users_everybody_reads_and_pushes(tmp_path: Path) -> None:
    with git_server(tmp_path) as server:
        made = server.repository("open")
        assert create_repository(server.root, "open").is_dir()
        commit = made.push({"a.py": "x"})
        assert made.git("ls-remote", made.url, "refs/heads/main").split()[0] == commit
