"""What a Secret says about a Git server: who we are, and whom to believe."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled

_CA_KEYS: Final = ("ca.crt", "caFile")
_PEM: Final = b"-----BEGIN CERTIFICATE-----"
_LIMIT_BYTES: Final = 64 * 1024
# Of this process alone: what it signs says nothing to anybody else.
_FINGERPRINT_KEY: Final = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCredentials:
    """The credentials of one Secret; without one, all fields are empty.

    ``ca`` are PEM certificates that sign the server's one, in place of the system's.
    """

    secret_name: str = ""
    secret_uid: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca: bytes = field(default=b"", repr=False)

    @property
    def header(self) -> str:
        """Return the HTTP header that authenticates; the empty string without a password."""
        if not self.password:
            return ""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return f"Authorization: Basic {pair}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the texts that no message may hold."""
        return (self.header.rpartition(" ")[2], self.password) if self.password else ()

    @property
    def fingerprint(self) -> str:
        """Return what differs when the content differs, and tells nothing about it."""
        digest = hmac.new(_FINGERPRINT_KEY, digestmod=hashlib.sha256)
        for each in (self.username.encode(), self.password.encode(), self.ca):
            digest.update(len(each).to_bytes(8, "big") + each)
        return digest.hexdigest()


ANONYMOUS: Final = GitCredentials()


def git_credentials(name: str, uid: str, data: Mapping[str, bytes]) -> GitCredentials:
    """Return what ``data`` of the Secret ``name`` holds (decoded from base64).

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``, with the key that is missing or wrong.
    """
    username, password = _text(name, data, "username"), _text(name, data, "password")
    ca = next((data[key] for key in _CA_KEYS if data.get(key)), b"")
    if bool(username) != bool(password):
        missing = "password" if username else "username"
        raise _unusable(name, f"has no key {missing}. Add it; a token needs any username, too")
    if not username and not ca:
        raise _unusable(name, "has neither the keys username and password nor ca.crt. Add them")
    if ":" in username:
        raise _unusable(name, 'has a ":" in the key username, which HTTP cannot send. Remove it')
    if ca and (_PEM not in ca or len(ca) > _LIMIT_BYTES):
        raise _unusable(
            name,
            f"has a key ca.crt that is not a list of PEM certificates ({_PEM.decode()}…). Fix it",
        )
    return GitCredentials(
        secret_name=name, secret_uid=uid, username=username, password=password, ca=ca
    )


def _text(name: str, data: Mapping[str, bytes], key: str) -> str:
    try:
        text = data.get(key, b"").decode()
    except UnicodeDecodeError as error:
        # The decoder's error holds the bytes.
        error.object = b""
        raise _unusable(name, f"has a key {key} that is not UTF-8. Write it as text") from None
    if any(not c.isprintable() for c in text):
        raise _unusable(
            name,
            f"has a line break or another control character in the key {key}, often added by "
            "`echo`. Create it with `kubectl create secret --from-literal`",
        )
    if len(text) > _LIMIT_BYTES:
        raise _unusable(name, f"has a key {key} of more than 64 KiB. Shorten it")
    return text


def _unusable(name: str, why: str) -> Stalled:
    return Stalled(
        Reason.AUTHENTICATION_FAILED, f'Secret "{name}" (spec.source.git.secretRef) {why}.'
    )
