"""Starts daemons detached and ends exactly those: a recycled pid is never mistaken for ours."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.cluster.commands import POLL_SECONDS, last_lines, wait_until
from tests.cluster.files import write_file
from tests.cluster.progress import ClusterError

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A server to start: its command line, and how to tell that it serves."""

    name: str
    argv: Sequence[str | Path]
    ready: Callable[[], bool]
    ready_seconds: float = 60
    stop_seconds: float = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one process from every other, past and future."""

    pid: int
    start_ticks: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Return the identity of a living process; a zombie counts as dead."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The name, in parentheses, may itself hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        state, start_ticks = fields[0], int(fields[19])
        return None if state in "ZX" else cls(pid, start_ticks, BOOT_ID.read_text().strip())


class Processes:
    """The daemons of one cluster: a record and a log file for each."""

    def __init__(self, records: Path, logs: Path) -> None:
        self.records = records
        self.logs = logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def log(self, name: str) -> Path:
        """Return the file that holds a daemon's output."""
        return self.logs / f"{name}.log"

    def find(self, name: str) -> Identity | None:
        """Return the recorded process if it still is the one that was started."""
        try:
            recorded = Identity(**json.loads((self.records / f"{name}.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            # Never started, or a power cut left half a record.
            return None
        return recorded if Identity.of(recorded.pid) == recorded else None

    def launch(self, daemon: Daemon) -> None:
        """Start a daemon in its own session, unless it runs already."""
        if self.find(daemon.name):
            return
        before = self._children.pop(daemon.name, None)
        if before is not None:
            # It was killed by somebody else than ``stop``: nobody has heard of its end yet.
            before.wait()
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.log(daemon.name)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as output:
            self._children[daemon.name] = child = subprocess.Popen(
                [str(word) for word in daemon.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        identity = Identity.of(child.pid)
        if identity:
            write_file(self.records / f"{daemon.name}.json", json.dumps(asdict(identity)))

    def await_ready(self, daemon: Daemon) -> None:
        """Return once a launched daemon serves; raise with the end of its log if it died."""

        def ready_or_dead() -> bool:
            if self.find(daemon.name) is None:
                output = last_lines(self.log(daemon.name).read_text(errors="replace"))
                raise ClusterError(f"{daemon.name} ended at its start. Its last words:\n{output}")
            return daemon.ready()

        wait_until(
            ready_or_dead,
            daemon.ready_seconds,
            f"{daemon.name} runs but does not serve; see {self.log(daemon.name)}",
        )

    def start(self, *daemons: Daemon) -> None:
        """Launch daemons side by side and wait for all of them."""
        for daemon in daemons:
            self.launch(daemon)
        for daemon in daemons:
            self.await_ready(daemon)

    def stop(self, name: str, seconds: float = 20) -> None:
        """Ask a daemon to end; kill it when it does not. Nothing happens if it is not ours."""
        found = self.find(name)
        if found:
            end(found, seconds)
        if name in self._children:
            self._children.pop(name).wait()
        (self.records / f"{name}.json").unlink(missing_ok=True)


def end(process: Identity, seconds: float) -> None:
    """End a process by SIGTERM, then by SIGKILL, and return when it is gone."""
    send(process, signal.SIGTERM)
    try:
        wait_until(lambda: Identity.of(process.pid) != process, seconds, "")
    except ClusterError:
        send(process, signal.SIGKILL)
        stuck = f"Process {process.pid} survives SIGKILL: it hangs in the kernel"
        wait_until(lambda: Identity.of(process.pid) != process, 10 + POLL_SECONDS, stuck)


def send(process: Identity, number: signal.Signals) -> None:
    """Signal a process, if it still is the same one."""
    if Identity.of(process.pid) == process:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return
