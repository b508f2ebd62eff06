"""What a Secret says about an HTTP proxy, in the keys that Flux has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from davit_operator.effects.git_secret import SecretKeys, fingerprint
from davit_operator.plan.git_endpoint import Endpoint, HostPolicy
from davit_operator.plan.git_proxy import git_proxy_address

_FIELD: Final = "spec.source.git.proxySecretRef"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitProxy:
    """The proxy of one Secret; ``ca`` are PEM certificates that sign the one of an https proxy."""

    secret_name: str
    endpoint: Endpoint
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca: bytes = field(default=b"", repr=False)

    @property
    def url(self) -> str:
        """Return the proxy's URL with its credentials, as Git's configuration takes it."""
        pair = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"
        return self.endpoint.origin.replace("://", f"://{pair if self.username else ''}", 1)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the texts that no message may hold."""
        return tuple({self.password, quote(self.password, safe="")} - {""})

    @property
    def fingerprint(self) -> str:
        """Return what differs when the content differs, and tells nothing about it."""
        return fingerprint(self.url.encode(), self.ca)


def git_proxy(name: str, data: Mapping[str, bytes], policy: HostPolicy) -> GitProxy:
    """Return what ``data`` of the Secret ``name`` holds (decoded from base64).

    Raises:
        Stalled: ``AUTHENTICATION_FAILED``, with the key that is missing or wrong; ``URL_REFUSED``
            for an address that is not contacted.
    """
    keys = SecretKeys(name=name, where=_FIELD, data=data)
    address, username, password = (keys.text(key) for key in ("address", "username", "password"))
    if not address:
        raise keys.unusable("has no key address. Write the proxy's there, as http://host:port")
    if bool(username) != bool(password):
        raise keys.unusable(
            f"has no key {'password' if username else 'username'}. Add it, or remove the other"
        )
    where = f'Secret "{name}" ({_FIELD}), key address'
    return GitProxy(
        secret_name=name,
        endpoint=git_proxy_address(where, address, policy),
        username=username,
        password=password,
        ca=keys.certificates("ca.crt", "caFile"),
    )
