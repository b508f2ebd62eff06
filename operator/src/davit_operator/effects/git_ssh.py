"""How git is made to use OpenSSH: one key, known hosts only, one address, nobody else's settings.

Git hands the command line of ssh to a shell, so what stands there is fixed text and numbers. All
that comes from users (addresses, names, keys) stands in a configuration file in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from davit_operator.effects.git_memory import MemoryFiles

# Prints the passphrase, which OpenSSH asks for by a program alone; it holds none itself.
ASKPASS: Final = '#!/bin/sh\nexec cat "$DAVIT_PASSPHRASE_FILE"\n'
_FIXED: Final = (
    "IdentitiesOnly yes",
    "IdentityAgent none",
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    "VerifyHostKeyDNS no",
    "CanonicalizeHostname no",
    "PreferredAuthentications publickey",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "HostbasedAuthentication no",
    "GSSAPIAuthentication no",
    "NumberOfPasswordPrompts 1",
    "ProxyCommand none",
    "ForwardAgent no",
    "ForwardX11 no",
    "ClearAllForwardings yes",
    "PermitLocalCommand no",
    "Tunnel no",
    "ControlMaster no",
    "ControlPath none",
    "RequestTTY no",
    # What went wrong, and nothing else.
    "LogLevel ERROR",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAccess:
    """One server, by name and checked address, and what is shown to it.

    ``known_as`` is the name that its host key is looked up by: ``host`` or ``[host]:port``.
    """

    known_as: str
    address: str
    connect_seconds: int
    identity: bytes = field(repr=False)
    known_hosts: bytes = field(repr=False)
    passphrase: str = field(default="", repr=False)


def ssh_settings(access: SshAccess, files: MemoryFiles) -> tuple[tuple[str, str, str], ...]:
    """Return Git's settings that lead to ``access`` and nowhere else."""
    lines = (
        *_FIXED,
        f"HostName {access.address}",
        f"HostKeyAlias {access.known_as}",
        f"ConnectTimeout {access.connect_seconds}",
        f"IdentityFile {files.add(access.identity).our_path}",
        f"UserKnownHostsFile {files.add(access.known_hosts).our_path}",
        # Nobody is asked anything, but a passphrase of the askpass program.
        f"BatchMode {'no' if access.passphrase else 'yes'}",
    )
    config = files.add(("Host *\n" + "".join(f"  {line}\n" for line in lines)).encode())
    return (
        ("core", "sshCommand", f"ssh -F {config.our_path}"),
        ("ssh", "variant", "ssh"),
    )


def ssh_environment(access: SshAccess, files: MemoryFiles, askpass: Path) -> tuple[str, ...]:
    """Return the variables that let OpenSSH open the key; the passphrase is not in them."""
    if not access.passphrase:
        return ()
    passphrase = files.add(access.passphrase.encode())
    return (
        f"SSH_ASKPASS={askpass}",
        "SSH_ASKPASS_REQUIRE=force",
        f"DAVIT_PASSPHRASE_FILE={passphrase.our_path}",
    )
