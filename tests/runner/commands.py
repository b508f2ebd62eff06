"""The command ``davit`` in real processes, forked from one that has imported it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# An interpreter's start for every command would take most of the tier's time.
SERVER = """
import json, os, sys
import davit.testing, davit._runner.discover
from davit import __main__ as command
from davit._command import arguments
# Imports what it needs, which nobody could.
arguments.parsed(["check", "."])
for line in sys.stdin:
    arguments, folder, environment, out, err, as_nobody = json.loads(line)
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.setsid()
            os.chdir(folder)
            os.environ.update(environment)
            new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            for fd, path in ((1, out), (2, err)):
                os.dup2(os.open(path, new), fd)
            if as_nobody and os.geteuid() == 0:
                os.setuid(65534)
            code = command.main(arguments)
        except SystemExit as ended:
            code = ended.code
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Commands:
    """Runs commands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-c", SERVER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(
        self,
        *arguments: object,
        cwd: Path | None = None,
        as_nobody: bool = False,
        together: bool = False,
        **environment: str,
    ) -> Ended:
        """Return how ``davit`` ends with the arguments.

        As nobody not even root may read all; together both streams are in ``out``.
        """
        out = self._folder / "out"
        err = out if together else self._folder / "err"
        places = [str(path) for path in (out, err)]
        told = [[*map(str, arguments)], str(cwd or self._folder), environment, *places, as_nobody]
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(told) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        ended = Ended(code, out.read_text(), err.read_text())
        assert code in (0, 1, 2), ended.err
        return ended

    def stop(self) -> None:
        """End the process that runs them."""
        self._server.communicate(timeout=10)
