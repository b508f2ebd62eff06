"""An operator beside the cluster, so that a test can kill it and start another one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.proxy import Fault, Moment, Proxy, Write

SECONDS = 60
KILLED = -9


@dataclass(kw_only=True)
class OperatorProcess:
    """The operator as a process of this machine."""

    environment: dict[str, str]
    log: Path
    # What Python runs.
    module: str = "davit_operator"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def lives(self) -> bool:
        """Return whether it was started, and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run a new operator, unless one lives."""
        if self.lives:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self.environment, stderr=log
            )

    def kill(self) -> None:
        """End it as the kernel does, at once."""
        process = self._running()
        process.kill()
        process.wait(SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._running().send_signal(number)

    def await_end(self) -> int:
        """Return its exit code, once it has ended."""
        return self._running().wait(SECONDS)

    def stop(self) -> None:
        """End it as Kubernetes does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(SECONDS)

    def peak_bytes(self) -> int:
        """Return the most memory that it had since ``forget_peak``, or its start."""
        status = Path(f"/proc/{self._running().pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def forget_peak(self) -> None:
        """Have the peak be what it has now."""
        Path(f"/proc/{self._running().pid}/clear_refs").write_text("5")

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process


@dataclass(kw_only=True)
class HostOperator(OperatorProcess):
    """An operator behind a proxy, which a write can kill."""

    proxy: Proxy

    def dies_at(self, moment: Moment, matches: Callable[[Write], bool]) -> None:
        """Have the operator that lives now killed at the next write that ``matches``."""
        process = self._running()
        self.proxy.fault = Fault(moment=moment, strike=process.kill, matches=matches)

    def await_death(self) -> None:
        """Return once it was killed, and there, and not otherwise."""
        process, fault = self._running(), self.proxy.fault
        assert fault is not None
        assert process.wait(SECONDS) == KILLED, self.log.read_text()
        assert fault.has_struck
