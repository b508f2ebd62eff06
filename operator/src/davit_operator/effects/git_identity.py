"""What an SSH client needs of a Secret: a private key, and the host keys that are believed."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from davit_operator.effects.git_secret import SecretKeys

_KEY = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----\n(.+?)\n-----END \1-----", re.DOTALL)
_MAGIC: Final = b"openssh-key-v1\0"
_PUBLIC = re.compile(rb"(ssh|ecdsa|sk)-[a-z0-9@.-]+ ")
# Markers may stand before, a comment behind.
_HOST_KEY = re.compile(r"(?:@(?:cert-authority|revoked)\s+)?\S+\s+[a-z0-9@.-]+\s+(\S+)(?:\s.*)?")


def checked_identity(keys: SecretKeys, content: bytes, passphrase: str) -> bytes:
    """Return the private key as OpenSSH reads it, in whatever way it was pasted.

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``, with what the key ``identity`` is instead.
    """
    if not content:
        raise keys.unusable(
            "has no key identity. Add the private key whose public key the server knows"
        )
    # OpenSSH takes neither the line ends of Windows nor a last line without one.
    pasted = content.replace(b"\r\n", b"\n").strip() + b"\n"
    if _PUBLIC.match(pasted):
        raise keys.unusable("has a public key in the key identity. Put the private key there")
    if not _KEY.search(pasted):
        raise keys.unusable(
            "has a key identity that is no private key in the form of OpenSSH or PEM. Put the file "
            "there that `ssh-keygen` made; a key of PuTTY must be exported as an OpenSSH key"
        )
    if is_encrypted(pasted) and not passphrase:
        raise keys.unusable(
            "has a key identity with a passphrase. Put the passphrase into the key password"
        )
    return pasted


def is_encrypted(identity: bytes) -> bool:
    """Return whether the private key ``identity`` needs a passphrase."""
    found = _KEY.search(identity)
    if found is None:
        return False
    kind, body = found.groups()
    if kind != b"OPENSSH PRIVATE KEY":
        return kind.startswith(b"ENCRYPTED") or b"4,ENCRYPTED" in body
    try:
        opened = base64.b64decode(body)
    except binascii.Error:
        return False
    # After the magic the cipher's name, with its length before it.
    return opened.startswith(_MAGIC) and opened[len(_MAGIC) + 4 :][:4] != b"none"


def checked_known_hosts(keys: SecretKeys, content: bytes) -> bytes:
    """Return the host keys that the server's one must be among.

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``, with the line that is none.
    """
    lines = content.decode(errors="replace").replace("\r\n", "\n").split("\n")
    given = [(n, line.strip()) for n, line in enumerate(lines, 1)]
    given = [(n, line) for n, line in given if line and not line.startswith("#")]
    if not given:
        raise keys.unusable(
            "has no host key in the key known_hosts, so that no server could be told from a false "
            "one. Put there what `ssh-keyscan HOST` prints, once its fingerprint is confirmed by "
            "whoever runs the server"
        )
    for number, line in given:
        found = _HOST_KEY.fullmatch(line)
        if found is None or not _is_base64(found[1]):
            raise keys.unusable(
                f"has a key known_hosts whose line {number} is no host key. Write each as HOST "
                "TYPE KEY, as `ssh-keyscan HOST` prints it"
            )
    return "".join(f"{line}\n" for _, line in given).encode()


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False
