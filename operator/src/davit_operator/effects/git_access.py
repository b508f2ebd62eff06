"""Whom git contacts, and the settings that lead it there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials
from davit_operator.effects.git_process import GitCommand, GitSetup
from davit_operator.effects.git_proxy import GitProxy
from davit_operator.effects.git_ssh import SshAccess
from davit_operator.plan.git_address import DEFAULT_PORTS, GitAddress
from davit_operator.plan.git_endpoint import Endpoint

_MAX_ATTEMPTS: Final = 4
# How long an address may take to accept where there is another one.
_GIVES_WAY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRemote:
    """A server for the length of one contact: the checked addresses and the credentials.

    ``pinned`` are the addresses that are connected to, whatever the name resolves to meanwhile:
    those of the proxy where there is one.
    """

    address: GitAddress
    timeout_seconds: float
    pinned: tuple[str, ...] = ()
    credentials: GitCredentials = field(default=ANONYMOUS, repr=False)
    proxy: GitProxy | None = field(default=None, repr=False)
    # How long an address may take to accept; 0: as long as the whole contact.
    connect_seconds: float = 0.0

    @property
    def contacted(self) -> Endpoint:
        """Return whom the operator itself connects to."""
        return self.proxy.endpoint if self.proxy else self.address

    @property
    def attempts(self) -> tuple[GitRemote, ...]:
        """Return it once for each address that must be tried apart: ssh takes one at a time."""
        if not self.address.is_ssh or len(self.pinned) < 2:  # noqa: PLR2004 (nothing to try apart)
            return (self,)
        tried = self.pinned[:_MAX_ATTEMPTS]
        share = min(self.timeout_seconds / len(tried), _GIVES_WAY_SECONDS)
        return tuple(replace(self, pinned=(each,), connect_seconds=share) for each in tried)


def network_command(
    setup: GitSetup, remote: GitRemote, arguments: tuple[str, ...], max_file_bytes: int = 0
) -> GitCommand:
    """Return the git command ``arguments`` as one that may speak with ``remote`` alone."""
    is_ssh, scheme = remote.address.is_ssh, remote.address.scheme
    return GitCommand(
        arguments=arguments,
        timeout_seconds=remote.timeout_seconds,
        protocol="" if scheme == "http" and not setup.allow_http else scheme,
        settings=() if is_ssh else _http_settings(setup, remote),
        files=() if is_ssh else _http_files(remote),
        ssh=_ssh_access(remote) if is_ssh else None,
        max_file_bytes=max_file_bytes,
    )


def _ssh_access(remote: GitRemote) -> SshAccess:
    address, credentials = remote.address, remote.credentials
    is_usual = address.port == DEFAULT_PORTS["ssh"]
    return SshAccess(
        known_as=address.host if is_usual else f"[{address.host}]:{address.port}",
        address=remote.pinned[0] if remote.pinned else address.host,
        connect_seconds=max(1, int(remote.connect_seconds or remote.timeout_seconds)),
        identity=credentials.identity,
        known_hosts=credentials.known_hosts,
        passphrase=credentials.passphrase,
    )


def _http_files(remote: GitRemote) -> tuple[tuple[str, bytes], ...]:
    proxy_ca = remote.proxy.ca if remote.proxy else b""
    files = (("ca", remote.credentials.ca), ("proxy-ca", proxy_ca))
    return tuple((name, content) for name, content in files if content)


def _http_settings(setup: GitSetup, remote: GitRemote) -> tuple[tuple[str, str, str], ...]:
    settings = [*_trusted(setup, remote.credentials)]
    if remote.credentials.header:
        # Bound to scheme, host and port.
        header = remote.credentials.header
        settings.append((f"http.{remote.address.origin}", "extraHeader", header))
    if remote.pinned:
        pinned = ",".join(f"[{each}]" if ":" in each else each for each in remote.pinned)
        at = f"{remote.contacted.host}:{remote.contacted.port}:{pinned}"
        settings.append(("http", "curloptResolve", at))
    if remote.proxy:
        trusted = "{proxy-ca}" if remote.proxy.ca else str(setup.system_ca)
        settings.append(("http", "proxy", remote.proxy.url))
        settings.append(("http", "proxySSLCAInfo", trusted))
    return tuple(settings)


def _trusted(setup: GitSetup, credentials: GitCredentials) -> tuple[tuple[str, str, str], ...]:
    """Return the settings that make libcurl believe the Secret's authorities, or the system's.

    Never both: beside the file that it is given libcurl reads the system's folder, each certificate
    by itself, which takes 47 of the 65 ms of an ``ls-remote``. So it is given an empty folder.
    """
    if credentials.ca:
        file = "{ca}"
    elif setup.system_ca.is_file():
        file = str(setup.system_ca)
    else:
        return ()
    return (("http", "sslCAInfo", file), ("http", "sslCAPath", str(setup.home)))
