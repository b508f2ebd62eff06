"""Keys of Secrets that an attacker would write."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.commands import LONG, commands, options


def secrets(marker: str) -> Iterator[dict[str, bytes]]:
    """Yield the keys of Secrets for an https URL."""
    for command in commands(marker):
        yield {"username": command.encode(), "password": command.encode()}
        yield {"bearerToken": command.encode()}
    yield from (
        {"username": b"a", "password": bytes([code])} for code in (0, 9, 10, 13, 27, 127, 255)
    )
    yield {"username": b"a\r\nX: y", "password": b"x"}
    yield {"bearerToken": b"x\r\nHost: y"}
    yield {"username": LONG.encode(), "password": LONG.encode() * 7}
    yield {"ca.crt": b"-----BEGIN CERTIFICATE-----\n" + b"\xff" * 100}
    yield {"ca.crt": b"/etc/passwd"}
    yield {"caFile": b"-----BEGIN CERTIFICATE-----\n{ca}\n-----END CERTIFICATE-----\n"}
    yield {"../../etc/passwd".replace("/", "."): b"x"}
    yield {}


def ssh_secrets(marker: str, identity: bytes, known_hosts: bytes) -> Iterator[dict[str, bytes]]:
    """Yield the keys of Secrets for an ssh URL."""
    good = {"identity": identity, "known_hosts": known_hosts}
    for command in commands(marker):
        yield {**good, "password": command.encode()}
        yield {**good, "known_hosts": f"* ProxyCommand {command}\n".encode()}
        yield {**good, "identity": identity + f"\nProxyCommand {command}\n".encode()}
    yield {**good, "known_hosts": b"\xff\xfe\0" * 100}
    yield {
        **good,
        "identity": b"-----BEGIN OPENSSH PRIVATE KEY-----\n\n-----END OPENSSH PRIVATE KEY-----",
    }
    yield {**good, "identity": identity.replace(b"A", b"B")}


def proxies(marker: str) -> Iterator[dict[str, bytes]]:
    """Yield the keys of Secrets for a proxy."""
    for command in commands(marker)[:8]:
        yield {"address": f"http://{command}:1".encode()}
        yield {"address": command.encode()}
    for option in options(marker)[:4]:
        yield {"address": f"http://{option}".encode()}
    yield from (
        {"address": each} for each in (b"", b"\0", b"socks5://x", b"file:///x", b"http://127.0.0.2")
    )
    yield {"address": LONG.encode()}
