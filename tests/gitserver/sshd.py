"""A real OpenSSH server for the bare repositories of a test, on a free port of the loopback."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import wait_until
from tests.gitserver.openssh import libraries_of, sshd_program

_STARTS_WITHIN_SECONDS = 30
_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
{more}
"""
# As root the server wants accounts and a folder that the machine may lack; here alone they are so.
_PREPARE = """\
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/shadow /etc/shadow
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd
exec "$0" "$@"
"""
_ACCOUNTS = """\
root:x:0:0:root:/root:/bin/sh
git:x:0:0:git:{folder}:/bin/sh
sshd:x:65533:65533::/nonexistent:/usr/sbin/nologin
"""
_LOCKS = "root:*:1::::::\ngit:*:1::::::\nsshd:*:1::::::\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SshServer:
    """A server that answers at ``ssh://<user>@127.0.0.1:<port>/``."""

    port: int
    folder: Path
    user: str

    def url(self, name: str, host: str = "127.0.0.1", user: str = "") -> str:
        """Return the URL of the repository ``name``."""
        return f"ssh://{user or self.user}@{host}:{self.port}{self.folder}/root/{name}.git"

    def known_hosts(self, host: str = "127.0.0.1", port: int = 0) -> bytes:
        """Return the server's host key as `ssh-keyscan` prints it."""
        kind, key = (self.folder / "host_key.pub").read_text().split()[:2]
        return f"[{host}]:{port or self.port} {kind} {key}\n".encode()

    def new_identity(self, name: str, passphrase: str = "", *, pem: bool = False) -> bytes:
        """Make a private key, in OpenSSH's form or the older one; the server does not know it."""
        write_key(self.folder / name, passphrase, pem=pem)
        return (self.folder / name).read_bytes()

    def authorize(self, *names: str) -> None:
        """Let in the keys of these names, and no others."""
        keys = [(self.folder / f"{name}.pub").read_text() for name in names]
        (self.folder / "authorized_keys").write_text("".join(keys))


def write_key(path: Path, passphrase: str = "", *, pem: bool = False) -> None:
    """Write a private key, and its public key beside it."""
    kind = ["-t", "ecdsa", "-m", "PEM"] if pem else ["-t", "ed25519"]
    words = ["ssh-keygen", "-q", *kind, "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


@contextmanager
def ssh_server(folder: Path, *, speaks_v2: bool = True) -> Iterator[SshServer]:
    """Serve ``<folder>/root`` until the block is left; ``speaks_v2`` as the HTTPS server has it."""
    program = sshd_program()
    (folder / "root").mkdir(exist_ok=True)
    write_key(folder / "host_key")
    (folder / "authorized_keys").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    more = "AcceptEnv GIT_PROTOCOL" if speaks_v2 else ""
    config = folder / "sshd_config"
    config.write_text(_CONFIG.format(port=port, folder=folder, more=more))
    words = [str(program), "-D", "-e", "-f", str(config)]
    is_root = os.geteuid() == 0
    if is_root:
        (folder / "passwd").write_text(_ACCOUNTS.format(folder=folder))
        (folder / "shadow").write_text(_LOCKS)
        prepare = ["sh", "-e", "-c", _PREPARE.format(folder=folder)]
        words = ["unshare", "--mount", "--propagation", "private", *prepare, *words]
    log = folder / "sshd.log"
    environment = {"PATH": os.defpath, "LD_LIBRARY_PATH": libraries_of(program)}
    with (
        log.open("wb") as output,
        subprocess.Popen(words, stderr=output, env=environment) as running,
    ):
        try:
            wait_until(lambda: b"listening" in log.read_bytes(), _STARTS_WITHIN_SECONDS, "no sshd")
            yield SshServer(port=port, folder=folder, user="git" if is_root else getpass.getuser())
        finally:
            running.terminate()
