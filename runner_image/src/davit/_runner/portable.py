"""Which regular expressions mean the same to Python and to RE2, which admission uses."""

from __future__ import annotations

import re

_NOT_PORTABLE = re.compile(
    r"""
    [^\x20-\x7e]        # letters beyond ASCII: the two count them differently
    | \\[0-9A-Za-z]     # classes, boundaries, back-references, control characters
    | \(\?(?!:)         # flags, look-around, named and atomic groups
    | (?<!\\)\$(?!\Z)   # "$" before the end
    | [*+?}]\+          # possessive repeats
    | \{,               # "at most", which RE2 reads literally
    | \{\d{4,}|,\d{4,}  # RE2 repeats at most 1,000 times
    | \[:               # POSIX classes, which Python reads literally
    """,
    re.VERBOSE,
)


def is_portable(regex: str) -> bool:
    """Return True only where RE2 certainly gives Python's verdict."""
    return _NOT_PORTABLE.search(regex) is None
