"""What a JobRepository asks of a Git server, and what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from davit_operator.effects.git_credentials import ANONYMOUS, GitCredentials
from davit_operator.effects.git_mirror import mirror_name
from davit_operator.effects.git_proxy import GitProxy
from davit_operator.plan.artifact_tree import SourceFile
from davit_operator.plan.git_address import GitAddress
from davit_operator.plan.git_reference import GitRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactKey:
    """What two requests have in common that one ``ls-remote`` answers; holds no secret.

    Names and time limit are of it, since what is said of a failure names them.
    """

    url: str
    ref: GitRef
    timeout_seconds: float
    secret_name: str
    credentials: str
    proxy_name: str
    proxy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRequest:
    """What one JobRepository wants: all of it checked by ``plan`` before."""

    address: GitAddress
    ref: GitRef
    namespace: str
    timeout_seconds: float
    # As ``git_path`` gives it: without a slash at either end; empty for the top.
    path: str = ""
    # Patterns of what is left out below the path, as ``plan.ignore`` reads them.
    ignore: str = ""
    credentials: GitCredentials = field(default=ANONYMOUS, repr=False)
    proxy: GitProxy | None = field(default=None, repr=False)

    @property
    def mirror_name(self) -> str:
        """Return the mirror that belongs to URL, namespace and Secret."""
        return mirror_name(self.address.url, self.namespace, self.credentials.secret_uid)

    @property
    def contact_key(self) -> ContactKey:
        """Return what a contact may be shared by, of whatever namespace."""
        return ContactKey(
            url=self.address.url,
            ref=self.ref,
            timeout_seconds=self.timeout_seconds,
            secret_name=self.credentials.secret_name,
            credentials=self.credentials.fingerprint,
            proxy_name=self.proxy.secret_name if self.proxy else "",
            proxy=self.proxy.fingerprint if self.proxy else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GitContact:
    """A commit that the server showed to the request's credentials.

    Only ``resolve`` makes one, and a ``GitSighting`` of one that it made.
    """

    request: GitRequest
    commit: str
    # The addresses that were checked, for the fetch of the same contact.
    pinned: tuple[str, ...]

    @property
    def revision(self) -> str:
        """Return reference and commit as ``main@sha1:9f3c…``."""
        return self.request.ref.revision(self.commit)

    @property
    def sighting(self) -> GitSighting:
        """Return what of the contact may be remembered."""
        return GitSighting(key=self.request.contact_key, commit=self.commit, pinned=self.pinned)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSighting:
    """A commit that was seen, without the credentials that showed it."""

    key: ContactKey
    commit: str
    pinned: tuple[str, ...]

    def contact(self, request: GitRequest) -> GitContact:
        """Return the contact for ``request``, which would have led to the same.

        Raises:
            ValueError: It would not: its ``contact_key`` is another one.
        """
        if request.contact_key != self.key:
            raise ValueError("a sighting belongs to its URL, reference and credentials")
        return GitContact(request=request, commit=self.commit, pinned=self.pinned)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """The files of one commit below the request's path, and notes on what was left out."""

    commit: str
    revision: str
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]
