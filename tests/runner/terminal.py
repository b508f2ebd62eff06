"""A real terminal, with a program in it and a user before it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios

_PATIENCE_SECONDS = 60
_STEERING = re.compile(r"\x1b\[[0-9;]*m|\x1b\[K|\r|\n|[^\x1b\r\n]+")


class Terminal:
    """Runs ``command`` in a terminal of its own."""

    def __init__(self, command: list[str], *, columns: int = 80, **environment: str) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")}
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**kept, "TERM": "xterm", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no threads)
        )
        os.close(slave)
        self.said = ""

    def wait_for(self, text: str) -> None:
        """Return when ``text`` was printed."""
        while text not in self.said:
            assert self._read(), f"ended before it said {text!r}:\n{self.said}"

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._master, key.encode())

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        while self._read():
            pass
        return self._process.wait()

    def close(self) -> None:
        """Close the terminal, and end what still runs in it."""
        os.close(self._master)
        self._process.kill()
        self._process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], _PATIENCE_SECONDS)
        assert ready, f"said nothing more for {_PATIENCE_SECONDS} s:\n{self.said}"
        try:
            data = os.read(self._master, 4096)
        except OSError:
            # How Linux says that nobody has the terminal open any more.
            return False
        self.said += data.decode()
        return bool(data)

    @property
    def screen(self) -> list[str]:
        """The lines that its user sees, as if it had no end."""
        lines, column = [""], 0
        for item in _STEERING.findall(self.said):
            if item == "\n":
                lines.append("")
                column = 0
            elif item == "\r":
                column = 0
            elif item == "\x1b[K":
                lines[-1] = lines[-1][:column]
            elif not item.startswith("\x1b"):
                lines[-1] = lines[-1][:column] + item + lines[-1][column + len(item) :]
                column += len(item)
        return lines
