"""Git's protocol version 2, as far as asking for references goes.

Source: gitprotocol-v2, gitprotocol-common and gitprotocol-http of Git's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from davit_operator.effects.git_remote import Advertised

_LENGTH_BYTES: Final = 4
# Flush, delimiter, end of response: packets that are a length alone.
_FLUSH: Final = b"0000"
_DELIMITER: Final = b"0001"
_LENGTH = re.compile(rb"[0-9a-f]{4}")
_HASH = re.compile(r"[0-9a-f]{40}")
_HEAD: Final = "HEAD"
_FORMAT: Final = "object-format"
_SHA1: Final = "sha1"
_PEELED: Final = "^{}"


class NotAPacketError(Exception):
    """The bytes are not what the protocol says."""


def offers(body: bytes, service: str) -> dict[str, str]:
    """Return what a server's first answer offers, by capability.

    Raises:
        NotAPacketError: It is no answer of version 2 that gives references with SHA-1 hashes.
    """
    lines = [line.rstrip("\n") for line in _lines(body)]
    if lines[:1] == [f"# service={service}"]:
        del lines[0]
    found = dict(line.partition("=")[::2] for line in lines)
    is_read = lines[:1] == ["version 2"] and "ls-refs" in found
    if not is_read or found.get(_FORMAT, _SHA1) != _SHA1:
        raise NotAPacketError
    return found


def question(names: tuple[str, ...], offered: dict[str, str]) -> bytes:
    """Return what asks for ``names`` and HEAD a server that has ``offered`` this."""
    wanted = dict.fromkeys((_HEAD, *(name.removesuffix(_PEELED) for name in names)))
    arguments = ("peel", "symrefs", *(f"ref-prefix {name}" for name in wanted))
    return b"".join(
        (
            _packet("command=ls-refs"),
            # Servers refuse what they did not offer.
            *((_packet(f"{_FORMAT}={_SHA1}"),) if _FORMAT in offered else ()),
            _DELIMITER,
            *(_packet(argument) for argument in arguments),
            _FLUSH,
        )
    )


def advertised(body: bytes, names: tuple[str, ...]) -> Advertised:
    """Return what a server's second answer says of ``names`` and HEAD.

    Raises:
        NotAPacketError: It is none, or says something else.
    """
    if not body.endswith(_FLUSH):
        raise NotAPacketError
    hashes: dict[str, str] = {}
    head = ""
    for line in _lines(body):
        value, name, *attributes = line.rstrip("\n").split(" ")
        facts = dict(each.partition(":")[::2] for each in attributes)
        peeled = facts.get("peeled", value)
        if not _HASH.fullmatch(value) or not _HASH.fullmatch(peeled):
            raise NotAPacketError
        if name == _HEAD:
            head = facts.get("symref-target", "")
        # What was asked for are beginnings of names.
        if name in {_HEAD, *names}:
            hashes[name] = value
        if f"{name}{_PEELED}" in names and "peeled" in facts:
            hashes[f"{name}{_PEELED}"] = peeled
    return Advertised(hashes=hashes, head=head)


def _packet(text: str) -> bytes:
    data = f"{text}\n".encode()
    return b"%04x%s" % (len(data) + _LENGTH_BYTES, data)


def _lines(body: bytes) -> Iterator[str]:
    at = 0
    while at < len(body):
        prefix = body[at : at + _LENGTH_BYTES]
        if not _LENGTH.fullmatch(prefix):
            raise NotAPacketError
        size = int(prefix, 16)
        end = at + max(size, _LENGTH_BYTES)
        if end > len(body):
            raise NotAPacketError
        if size > _LENGTH_BYTES:
            yield body[at + _LENGTH_BYTES : end].decode(errors="replace")
        at = end
