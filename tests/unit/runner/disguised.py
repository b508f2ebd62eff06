"""A secret as programs show it, and what is written of what a child says."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import urllib.parse
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile

from hypothesis import strategies as st

from davit._runner.budget import run_budget
from davit._runner.fork import Child
from davit._runner.frames import FrameWriter
from davit._runner.hearing import Hearing
from davit._runner.output import Output
from davit._runner.records import RecordWriter
from davit._runner.supervise import concluded
from davit._runner.verdict import Verdict, fitted
from davit_contract import OutcomeReason

MARKER = b"\x1edavit-7 "


def encoded(secret: str, before: bytes = b"", after: bytes = b"") -> bytes:
    return base64.b64encode(before + secret.encode() + after)


# The forms in which programs show what they hold.
DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "JSON": json.dumps,
    "JSON as UTF-8": lambda s: json.dumps(s, ensure_ascii=False),
    "repr": repr,
    "repr beside quotes": lambda s: repr(f"'{s}\""),
    "JSON in JSON": lambda s: json.dumps(json.dumps([s])),
    "repr of JSON": lambda s: repr(json.dumps(s)),
    "JSON of repr": lambda s: json.dumps(repr([s])),
    "repr in a list": lambda s: repr([s, "'"]),
    "repr of bytes": lambda s: repr(s.encode()),
    "ascii": ascii,
    "an exception": lambda s: str(KeyError(s)),
    "Base64": lambda s: encoded(s).decode(),
    "Base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "Base64 without padding": lambda s: encoded(s).decode().rstrip("="),
    "Base64 in lines": lambda s: base64.encodebytes(s.encode()).decode(),
    "Base64 of a file": lambda s: encoded(s, after=b"\n").decode(),
    "percent": lambda s: urllib.parse.quote(s, safe=""),
    "percent in a path": urllib.parse.quote,
    "percent in small letters": lambda s: re.sub(
        "%..", lambda found: found[0].lower(), urllib.parse.quote(s)
    ),
    "plus": urllib.parse.quote_plus,
    "a form": lambda s: urllib.parse.urlencode({"q": s}),
    "HTML": html.escape,
    "XML": lambda s: html.escape(s, quote=False),
    "lines of Windows": lambda s: s.replace("\n", "\r\n"),
}
HARD_SECRETS = [
    "hunter2", "Zu 100 % geheim?", "a'b\"c\\d", "<&>'\"", "päßwörd+/=", "tab\tand\x01", "two words",
    "日本語のパス", "~.-_!*'()", "one\n two\n3\n4",
    "-----BEGIN KEY-----\nMIIEow\nAQ==\n-----END KEY-----",
]  # fmt: skip

secrets = st.sampled_from(HARD_SECRETS)
disguises = st.sampled_from(sorted(DISGUISES))
cuts = st.lists(st.integers(min_value=1, max_value=30), max_size=30)


def pieces_of(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


def shares(text: str, other: str, size: int) -> bool:
    """Return whether a piece of ``other`` of that size stands in ``text``."""
    return any(other[at : at + size] in text for at in range(len(other) - size + 1))


def said(acts: Callable[[FrameWriter, int], None], cuts: list[int], *known: str) -> str:
    """Return all that is written of what ``acts`` sends, read in pieces of these sizes."""
    # Of any size, unlike a pipe.
    with TemporaryFile() as file:
        acts(FrameWriter(file.fileno(), MARKER), file.fileno())
        file.seek(0)
        data = file.read()
    lines: list[bytes] = []
    writer = RecordWriter(Output(lines.append), run_budget(), lambda: "now")
    writer.redactor.add(known)
    hearing = Hearing(writer, Child(os.getpid(), MARKER, {}), lambda _: False)
    for piece in pieces_of(data, cuts):
        hearing.take(piece, b"")
    hearing.end()
    verdict = hearing.verdict or Verdict(reason=OutcomeReason.SUCCEEDED)
    outcome = concluded("uid", verdict, 0, ("", ""), writer)
    assert [json.loads(line)["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    return b"".join(lines).decode() + fitted(outcome)
