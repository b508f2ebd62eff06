"""Runs one git command so that nothing but what is written here reaches it.

GitPython starts the process; its own timeouts, texts and exceptions stay unused, as they hold the
command line. The command runs below ``env -i``, so that nothing of the operator's environment
reaches git. Its configuration, credentials included, is a file in memory that only this process
and its children can open: it stands neither in argv, nor in the environment, nor on a disk. A
server that sends without end, or what inflates without end, is stopped by limits of the kernel.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import IO, Final

from git.cmd import Git

from davit_operator.effects.git_memory import MemoryFiles
from davit_operator.effects.git_ssh import SshAccess, ssh_environment, ssh_settings

# Where Debian's images have env, prlimit and git.
DEFAULT_SEARCH_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
# Debian's bundle of authorities.
DEFAULT_SYSTEM_CA: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_MAX_STDERR_BYTES = 16 * 1024
_MAX_OUTPUT_BYTES = 4 * 1024 * 1024
# Of one process. Indexing the largest pack that is let through takes a third of it.
DEFAULT_MEMORY_BYTES: Final = 256 * 1024 * 1024
# How long a process may take to die once its session was killed.
_REAP_SECONDS = 10
_HARDENED = (
    ("core", "hooksPath", "/dev/null"),
    ("core", "fsmonitor", "false"),
    ("credential", "helper", ""),
    ("protocol", "allow", "never"),
    ("http", "followRedirects", "false"),
    ("http", "sslVerify", "true"),
    ("http", "proxy", ""),
    ("fetch", "fsckObjects", "true"),
    # Harmless, and common in the histories of old repositories.
    ("fetch.fsck", "zeroPaddedFilemode", "warn"),
    ("fetch.fsck", "missingSpaceBeforeDate", "warn"),
    ("fetch.fsck", "badTimezone", "warn"),
    # One pack per fetch: the number of files stays small.
    ("fetch", "unpackLimit", "1"),
    # Larger files are not held in memory whole.
    ("core", "bigFileThreshold", "1m"),
    ("pack", "threads", "1"),
    ("submodule", "recurse", "false"),
    ("gc", "auto", "0"),
    ("maintenance", "auto", "false"),
)


class GitFailedError(Exception):
    """Git ended with another exit code than 0; never leaves ``effects/git*``.

    ``stderr`` is kept out of ``str`` and ``repr``: it holds what the server said.
    """

    def __init__(self, exit_code: int, stderr: str) -> None:
        super().__init__(f"git ended with exit code {exit_code}")
        self.exit_code = exit_code
        self.stderr = stderr


class GitTimeoutError(Exception):
    """Git was killed when its time was up."""


class GitOutputError(Exception):
    """Git printed more than the caller can use."""


GitError = GitFailedError | GitTimeoutError | GitOutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSetup:
    """What is the same for all commands of an operator.

    ``home`` is an empty folder: HOME, and where git runs. ``askpass`` is the program that tells ssh
    a passphrase. ``system_ca`` are the PEM certificates of the authorities that everybody trusts;
    where there is no such file, libcurl's own choice holds.
    """

    home: Path
    askpass: Path
    system_ca: Path = DEFAULT_SYSTEM_CA
    search_path: str = DEFAULT_SEARCH_PATH
    allow_http: bool = False
    max_memory_bytes: int = DEFAULT_MEMORY_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCommand:
    """One command: ``arguments`` after ``git``, and what it may take.

    ``protocol`` is the one that it may speak, if any. ``settings`` are (section, key, value) of
    Git's configuration; ``files`` hold, by name, bytes that ``{name}`` in a setting's value is
    replaced by a path to. ``max_file_bytes``: the largest file that it may write, 0 for any.
    """

    arguments: tuple[str, ...]
    timeout_seconds: float
    protocol: str = ""
    ssh: SshAccess | None = None
    settings: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    stdin: bytes = field(default=b"", repr=False)
    max_file_bytes: int = 0


def git_output(setup: GitSetup, command: GitCommand) -> bytes:
    """Run ``command`` and return what it printed.

    Raises:
        GitFailedError, GitTimeoutError, GitOutputError: Of this module.
    """
    with git_stdout(setup, command) as stdout:
        printed = stdout.read(_MAX_OUTPUT_BYTES + 1)
        if len(printed) > _MAX_OUTPUT_BYTES:
            raise GitOutputError
    return printed


@contextmanager
def git_stdout(setup: GitSetup, command: GitCommand) -> Iterator[IO[bytes]]:
    """Run ``command``, giving its stdout; who stops reading early must raise.

    Raises:
        GitFailedError, GitTimeoutError: Of this module, when the block is left.
    """
    with ExitStack() as stack:
        # GitPython's handle terminates its process when nothing refers to it any more.
        handle = _start(setup, command, stack)
        process = _process(handle)
        stderr = _Drain(_pipe(process.stderr))
        # From here on every way out ends the whole session.
        stack.callback(_end, process, stderr)
        late = threading.Event()
        timer = threading.Timer(command.timeout_seconds, _kill_late, (process, late))
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
        try:
            yield _pipe(process.stdout)
            # At the end of its stdout git may still be at work.
            exit_code = process.wait()
        except Exception:
            # Half of an answer looks like a wrong one.
            if late.is_set():
                raise GitTimeoutError from None
            raise
        if late.is_set():
            raise GitTimeoutError
        if exit_code != 0:
            raise GitFailedError(exit_code, stderr.text())


def _start(setup: GitSetup, command: GitCommand, stack: ExitStack) -> object:
    files = stack.enter_context(MemoryFiles())
    paths = {name: files.add(content).inherited_path for name, content in command.files}
    settings = (*_HARDENED, *command.settings)
    environment = [*_environment(setup, command)]
    if command.protocol:
        settings += ((f"protocol.{command.protocol}", "allow", "always"),)
    if command.ssh:
        settings += ssh_settings(command.ssh, files)
        environment += ssh_environment(command.ssh, files, setup.askpass)
    config = files.add(_config_text(settings, paths).encode())
    environment.append(f"GIT_CONFIG_GLOBAL={config.inherited_path}")
    return Git(str(setup.home)).execute(
        [*_limits(setup, command), "env", "-i", *environment, "git", *command.arguments],
        as_process=True,
        # Typed as a BinaryIO, used as a descriptor.
        istream=_stdin(command, files, stack),  # type: ignore[arg-type]
        start_new_session=True,
        pass_fds=tuple(files.descriptors),
    )


def _stdin(command: GitCommand, files: MemoryFiles, stack: ExitStack) -> IO[bytes] | None:
    if not command.stdin:
        return None
    return stack.enter_context(Path(files.add(command.stdin).our_path).open("rb"))


def _process(handle: object) -> Popen[bytes]:
    process = getattr(handle, "proc", None)
    if not isinstance(process, Popen):
        raise TypeError("GitPython started no process")
    return process


def _limits(setup: GitSetup, command: GitCommand) -> tuple[str, ...]:
    files = (f"--fsize={command.max_file_bytes}",) if command.max_file_bytes else ()
    return ("prlimit", f"--data={setup.max_memory_bytes}", "--core=0", *files)


def _environment(setup: GitSetup, command: GitCommand) -> Sequence[str]:
    return (
        f"PATH={setup.search_path}",
        f"HOME={setup.home}",
        "LC_ALL=C.UTF-8",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0",
        f"GIT_ALLOW_PROTOCOL={command.protocol}",
        "GIT_PROTOCOL_FROM_USER=0",
        "GIT_NO_REPLACE_OBJECTS=1",
        # No repository around the home folder is found, and no configuration of it read.
        f"GIT_CEILING_DIRECTORIES={setup.home.parent}",
    )


def _config_text(settings: Sequence[tuple[str, str, str]], paths: dict[str, str]) -> str:
    lines = []
    for section, key, value in settings:
        name, _, subsection = section.partition(".")
        header = f"[{name} {_quoted(subsection)}]" if subsection else f"[{name}]"
        shown = paths.get(value[1:-1], value) if value.startswith("{") else value
        lines.append(f"{header}\n\t{key} = {_quoted(shown)}\n")
    return "".join(lines)


def _quoted(value: str) -> str:
    if any(c in value for c in "\0\r\n"):
        raise ValueError("a line break in a Git setting")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("GitPython opened no pipe")
    return stream


def _kill_late(process: Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: Popen[bytes]) -> None:
    # The whole session: git's transport and index-pack are children of git. A process that was
    # waited for is left alone: its number may be another's by now.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class _Drain:
    """Reads a pipe to its end in a thread, and keeps the first bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        self._kept = self._stream.read(_MAX_STDERR_BYTES)
        while self._stream.read(_MAX_STDERR_BYTES):
            pass

    def text(self) -> str:
        """Return the first bytes, when the pipe has come to its end."""
        self._thread.join(_REAP_SECONDS)
        return self._kept.decode(errors="replace")


def _end(process: Popen[bytes], stderr: _Drain) -> None:
    """Kill what is left of the session, reap git, and close its pipes."""
    if process.poll() is None:
        _kill(process)
        process.wait(_REAP_SECONDS)
    stderr.text()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
