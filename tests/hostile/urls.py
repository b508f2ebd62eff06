"""URLs that an attacker would write."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.commands import LONG, commands, options


def urls(marker: str, server: str) -> Iterator[str]:
    """Yield URLs; ``server`` is ``host:port`` of a server that answers."""
    for command in commands(marker):
        yield f"https://{server}/{command}"
        yield f"https://{server}/jobs.git{command}"
        yield f"https://{command}/jobs.git"
        yield f"https://{command}@{server}/jobs.git"
        yield f"ssh://git@{server}/{command}"
        yield f"ssh://{command}@{server}/jobs.git"
        yield f"ssh://git@{command}/jobs.git"
        yield f"git@{server}:{command}"
        yield f"ext::sh -c {command}"
        yield command
    for option in options(marker):
        yield option
        yield f"https://{option}/jobs.git"
        yield f"https://{server}/{option}"
        yield f"ssh://{option}/jobs.git"
        yield f"ssh://{option}@{server}/jobs.git"
        yield f"{option}@{server}:jobs.git"
        yield f"ext::git {option}"
    yield from other_urls(server)


def other_urls(server: str) -> Iterator[str]:
    """Yield URLs that lead elsewhere, or nowhere."""
    yield from (f"https://{server}/jobs{chr(code)}.git" for code in (*range(33), 127, 133, 0x2028))
    yield from (
        f"https://{server}/{each}" for each in ("../../etc/passwd", "%2e%2e/x", "%00", "%0a")
    )
    yield from (f"https://{server}/{LONG}", f"https://{LONG}.example.com/x", LONG)
    yield from (f"ssh://git@{server}/{each}" for each in ("%0aHost%20*", "x@[::1]:22/y", "~root/x"))
    yield from (
        "file:///etc/passwd",
        "/etc/passwd",
        "../jobs.git",
        ".",
        "",
        " ",
        "file://localhost/",
    )
    yield from ("fd::17", "fd::https://x/y", "git://x/y", "ftp://x/y", "http://x/y", "gopher://x/_")
    yield from (
        "transport::x",
        "testgit::x",
        "ext::",
        "::",
        "https:",
        "https://",
        "ssh://",
        "https:///x",
    )
    yield from (
        "https://exämple.com/x",
        "https://xn--/x",
        "https://\u202ecom.elpmaxe/x",
        "https://㏄/x",
    )
    yield from ("https://0x7f.1/x", "https://2130706433/x", "https://[::ffff:127.0.0.2]/x")
    yield from ("https://localhost/x", "https://169.254.169.254/x", "https://[fe80::1%25lo]/x")
    yield from ("https://metadata.google.internal/x", "https://127.0.0.2/x", "ssh://127.0.0.2/x")
    yield from (
        "https://a:b@c/x",
        "https://a@b@c/x",
        "https://c/x?a=b",
        "https://c/x#y",
        "https://c:0/x",
    )
