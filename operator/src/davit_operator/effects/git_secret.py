"""Reads the keys of a Secret, refusing what cannot be used with the key's name."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled

_PEM: Final = b"-----BEGIN CERTIFICATE-----"
_LIMIT_BYTES: Final = 64 * 1024
# Of this process alone: what it signs says nothing to anybody else.
_FINGERPRINT_KEY: Final = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeys:
    """What the Secret ``name`` holds (decoded from base64); ``where`` in a repository names it."""

    name: str
    where: str
    data: Mapping[str, bytes] = field(repr=False)

    def content(self, key: str) -> bytes:
        """Return the bytes of ``key``; none where it is missing.

        Raises:
            Stalled: ``AUTHENTICATION_FAILED``, as all of this class.
        """
        content = self.data.get(key, b"")
        if len(content) > _LIMIT_BYTES:
            raise self.unusable(f"has a key {key} of more than 64 KiB. Shorten it")
        return content

    def text(self, key: str) -> str:
        """Return the one line of ``key``."""
        try:
            text = self.content(key).decode()
        except UnicodeDecodeError as error:
            # The decoder's error holds the bytes.
            error.object = b""
            raise self.unusable(f"has a key {key} that is not UTF-8. Write it as text") from None
        if any(not c.isprintable() for c in text):
            raise self.unusable(
                f"has a line break or another control character in the key {key}, often added by "
                "`echo`. Create it with `kubectl create secret --from-literal`"
            )
        return text

    def certificates(self, *keys: str) -> bytes:
        """Return the PEM certificates of the first of ``keys`` that is there."""
        key = next((key for key in keys if self.data.get(key)), "")
        content = self.content(key)
        if key and _PEM not in content:
            raise self.unusable(
                f"has a key {key} that is not a list of PEM certificates ({_PEM.decode()}…). Fix it"
            )
        return content

    def unusable(self, why: str) -> Stalled:
        """Return the refusal of this Secret."""
        return self.missing(f'Secret "{self.name}" ({self.where}) {why}')

    @staticmethod
    def missing(what: str) -> Stalled:
        """Return a refusal with a sentence of its own."""
        return Stalled(Reason.AUTHENTICATION_FAILED, f"{what[:1].upper()}{what[1:]}.")


def fingerprint(*contents: bytes) -> str:
    """Return what differs when one of ``contents`` differs, and tells nothing about them."""
    digest = hmac.new(_FINGERPRINT_KEY, digestmod=hashlib.sha256)
    for content in contents:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
