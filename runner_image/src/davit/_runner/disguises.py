"""The forms in which a secret may appear in a text: as it is, escaped, or encoded in whole."""

from __future__ import annotations

import json
from binascii import b2a_base64

from davit._runner.frames import MAX_SECRET

# Shorter ones would redact half of a log.
MIN_SECRET = 4
# A line of a longer secret is one of its own from this length on: a private key may be said by the
# line, but "}" is a line of many documents.
_MIN_LINE = 8
# What is longer is looked for in pieces, so that little need be held back while a text arrives.
_PIECE = 1024
_BITS = 6
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")


def disguises(secret: str) -> set[str]:
    """Return the texts to look for when ``secret`` must not be seen; none of a very short one."""
    # Whatever a file ended with: it is not said with it.
    bare = secret.strip()[:MAX_SECRET]
    if len(bare) < MIN_SECRET:
        return set()
    data = bare.encode("utf-8", "surrogatepass")
    whole = secret[:MAX_SECRET].encode("utf-8", "surrogatepass")
    found = {bare, *_escaped(bare, data), *_in_urls(data), *_in_base64(data), *_in_base64(whole)}
    lines = [line.strip() for line in bare.splitlines()]
    found |= {
        line for line in (*lines, *_wrapped(data), *_wrapped(whole)) if len(line) >= _MIN_LINE
    }
    return {piece for form in found if len(form) >= MIN_SECRET for piece in _pieces(form)}


def _escaped(text: str, data: bytes) -> list[str]:
    """Return ``text`` as it stands inside JSON, a Python literal, one in the other, XML or HTML."""
    # Beside both kinds of quotes repr() escapes the single ones, beside other texts it does not.
    literals = [form(text + "'\"")[1:-4] for form in (repr, ascii)]
    found = [
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        *literals,
        *(literal.replace("\\'", "'") for literal in literals),
        repr(data)[2:-1],
    ]
    twice = [form.replace("\\", "\\\\") for form in found]
    found += [form.replace(quote, f"\\{quote}") for form in twice for quote in "\"'"]
    found += twice
    markup = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [
        *found,
        text.replace("\n", "\r\n"),
        markup,
        markup.replace('"', "&quot;").replace("'", "&#x27;"),
        markup.replace('"', "&#34;").replace("'", "&#39;"),
    ]


def _in_urls(data: bytes) -> list[str]:
    found = []
    for more in (b"", b"/", b"!'()*", b"/!'()*"):
        safe = _UNRESERVED | set(more)
        upper = "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in data)
        lower = "".join(chr(byte) if byte in safe else f"%{byte:02x}" for byte in data)
        found += [upper, lower, upper.replace("%20", "+"), lower.replace("%20", "+")]
    return found


def _in_base64(data: bytes) -> list[str]:
    """Return the Base64 of ``data`` alone, and what is always in that of a text around it."""
    found = [_base64(data)]
    for before in range(3):
        text = _base64(b"\0" * before + data)
        first = -(-8 * before // _BITS)
        found.append(text[first : 8 * (before + len(data)) // _BITS])
    found += [text.replace("+", "-").replace("/", "_") for text in found]
    return found


def _wrapped(data: bytes) -> list[str]:
    """Return the lines of the Base64 of ``data`` as MIME, the commands and PEM wrap it."""
    text = _base64(data)
    return [text[at : at + width] for width in (76, 64) for at in range(0, len(text), width)]


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _pieces(text: str) -> list[str]:
    count = max(1, len(text) // _PIECE)
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]
