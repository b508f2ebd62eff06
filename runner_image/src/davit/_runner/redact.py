"""Secrets taken out of everything that a run says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from davit._runner.credentials import MARK, may_hold_any, redacted
from davit._runner.disguises import MIN_SECRET, disguises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import NewType

    # Text that a Redactor has seen. Only such text may be written.
    Clean = NewType("Clean", str)


# Ten times those of the longest file whose lines are secret each: more only waste memory.
_MOST = 200_000
# From so many forms on a look at how they begin is quicker than to look for each.
_MANY = 128


class Redactor:
    """Replaces secrets by ``(redacted)``: the given ones, and what patterns show to be one.

    Takes time in proportion to the length of a text, times the number of the secrets.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: list[str] = []
        self._forms_of_lines: list[str] = []
        self._beginnings: frozenset[str] = frozenset()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Redact these, too, from now on; texts of less than four characters are ignored."""
        forms = set(self._forms)
        for secret in secrets:
            if len(forms) < _MOST:
                forms |= disguises(secret)
        self._forms = sorted(forms)
        self._forms_of_lines = [form for form in self._forms if "\n" in form]
        self._beginnings = frozenset(form[:MIN_SECRET] for form in self._forms)

    def redact(self, text: str, *, cut: bool = False) -> Clean:
        """Return ``text`` without secrets; when ``cut``, its end may be the beginning of one."""
        if cut or self._holds_any(text):
            text = self._without_secrets(text, cut=cut)
        return redacted(text) if may_hold_any(text) else text  # type: ignore[return-value]

    def redact_content(self, content: bytes) -> bytes:
        """Return ``content`` without what is known to be secret, in whatever file it stands."""
        # So that each byte that is no text comes back as it was.
        text = content.decode("utf-8", "surrogateescape")
        if not self._holds_any(text):
            return content
        clean = self._without_secrets(text, cut=False)
        return content if clean == text else clean.encode("utf-8", "surrogateescape")

    def redact_pieces(self, content: Iterable[bytes | memoryview]) -> Iterator[bytes]:
        """Yield what ``redact_content`` returns of ``content``, which is too large to be held."""
        # What may belong to a secret that goes on in the next piece.
        most = max(map(len, self._forms), default=1) - 1
        text = b""
        for piece in content:
            done, rest = self._split_content(text + piece, most)
            yield done
            text = rest
        yield self.redact_content(text)

    def _split_content(self, content: bytes, most: int) -> tuple[bytes, bytes]:
        """Return the beginning of ``content`` without secrets, and at least its end as it is."""
        text = content.decode("utf-8", "surrogateescape")
        cut = max(0, len(text) - most)
        spans = self._spans(text) if self._holds_any(text) else []
        while crossing := [start for start, end in spans if start < cut < end]:
            cut = min(crossing)
        done, rest = (each.encode("utf-8", "surrogateescape") for each in (text[:cut], text[cut:]))
        return self.redact_content(done), rest

    def redact_all(self, texts: tuple[str, ...]) -> tuple[Clean, ...]:
        """Return each of ``texts`` without secrets."""
        # Nearly always there is none, and one look at all of them takes a third of the time.
        whole = "\n".join(texts)
        if self._holds_any(whole) or may_hold_any(whole):
            return tuple(map(self.redact, texts))
        return texts  # type: ignore[return-value]

    def redact_json(self, text: str, patterns: Callable[[str], str]) -> Clean:
        """Return the JSON ``text`` without secrets in its strings and keys, and still JSON.

        Raises:
            ValueError: it is no JSON, or nested too deeply to be looked through.
        """
        if "\\" not in text and not self._holds_any(text) and not may_hold_any(text):
            # Nothing is escaped, so its strings stand in it as they are.
            return text  # type: ignore[return-value]

        def changed(datum: str) -> str:
            return patterns(self._without_secrets(datum, cut=False))

        try:
            value = json.loads(text)
            clean = _mapped(value, changed)
            if clean != value:
                text = json.dumps(clean, ensure_ascii=False, separators=(",", ":"))
        except RecursionError:
            raise ValueError("it is nested too deeply to be searched for secrets") from None
        return text  # type: ignore[return-value]

    def split(self, text: str) -> tuple[Clean, str]:
        """Return ``text`` without secrets, and its end, which may be the beginning of one."""
        cut = len(text) - _longest_beginning(self._forms, text)
        for start, end in _joined(self._spans(text)):
            if start < cut < end:
                cut = start or end
        return self.redact(text[:cut]), text[cut:]

    def lines_held_back(self, text: str) -> int:
        """Return how much at the end of ``text`` may begin a secret that goes on in a new line."""
        return _longest_beginning(self._forms_of_lines, text)

    def _holds_any(self, text: str) -> bool:
        if len(self._forms) > _MANY:
            shifted = (text[start:] for start in range(MIN_SECRET))
            if self._beginnings.isdisjoint(map("".join, zip(*shifted, strict=False))):
                return False
        for form in self._forms:  # noqa: SIM110 (every line of a log comes here)
            if form in text:
                return True
        return False

    def _without_secrets(self, text: str, *, cut: bool) -> str:
        spans = self._spans(text)
        if cut and (rest := _longest_beginning(self._forms, text)) >= MIN_SECRET:
            spans.append((len(text) - rest, len(text)))
        found = []
        done = 0
        for start, end in _joined(spans):
            found += [text[done:start], MARK]
            done = end
        return "".join(found) + text[done:]

    def _spans(self, text: str) -> list[tuple[int, int]]:
        return [(start, start + len(form)) for form in self._forms for start in _places(form, text)]


def _places(form: str, text: str) -> Iterable[int]:
    place = text.find(form)
    while place >= 0:
        yield place
        place = text.find(form, place + len(form))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``spans`` in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _longest_beginning(forms: list[str], text: str) -> int:
    longest = 0
    for form in forms:
        tail = text[-(len(form) - 1) :]
        place = tail.find(form[0])
        while 0 <= place < len(tail) - longest:
            if form.startswith(tail[place:]):
                longest = len(tail) - place
                break
            place = tail.find(form[0], place + 1)
    return longest


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return the JSON ``value`` with every string and key changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = change(key)
        while name in found and name != key:
            # Two keys that became the same: keep both values.
            name += "'"
        found[name] = _mapped(item, change)
    return found
