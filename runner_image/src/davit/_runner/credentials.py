"""Credentials that a text shows by the words around them: ``password: x``, ``scheme://user:x@host``.

These are the patterns of Nautobot's sanitizer (its setting ``SANITIZER_PATTERNS``), and what they
miss: ``password=x``, ``token: x``, ``Authorization: Bearer x``. One is narrower here: there it is
all that stands before an ``@``, which makes ``(redacted)@example.com`` of an e-mail address, no
secret and often what a log is read for, and takes time by the square of the text's length.

Each pattern stays within a line, so a text may be cut into lines before or after. Each is linear:
what it repeats it never gives back (``++``), and no match can begin inside what one repeats.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "(redacted)"

# Without one of these, in lower case, a text holds no credential that a pattern could find.
_SIGNS = ("@", "passw", "pwd", "secret", "username", "token", "key", "passp", "auth", "bearer")

_NAUTOBOTS = "username|password|passwd|pwd|secrets?"
_OURS = "passphrase|token|(?:api|access|auth|private|secret|session)[_-]?key"
_QUOTE = r"""\\?["']?"""
_BLANK = r"[^\S\n]"
# A quoted value ends at its quote; anything else at the next blank.
_VALUE = r"""("(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|\S++)"""
_ASSIGNED = rf"(?:{_NAUTOBOTS}|{_OURS}){_QUOTE}{_BLANK}*+(?:=>|:=|[:=]){_BLANK}*+"
_SAID = rf"(?:{_NAUTOBOTS}){_QUOTE}(?:{_BLANK}++is.?|:)?{_BLANK}++"
_SCHEME = rf"(?:basic|bearer|digest|negotiate|ntlm|token){_BLANK}++"
_HEADER = rf"authorization{_QUOTE}{_BLANK}*+[:=]{_BLANK}*+{_QUOTE}(?:{_SCHEME})?"
# What may stand before a colon in front of an e-mail address.
_LABELS = "from|to|b?cc|e-?mail|mailto|sips?|author|by|contact|maintainer|user"


def redacted(text: str) -> str:
    """Return ``text`` without the credentials that its words point at."""
    return _replaced(text, _words) if may_hold_any(text) else text


def redacted_data(text: str) -> str:
    """Return ``text`` without those that a sign points at: ``=``, ``:``, ``://``.

    For what programs read: a sentence such as "password changed" stays what it is.
    """
    return _replaced(text, _assignments) if may_hold_any(text) else text


def may_hold_any(text: str) -> bool:
    """Return False where no pattern can match; that is quick, and true of most texts."""
    lower = text.lower()
    for sign in _SIGNS:  # noqa: SIM110 (every line of a log comes here; a generator is slower)
        if sign in lower:
            return True
    return False


def _replaced(text: str, words: Callable[[], re.Pattern[str]]) -> str:
    if "@" in text:
        text = _addresses().sub(rf"\1{MARK}@", text)
    text = _headers().sub(rf"\1\2{MARK}", text)
    return words().sub(_without_value, text)


def _without_value(found: re.Match[str]) -> str:
    before, value = found[1], found[2]
    quoted = len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]
    return f"{before}{value[0]}{MARK}{value[0]}" if quoted else f"{before}{MARK}"


# Compiled when the first text needs them: most runs never do, and would wait for it.


@cache
def _words() -> re.Pattern[str]:
    return re.compile(f"({_ASSIGNED}|{_SAID}){_VALUE}", re.IGNORECASE)


@cache
def _assignments() -> re.Pattern[str]:
    return re.compile(f"({_ASSIGNED}){_VALUE}", re.IGNORECASE)


@cache
def _headers() -> re.Pattern[str]:
    return re.compile(
        rf"""({_HEADER})[^\s"',]++|(\bbearer{_BLANK}++)[a-z0-9._~+/=-]{{16,}}+""", re.IGNORECASE
    )


@cache
def _addresses() -> re.Pattern[str]:
    with_scheme = r"""(://)[^\s/?#"'<>]*@"""
    without = rf"""(?<![^\s"'])(?!(?:{_LABELS}):)[\w.+-]++:[^\s@/"']++@(?!sha256:)(?=[\w[])"""
    return re.compile(f"{with_scheme}|{without}", re.IGNORECASE)
