"""An operator beside the cluster, so that a test can kill it and start another one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.proxy import Fault, Moment, Proxy, Write

SECONDS = 60
KILLED = -9


@dataclass(kw_only=True)
class HostOperator:
    """The operator as a process of this machine, which a write can kill."""

    proxy: Proxy
    environment: dict[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Run a new operator, unless one lives."""
        if self._process is not None and self._process.poll() is None:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "davit_operator"], env=self.environment, stderr=log
            )

    def dies_at(self, moment: Moment, matches: Callable[[Write], bool]) -> None:
        """Have the operator that lives now killed at the next write that ``matches``."""
        process = self._process
        assert process is not None
        self.proxy.fault = Fault(moment=moment, strike=process.kill, matches=matches)

    def await_death(self) -> None:
        """Return once it was killed, and there, and not otherwise."""
        process, fault = self._process, self.proxy.fault
        assert process is not None
        assert fault is not None
        assert process.wait(SECONDS) == KILLED, self.log.read_text()
        assert fault.has_struck

    def kill(self) -> None:
        """End it as the kernel does, at once."""
        process = self._process
        assert process is not None
        process.kill()
        process.wait(SECONDS)

    def stop(self) -> None:
        """End it as Kubernetes does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(SECONDS)
