"""A pod without Kubernetes: the real runner, in real processes, over a folder."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from davit_contract import Outcome, decode

# Imports the runner once and forks it for each pod: an interpreter's start for every test would
# take most of the tier's time.
SERVER = """
import ctypes, json, os, sys
from davit._runner import discover, output, pod, records, supervise
from davit_contract import discovery, outcomes
for line in sys.stdin:
    mode, places, output = json.loads(line)
    if mode == "wait":
        print(os.waitstatus_to_exitcode(os.waitpid(places, 0)[1]), flush=True)
        continue
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(os.open(output, os.O_WRONLY), 1)
        # What a test installs.
        sys.path.append(os.path.dirname(output) + "/site-packages")
        code = 70
        try:
            live = {"run": pod.run_pod, "discover": pod.discovery_pod}[mode]
            code = live(pod.PodPlaces(**places))
            # The supervisor's own, without that of its child.
            status = open("/proc/self/status").read()
            peak = status.split("VmHWM:")[1].split()[0]
            open(os.path.dirname(output) + "/peak", "w").write(peak)
        finally:
            os._exit(code)
    print(pid, flush=True)
"""
HEAD = "import os, signal, subprocess, sys, threading, time\nfrom davit import *\n"


def packed(files: dict[str, str]) -> bytes:
    """Return ``files`` as an artifact."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def job_file(run_body: str, **extra: str) -> str:
    """Return a module with one registered job, J, whose ``run()`` is ``run_body``."""
    body = "\n".join(f"        {line}" for line in run_body.splitlines())
    return (
        f"{HEAD}{extra.get('before', '')}\nclass J(Job):\n{extra.get('members', '')}\n"
        f"    def run(self, **inputs):\n{body}\nregister_jobs(J)\n"
    )


def is_running(pid: int) -> bool:
    """Return whether the process lives; a zombie that waits for its reaper does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@dataclass(frozen=True, kw_only=True)
class Said:
    """Everything that a pod left behind."""

    exit_code: int
    outcome: Outcome
    records: list[dict[str, Any]]
    # The most memory that the supervisor ever had.
    peak_mebibytes: float

    @property
    def logs(self) -> list[tuple[str, str, str]]:
        """Level, grouping and message of each log record but the runner's own two."""
        found = [r for r in self.records if r["type"] == "log"]
        own = ("initialization", "post_run")
        return [
            (r["level"], r["grouping"], r["message"]) for r in found if r["grouping"] not in own
        ]

    def documents(self, kind: str) -> list[Any]:
        """The documents of one kind, joined from their parts."""
        texts: list[str] = []
        for record in self.records:
            if record["type"] == kind:
                if record["part"] == 1:
                    texts.append("")
                texts[-1] += record["data"]
        return [json.loads(text) for text in texts]

    @property
    def error(self) -> str:
        """The outcome's message, or ``""``."""
        return self.outcome.error["message"] if self.outcome.error else ""  # type: ignore[index]


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A runner at work."""

    pid: int
    output: BinaryIO
    server: Server

    def wait_for(self, text: bytes) -> None:
        """Return when a line with ``text`` was printed."""
        while text not in self.output.readline():
            pass

    def send_signal(self, number: int) -> None:
        """Send a signal to the supervisor."""
        os.kill(self.pid, number)

    def ended(self) -> tuple[bytes, int]:
        """Wait for the end; return the rest of the output, and the exit code."""
        with self.output:
            return self.output.read(), self.exit_code()

    def exit_code(self) -> int:
        """Wait for the end without reading on."""
        return self.server.ask("wait", self.pid, "")


class Server:
    """The process that forks runners."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", SERVER]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, mode: str, places: dict[str, str], output: str) -> Runner:
        """Start a runner whose standard output is the named pipe ``output``."""
        pid = self.ask(mode, places, output)
        return Runner(pid=pid, output=Path(output).open("rb"), server=self)

    def ask(self, *told: Any) -> int:
        """Tell the server something and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """End the server."""
        self._process.communicate(timeout=10)


class Pod:
    """A pod's places in ``folder``."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self._server = server
        (folder / "artifact").mkdir()
        (folder / "scratch").mkdir()

    def start(self, mode: str, files: dict[str, str] | bytes, **request: Any) -> Runner:
        """Start the runner over ``files``; ``request`` overrides what it is told."""
        data = files if isinstance(files, bytes) else packed(files)
        half = len(data) // 2
        (self.folder / "artifact" / "0").write_bytes(data[:half])
        (self.folder / "artifact" / "1").write_bytes(data[half:])
        told = {
            "version": 1,
            "subject": "uid-1",
            "namespace": "ns",
            "name": "run-1",
            "class_path": "code.J",
            "slug": "netops",
            "layout": "JobsRoot",
            "commit": "c0ffee",
            "artifact_digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "artifact_parts": 2,
            "time_limit_seconds": 20,
            "soft_time_limit_seconds": 0,
            **request,
        }
        (self.folder / "request.json").write_text(json.dumps(told))
        return self.start_as_is(mode)

    def start_app(self, mode: str, files: dict[str, str], **request: Any) -> Runner:
        """Start the runner where ``files`` are installed, without an artifact."""
        for name, text in files.items():
            path = self.folder / "site-packages" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        nothing = {"artifact_parts": 0, "artifact_digest": "", "slug": "", "layout": "App"}
        return self.start(mode, {}, **nothing, **request)

    def start_as_is(self, mode: str) -> Runner:
        """Start the runner over whatever stands in the places."""
        places = {
            "request_file": str(self.folder / "request.json"),
            "cancel_file": str(self.folder / "cancel"),
            "artifact_path": str(self.folder / "artifact"),
            "inputs_path": str(self.folder / "inputs"),
            "environment_path": str(self.folder / "environment"),
            "files_path": str(self.folder / "files"),
            "scratch_path": str(self.folder / "scratch"),
            "termination_path": str(self.folder / "termination"),
        }
        os.mkfifo(self.folder / "output")
        return self._server.start(mode, places, str(self.folder / "output"))

    def said(self, runner: Runner) -> Said:
        """Wait for the runner's end and return what it said."""
        output, exit_code = runner.ended()
        text = (self.folder / "termination").read_bytes()
        assert len(text) <= 4096
        lines = output.splitlines(keepends=True)
        assert all(len(line) <= 16 * 1024 for line in lines)
        records = [json.loads(line) for line in lines]
        outcome = decode(Outcome, text.decode())
        assert [r["sequence"] for r in records] == list(range(1, outcome.last_sequence + 1))
        peak = int((self.folder / "peak").read_text()) / 1024
        return Said(exit_code=exit_code, outcome=outcome, records=records, peak_mebibytes=peak)

    def run(self, run_body: str, *, members: str = "", before: str = "", **request: Any) -> Said:
        """Run a job whose ``run()`` is ``run_body``."""
        text = job_file(run_body, members=members, before=before)
        return self.said(self.start("run", {"code_.py": text}, class_path="code_.J", **request))

    def discover(self, files: dict[str, str], **request: Any) -> Said:
        """Discover the jobs in ``files``."""
        return self.said(self.start("discover", files, **request))
