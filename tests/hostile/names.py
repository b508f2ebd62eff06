"""Names of branches, commits, folders and files that an attacker would write."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.commands import LONG, commands, options


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
