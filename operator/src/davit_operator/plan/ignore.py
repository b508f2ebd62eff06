"""Which files of a commit are left out: patterns as in a ``.gitignore``, one a line.

Written here since tenants write the patterns: a library that makes regular expressions of them
(pathspec) can be told to try for minutes, and Python lets nobody else work meanwhile. Here a
pattern costs at most the product of its length and the path's. Beside Git's own way, ``?`` is one
character also where that is several bytes, and there are no classes such as ``[:alpha:]``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

# Of one character of a name, or one component of a path; None: any number of them.
Matcher = Callable[[str], bool] | None

_ANY_NUMBER: Final = None
_SPECIAL: Final = frozenset("*?[\\")


class Ignored:
    """Tells which files are left out; remembers what it said of folders."""

    def __init__(self, patterns: str) -> None:
        lines = (_pattern(line.removesuffix("\r")) for line in patterns.split("\n"))
        # The last one that matches decides.
        self._patterns = tuple(pattern for pattern in lines if pattern)[::-1]
        self._folder = cache(partial(self._is_named, is_folder=True))

    def __call__(self, path: str) -> bool:
        """Return whether the file at ``path`` (``/`` between components) is left out."""
        if not self._patterns:
            return False
        components = tuple(path.split("/"))
        # What lies in a folder that is left out cannot be brought back.
        folders = (components[:depth] for depth in range(1, len(components)))
        return any(map(self._folder, folders)) or self._is_named(components, is_folder=False)

    def _is_named(self, path: tuple[str, ...], *, is_folder: bool) -> bool:
        for pattern in self._patterns:
            if (is_folder or not pattern.folders_only) and pattern.matches(path):
                return not pattern.is_negated
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    components: tuple[Matcher, ...]
    # Of a path the last component alone.
    is_name: bool
    is_negated: bool
    folders_only: bool

    def matches(self, path: tuple[str, ...]) -> bool:
        return _match(self.components, path[-1:] if self.is_name else path)


def _match(pattern: Sequence[Matcher], path: Sequence[str]) -> bool:
    """Match one by one; after "any number" the first fit is as good as every later one."""
    at = here = 0
    retry: tuple[int, int] | None = None
    while here < len(path):
        matcher = pattern[at] if at < len(pattern) else _nothing
        if matcher is None:
            at += 1
            retry = at, here
        elif matcher(path[here]):
            at, here = at + 1, here + 1
        elif retry is None:
            return False
        else:
            at, here = retry[0], retry[1] + 1
            retry = at, here
    return all(matcher is None for matcher in pattern[at:])


def _pattern(line: str) -> _Pattern | None:
    """Return the pattern of a line; None for a comment, or where it matches nothing."""
    text = _without_trailing_spaces(line)
    if text.startswith("#"):
        return None
    is_negated, text = text.startswith("!"), text.removeprefix("!")
    folders_only, text = text.endswith("/"), text.removesuffix("/")
    if not text:
        return None
    components = [_component(each) for each in text.removeprefix("/").split("/")]
    if components[-1] is None:
        # What is in the folder, but not the folder.
        components.append(_anything)
    return _Pattern(
        components=tuple(components),
        # A slash before the end binds the pattern to the top.
        is_name="/" not in text,
        is_negated=is_negated,
        folders_only=folders_only,
    )


def _without_trailing_spaces(line: str) -> str:
    kept = line.rstrip(" ")
    # A backslash keeps the space after it, unless another one keeps the backslash.
    slashes = len(kept) - len(kept.rstrip("\\"))
    return f"{kept} " if slashes % 2 and kept != line else kept


def _component(text: str) -> Matcher:
    """Return what matches one component of a path."""
    if text == "**":
        return _ANY_NUMBER
    if _SPECIAL.isdisjoint(text):
        return partial(str.__eq__, text)
    if text.startswith("*") and _SPECIAL.isdisjoint(text[1:]):
        return lambda name: name.endswith(text[1:])
    characters: list[Matcher] = []
    at = 0
    while at < len(text):
        matcher, at = _character(text, at)
        if matcher is _nothing:
            return _nothing
        characters.append(matcher)
    return partial(_match, tuple(characters))


def _character(text: str, at: int) -> tuple[Matcher, int]:
    """Return what matches the character that stands at ``at``, and where the next one stands."""
    char = text[at]
    if char == "*":
        return _ANY_NUMBER, at + 1
    if char == "?":
        return _anything, at + 1
    if char == "[":
        return _bracket(text, at + 1)
    if char == "\\":
        return (partial(str.__eq__, text[at + 1]), at + 2) if text[at + 1 :] else (_nothing, at + 1)
    return partial(str.__eq__, char), at + 1


def _bracket(text: str, at: int) -> tuple[Matcher, int]:
    """Return what matches ``[…]``, whose content begins at ``at``; nothing where it has no end."""
    is_negated = text[at : at + 1] in {"!", "^"}
    at += is_negated
    begin = at
    ranges: list[tuple[str, str]] = []
    while at < len(text) and (text[at] != "]" or at == begin):
        first, at = _literal(text, at)
        is_range = text[at : at + 1] == "-" and text[at + 1 : at + 2] not in {"", "]"}
        last, at = _literal(text, at + 1) if is_range else (first, at)
        ranges.append((first, last))
    if at == len(text):
        return _nothing, at

    def matches(char: str) -> bool:
        return any(first <= char <= last for first, last in ranges) is not is_negated

    return matches, at + 1


def _literal(text: str, at: int) -> tuple[str, int]:
    escaped = text[at] == "\\" and at + 1 < len(text)
    return (text[at + 1], at + 2) if escaped else (text[at], at + 1)


def _anything(_: str) -> bool:
    return True


def _nothing(_: str) -> bool:
    return False
