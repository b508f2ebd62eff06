"""``kubectl davit`` as a user starts it: a process with a kubeconfig."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from tests.runner.terminal import Terminal

_PATIENCE_SECONDS = 60


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Live:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._said = threading.Condition()
        self._leaves = False
        assert process.stdout
        assert process.stderr
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines))
            for stream, lines in ((process.stdout, self.lines), (process.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    def wait_for(self, text: str) -> None:
        """Return when a line holds ``text``, on either stream."""
        with self._said:
            found = self._said.wait_for(
                lambda: any(text in line for line in (*self.lines, *self.errors)),
                _PATIENCE_SECONDS,
            )
        assert found, f"never said {text!r}: {self.lines} {self.errors}"

    def stop_reading(self) -> None:
        """Leave, at the next line, as ``head`` does."""
        self._leaves = True

    def ended(self) -> int:
        """Return the exit code."""
        for reader in self._readers:
            reader.join(_PATIENCE_SECONDS)
        return self.process.wait(_PATIENCE_SECONDS)

    def _read(self, stream: IO[str], lines: list[str]) -> None:
        for line in stream:
            with self._said:
                lines.append(line.rstrip("\n"))
                self._said.notify_all()
            if self._leaves:
                break
        stream.close()


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """The command, with one kubeconfig and namespace."""

    kubeconfig: Path
    namespace: str
    options: Sequence[str] = field(default=())

    def __call__(self, verb: str, *arguments: str, stdin: str = "") -> Ended:
        """Return how ``kubectl davit VERB ARGUMENTS`` ends."""
        ended = subprocess.run(
            self._command(verb, *arguments),
            input=stdin,
            text=True,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
            env=self._environment(),
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    @contextmanager
    def live(self, verb: str, *arguments: str) -> Iterator[Live]:
        """Yield the command while it runs; what is left of it in the end is killed."""
        process = subprocess.Popen(
            self._command(verb, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
        )
        live = Live(process)
        try:
            yield live
        finally:
            process.kill()
            live.ended()

    def terminal(self, verb: str, *arguments: str) -> Terminal:
        """Return a terminal in which the command runs."""
        return Terminal(
            self._command(verb, *arguments), columns=200, KUBECONFIG=str(self.kubeconfig)
        )

    def completes(self, *words: str) -> str:
        """Return what kubectl is told at TAB after ``words``."""
        code = "from davit_kubectl.completion import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, "-n", self.namespace, *words],
            text=True,
            capture_output=True,
            check=True,
            env=self._environment(),
        ).stdout

    def acting(self, user: str) -> Plugin:
        """Return the command of another user."""
        return Plugin(kubeconfig=self.kubeconfig, namespace=self.namespace, options=["--as", user])

    def _command(self, verb: str, *arguments: str) -> list[str]:
        begin = [sys.executable, "-m", "davit_kubectl", "-n", self.namespace, *self.options]
        return [*begin, verb, *arguments]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "KUBECONFIG": str(self.kubeconfig)}
