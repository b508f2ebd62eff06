"""What a Secret says about a Git server: who we are, and whom to believe."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from davit_operator.effects.git_identity import checked_identity, checked_known_hosts, is_encrypted
from davit_operator.effects.git_secret import SecretKeys, fingerprint
from davit_operator.plan.git_address import GitAddress

_FIELD: Final = "spec.source.git.secretRef"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCredentials:
    """The credentials of one Secret, of one kind; without a Secret, all fields are empty.

    ``password`` belongs to ``username`` or, with ``identity``, opens it. ``ca`` are PEM
    certificates that sign the server's one, in place of the system's.
    """

    secret_name: str = ""
    secret_uid: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    bearer_token: str = field(default="", repr=False)
    # A private key, and the host keys that are believed, as OpenSSH writes them.
    identity: bytes = field(default=b"", repr=False)
    known_hosts: bytes = field(default=b"", repr=False)
    ca: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> str:
        """Return the keys that authenticate, for messages; empty where there are none."""
        if self.identity:
            return "identity"
        if self.bearer_token:
            return "bearerToken"
        return "username and password" if self.password else ""

    @property
    def header(self) -> str:
        """Return the HTTP header that authenticates; the empty string without one."""
        if self.bearer_token:
            return f"Authorization: Bearer {self.bearer_token}"
        if not self.username:
            return ""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return f"Authorization: Basic {pair}"

    @property
    def passphrase(self) -> str:
        """Return what opens the identity; the empty string where it stands open."""
        return self.password if self.identity and is_encrypted(self.identity) else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the texts that no message may hold."""
        texts = (self.header.rpartition(" ")[2], self.password, self.bearer_token)
        return tuple(text for text in texts if text)

    @property
    def fingerprint(self) -> str:
        """Return what differs when the content differs, and tells nothing about it."""
        texts = (self.username, self.password, self.bearer_token)
        return fingerprint(
            *(text.encode() for text in texts), self.identity, self.known_hosts, self.ca
        )


ANONYMOUS: Final = GitCredentials()


def git_credentials(name: str, uid: str, data: Mapping[str, bytes]) -> GitCredentials:
    """Return what ``data`` of the Secret ``name`` holds (decoded from base64).

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``, with the key that is missing or wrong.
    """
    keys = SecretKeys(name=name, where=_FIELD, data=data)
    username, token = keys.text("username"), keys.text("bearerToken")
    password, ca = keys.text("password"), keys.certificates("ca.crt", "caFile")
    identity, known_hosts = keys.content("identity"), keys.content("known_hosts")
    if identity or known_hosts:
        _check_alone(keys, {"username": username, "bearerToken": token, "ca.crt": ca})
        identity = checked_identity(keys, identity, password)
        known_hosts = checked_known_hosts(keys, known_hosts)
    elif token:
        _check_token(keys, token, username or password)
    elif username or password:
        _check_pair(keys, username, password)
    elif not ca:
        raise keys.unusable(
            "has neither username and password, nor bearerToken, nor identity and known_hosts, "
            "nor ca.crt. Add the keys of one of them"
        )
    return GitCredentials(
        secret_name=name,
        secret_uid=uid,
        username=username,
        password=password,
        bearer_token=token,
        identity=identity,
        known_hosts=known_hosts,
        ca=ca,
    )


def require_fit(credentials: GitCredentials, address: GitAddress) -> None:
    """Refuse credentials that ``address`` cannot be asked with.

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``.
    """
    if address.is_ssh == bool(credentials.identity):
        return
    if not credentials.secret_name:
        raise SecretKeys(name="", where=_FIELD, data={}).missing(
            "an ssh URL needs a Secret with the keys identity (a private key) and known_hosts "
            f"(the server's host keys). Create it, and name it in {_FIELD}"
        )
    keys = SecretKeys(name=credentials.secret_name, where=_FIELD, data={})
    if address.is_ssh:
        raise keys.unusable(
            "has no keys identity and known_hosts, which spec.source.git.url needs: it begins with "
            "ssh. Add them, or use the repository's https URL"
        )
    raise keys.unusable(
        "has the key identity, which is for URLs that begin with ssh. Use the repository's ssh "
        "URL, or name a Secret with username and password or bearerToken"
    )


def _check_alone(keys: SecretKeys, others: Mapping[str, object]) -> None:
    found = next((key for key, value in others.items() if value), "")
    if found:
        raise keys.unusable(
            f"mixes {found}, which is for https, with identity or known_hosts, which are for ssh. "
            "Keep one kind"
        )


def _check_token(keys: SecretKeys, token: str, pair: str) -> None:
    if pair:
        raise keys.unusable("mixes bearerToken with username or password. Keep one kind")
    if not token.isascii() or " " in token:
        raise keys.unusable("has a key bearerToken that HTTP cannot send. Write the token alone")


def _check_pair(keys: SecretKeys, username: str, password: str) -> None:
    if not username or not password:
        missing = "password" if username else "username"
        raise keys.unusable(f"has no key {missing}. Add it; a token needs any username, too")
    if ":" in username:
        raise keys.unusable('has a ":" in the key username, which HTTP cannot send. Remove it')
