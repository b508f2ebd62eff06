"""Texts that an attacker would write where a JobRepository names things.

Those that hold a command would leave the file ``marker`` behind if anything ran it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LONG = "a" * 10 * 1024


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """What to write where: ``git`` is spec.source.git, ``secret`` the keys of its Secret."""

    name: str
    git: Mapping[str, Any]
    secret: Mapping[str, bytes] = field(default_factory=dict)
    proxy: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return its URL."""
        return str(self.git["url"])


def commands(marker: str) -> tuple[str, ...]:
    """Return a command in the forms in which one slips into a shell, or past it."""
    touch = f"touch {marker}"
    return (
        touch,
        f"$({touch})",
        f"`{touch}`",
        f";{touch};",
        f"|{touch}",
        f"&&{touch}&&",
        f"x\n{touch}\n",
        f"';{touch};'",
        f'";{touch};"',
        touch.replace(" ", "${IFS}"),
        touch.replace(" ", "%20"),
        f"$(touch${{IFS}}{marker})",
    )


def options(marker: str) -> tuple[str, ...]:
    """Return options of git and ssh that would run a command."""
    return (
        f"--upload-pack=touch {marker}",
        f"--upload-pack=touch${{IFS}}{marker}",
        f"--receive-pack=touch {marker}",
        f"-u touch {marker}",
        f"--exec=touch {marker}",
        f"-ccore.sshCommand=touch {marker}",
        f"--config=core.pager=touch {marker}",
        f"--template={marker}",
        f"--output={marker}",
        f"-oProxyCommand=touch {marker}",
        f"-oProxyCommand=touch${{IFS}}{marker}",
        f"-oPermitLocalCommand=yes -oLocalCommand=touch {marker}",
        f"-F{marker}",
        "--help",
        "-",
        "--",
    )


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


def names(marker: str) -> Iterator[str]:
    """Yield names of branches and tags."""
    yield from commands(marker)
    yield from options(marker)
    yield from (f"a{chr(code)}b" for code in (0, 1, 9, 10, 13, 27, 32, 127))
    yield from (
        "..",
        "a..b",
        "../../x",
        "refs/heads/../../x",
        "a/../b",
        "/etc",
        "a/",
        "a//b",
        "a.lock",
    )
    yield from (
        "@{u}",
        "HEAD^{/x}",
        "HEAD~1",
        "a:b",
        "a*",
        "a?",
        "a[b]",
        "a\\b",
        "+a",
        "^a",
        ":/x",
        ":",
    )
    yield from (
        "",
        LONG,
        "a" * 256,
        "ü" * 128,
        "ä/日本/\u202e",
        "\ud7ff",
        "\U0001f4a3",
        "@",
        "HEAD",
        "FETCH_HEAD",
    )
    yield from ("a b", "a'b", 'a"b', "$HOME", "${IFS}", "%s%n", "{0}", "refs/tags/x", "0" * 40)


def commits(marker: str) -> Iterator[str]:
    """Yield what is no commit, or none that is there."""
    yield from commands(marker)
    yield from options(marker)[:6]
    yield from (
        "",
        "main",
        "HEAD",
        "0" * 39,
        "0" * 41,
        "G" * 40,
        "A" * 40,
        "0" * 40,
        "f" * 40,
        "\u0660" * 40,
    )


def paths(marker: str) -> Iterator[str]:
    """Yield folders."""
    yield from commands(marker)
    yield from options(marker)
    yield from (
        "..",
        "../..",
        "a/../../etc",
        "/etc",
        "/",
        "//",
        "./../x",
        ".git",
        "a/.git",
        ".GIT/x",
    )
    yield from (
        "a\0b",
        "a\nb",
        "a\x1bb",
        "\u202e",
        LONG,
        "a" * 1025,
        ":(glob)**",
        ":/",
        "HEAD:x",
        "ü/日本",
    )


def archive_names(marker: str) -> Iterator[str]:
    """Yield names of files, as they would stand in an archive."""
    yield from commands(marker)
    yield from options(marker)
    yield from (
        "..",
        ".",
        "../x.py",
        "a/../../x.py",
        "a/..",
        "./x.py",
        "a/./x.py",
        "a//x.py",
        "a/",
        "/etc/x.py",
        "..x.py",
        "...",
        "a..b/x.py",
    )
    yield from (f"a{chr(code)}b.py" for code in (0, 1, 9, 10, 13, 27, 127, 133, 0x2028, 0x202E))
    yield from (
        "",
        " ",
        "~root/x.py",
        "C:\\x.py",
        "..\\x.py",
        "CON",
        "x.py:stream",
        "ü/日本.py",
        "\U0001f4a3.py",
        LONG,
        "a/" * 511 + "x",
        "a" * 256 + ".py",
        ".git/hooks/post-checkout",
        "davit/__init__.py",
        "sitecustomize.py",
        "x.pth",
    )


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


def all_of_it(marker: str, server: str) -> Iterator[Hostile]:
    """Yield what needs no server of its own: each as one JobRepository."""
    good = f"https://{server}/jobs.git"
    kinds: tuple[tuple[str, Iterator[Mapping[str, Any]]], ...] = (
        ("url", ({"url": each} for each in urls(marker, server))),
        ("branch", ({"url": good, "ref": {"branch": each}} for each in names(marker))),
        ("tag", ({"url": good, "ref": {"tag": each}} for each in names(marker))),
        ("commit", ({"url": good, "ref": {"commit": each}} for each in commits(marker))),
        ("path", ({"url": good, "path": each} for each in paths(marker))),
    )
    for kind, found in kinds:
        for number, git in enumerate(found):
            yield Hostile(name=f"{kind}-{number}", git=git)
    for number, keys in enumerate(secrets(marker)):
        yield Hostile(name=f"secret-{number}", git={"url": good}, secret=keys)
    for number, keys in enumerate(proxies(marker)):
        yield Hostile(name=f"proxy-{number}", git={"url": good}, proxy=keys)
