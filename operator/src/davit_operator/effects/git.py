"""Reads job code from Git: which commit a reference names, and that commit's files.

All methods block: call them in worker threads. Every network command is bounded by the request's
timeout, every local one by a minute. What goes wrong rises as ``Stalled`` or ``Waiting``; no
exception of Git or GitPython leaves the ``git*`` modules.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled
from davit_operator.effects import git_failures, git_remote
from davit_operator.effects.git_access import GitRemote
from davit_operator.effects.git_credentials import require_fit
from davit_operator.effects.git_listing import UnlistedError, listed
from davit_operator.effects.git_mirror import Mirrors, holds_commit, largest_leftover
from davit_operator.effects.git_process import (
    DEFAULT_MEMORY_BYTES,
    DEFAULT_SEARCH_PATH,
    DEFAULT_SYSTEM_CA,
    GitCommand,
    GitError,
    GitFailedError,
    GitOutputError,
    GitSetup,
    GitTimeoutError,
    git_output,
)
from davit_operator.effects.git_remote import Advertised, GitFetch
from davit_operator.effects.git_request import ContactKey, GitContact, GitRequest, SourceTree
from davit_operator.effects.git_resolver import addresses_of
from davit_operator.effects.git_ssh import ASKPASS
from davit_operator.effects.git_tree import Selection, read_files
from davit_operator.plan.artifact_tree import DEFAULT_LIMITS, ArtifactLimits
from davit_operator.plan.git_endpoint import check_addresses
from davit_operator.plan.git_reference import asked_names, commit_named, gone
from davit_operator.plan.ignore import Ignored

__all__ = ["ContactKey", "GitContact", "GitReader", "GitRequest", "GitSettings", "SourceTree"]

# http.curloptResolve, which pins the checked addresses; an older git ignores it without a word.
_OLDEST_GIT: Final = (2, 37)
# What a server says of a hash that it does not hold; Git repeats it.
_NOT_THERE: Final = "upload-pack: not our ref"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSettings:
    """What the operator's administrator decides.

    ``folder`` is written to; nothing in it needs to survive. ``max_fetch_bytes`` bounds one
    download, and what one mirror keeps; ``max_mirror_bytes`` what all of them keep.
    """

    folder: Path
    allow_http: bool = False
    limits: ArtifactLimits = DEFAULT_LIMITS
    max_fetch_bytes: int = 512 * 1024 * 1024
    max_mirror_bytes: int = 1024 * 1024 * 1024
    # Of one process of git.
    max_memory_bytes: int = DEFAULT_MEMORY_BYTES
    search_path: str = DEFAULT_SEARCH_PATH
    # The authorities that are believed where a Secret names none; PEM.
    system_ca: Path = DEFAULT_SYSTEM_CA


class GitReader:
    """Reads Git repositories; one for the operator, used from many threads."""

    def __init__(
        self,
        settings: GitSettings,
        look_up: Callable[[str, int, float], tuple[str, ...]] = addresses_of,
    ) -> None:
        self._settings = settings
        self._look_up = look_up
        folder = settings.folder
        try:
            home, askpass = _prepared(folder)
        except OSError:
            # An operator before this one may have left no room: better without its mirrors.
            shutil.rmtree(folder / "mirrors", ignore_errors=True)
            home, askpass = _prepared(folder)
        self._setup = GitSetup(
            home=home,
            askpass=askpass,
            system_ca=settings.system_ca,
            search_path=settings.search_path,
            allow_http=settings.allow_http,
            max_memory_bytes=settings.max_memory_bytes,
        )
        self._mirrors = Mirrors(
            folder / "mirrors",
            self._setup,
            max_bytes=settings.max_fetch_bytes,
            max_total_bytes=settings.max_mirror_bytes,
        )

    def require_git(self) -> str:
        """Return git's version; to be called once, at startup.

        Raises:
            RuntimeError: Git is older than what pins addresses.
        """
        command = GitCommand(arguments=("version",), timeout_seconds=10.0)
        version = git_output(self._setup, command).decode().split()[2]
        numbers = tuple(int(each) for each in version.split(".")[:2])
        if numbers < _OLDEST_GIT:
            raise RuntimeError(f"git {version} is too old: 2.37 or newer is needed in the image.")
        return version

    def resolve(self, request: GitRequest) -> GitContact:
        """Ask the server which commit the reference names: one ``ls-remote``, no download.

        Raises:
            Stalled: ``URL_REFUSED``, ``INVALID_SPEC``, ``AUTHENTICATION_FAILED`` (a Secret that
                does not fit the URL).
            Waiting: ``FETCH_FAILED``, ``AUTHENTICATION_FAILED``, ``REFERENCE_NOT_FOUND``.
        """
        require_fit(request.credentials, request.address)
        if request.proxy and request.address.is_ssh:
            raise _no_ssh_proxy()
        said, pinned = self._asked(_remote(request, self._checked_addresses(request)), request)
        commit = commit_named(request.ref, said.hashes, said.head, request.address.url)
        return GitContact(request=request, commit=commit, pinned=pinned)

    def fetch(self, contact: GitContact) -> SourceTree:
        """Return the files of the contact's commit, downloaded unless the mirror holds them.

        Raises:
            Stalled: ``ARTIFACT_REFUSED``, ``INVALID_SPEC`` (no such path).
            Waiting: ``FETCH_FAILED``, ``AUTHENTICATION_FAILED``, ``REFERENCE_NOT_FOUND``.
        """
        request = contact.request
        selection = Selection(path=request.path, is_ignored=Ignored(request.ignore))
        with self._held(request) as mirror:
            self._bring(contact, mirror)
            try:
                found = read_files(
                    self._setup, mirror, contact.commit, selection, self._settings.limits
                )
            except (GitFailedError, GitTimeoutError, GitOutputError):
                # Whatever broke it, the next fetch begins anew.
                shutil.rmtree(mirror)
                raise git_failures.fetch_failed(
                    request.address, "the downloaded commit is incomplete. It is fetched again."
                ) from None
        return SourceTree(
            commit=contact.commit,
            revision=contact.revision,
            files=found.files,
            notes=found.notes,
        )

    def prune(self, keep: Collection[str]) -> int:
        """Remove the mirrors of other names than ``keep``; return how many."""
        return self._mirrors.prune(keep)

    def _checked_addresses(self, request: GitRequest) -> tuple[str, ...]:
        contacted = request.proxy.endpoint if request.proxy else request.address
        if not contacted.is_name:
            return ()
        try:
            found = self._look_up(contacted.host, contacted.port, request.timeout_seconds)
        except TimeoutError:
            why = f'the DNS server did not answer for host "{contacted.host}" in time. Check DNS.'
            raise git_failures.fetch_failed(request.address, why) from None
        except OSError:
            why = (
                f'host "{contacted.host}" has no address in DNS. Check {contacted.field}, and that '
                "the operator may ask the DNS server."
            )
            raise git_failures.fetch_failed(request.address, why) from None
        check_addresses(contacted, found)
        return found

    def _asked(self, remote: GitRemote, request: GitRequest) -> tuple[Advertised, tuple[str, ...]]:
        """Return what the server says, and at which addresses it did."""
        names = asked_names(request.ref)
        try:
            return listed(remote, names, self._setup.system_ca), remote.pinned
        except GitTimeoutError as error:
            raise git_failures.blocked(error, remote) from None
        except UnlistedError:
            return self._asked_by_git(remote, names)

    def _asked_by_git(
        self, remote: GitRemote, names: tuple[str, ...]
    ) -> tuple[Advertised, tuple[str, ...]]:
        *others, last = remote.attempts
        for attempt in (*others, last):
            try:
                said = git_remote.ls_remote(self._setup, attempt, names)
            except (GitFailedError, GitTimeoutError, GitOutputError) as error:
                if attempt is last or not git_failures.is_unreached(error):
                    raise git_failures.blocked(error, attempt) from None
            else:
                return said, attempt.pinned
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _held(self, request: GitRequest) -> Iterator[Path]:
        """Give the request's mirror; a disk that is full is said, and gets room."""
        try:
            with self._mirrors.held(request.mirror_name, request.timeout_seconds) as mirror:
                if mirror is None:
                    raise git_failures.fetch_failed(
                        request.address,
                        "another fetch of it is still under way. It is tried again.",
                    )
                yield mirror
        except (OSError, GitFailedError, GitTimeoutError) as error:
            self._mirrors.prune(())
            raise git_failures.unstored(error, request.address) from None

    def _bring(self, contact: GitContact, mirror: Path) -> None:
        if holds_commit(self._setup, mirror, contact.commit):
            return
        request = contact.request
        wanted = GitFetch(
            commit=contact.commit,
            ref=request.ref,
            mirror=mirror,
            max_bytes=self._settings.max_fetch_bytes,
        )
        remote = _remote(request, contact.pinned)
        try:
            git_remote.fetch(self._setup, remote, wanted)
        except (GitFailedError, GitTimeoutError, GitOutputError) as error:
            why = _not_brought(error, remote, wanted)
            # The server answered just before: what the mirror holds may be the cause.
            shutil.rmtree(mirror)
            if git_failures.is_disk_full(error):
                # Nothing is lost: all of it can be fetched again.
                self._mirrors.prune(())
            raise why from None
        if not holds_commit(self._setup, mirror, contact.commit):
            raise gone(request.ref, contact.commit, request.address.url)


def _prepared(folder: Path) -> tuple[Path, Path]:
    """Return an empty home for git, and the program that tells ssh a passphrase."""
    home, programs = folder / "home", folder / "programs"
    for each in (home, programs):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True, mode=0o700)
    askpass = programs / "askpass"
    askpass.write_text(ASKPASS)
    askpass.chmod(0o700)
    return home, askpass


def _remote(request: GitRequest, pinned: tuple[str, ...]) -> GitRemote:
    return GitRemote(
        address=request.address,
        timeout_seconds=request.timeout_seconds,
        pinned=pinned,
        credentials=request.credentials,
        proxy=request.proxy,
    )


def _no_ssh_proxy() -> Stalled:
    return Stalled(
        Reason.INVALID_SPEC,
        "spec.source.git.proxySecretRef: an HTTP proxy carries https, and spec.source.git.url "
        "begins with ssh. Remove proxySecretRef, or use the repository's https URL.",
    )


def _not_brought(error: GitError, remote: GitRemote, wanted: GitFetch) -> Blocked:
    if isinstance(error, GitFailedError) and _NOT_THERE in error.stderr:
        return gone(wanted.ref, wanted.commit, remote.address.url)
    if refused := git_failures.refused_by_check(error):
        return refused
    # Git does not say that the limit killed its index-pack.
    is_cut = largest_leftover(wanted.mirror) >= wanted.max_bytes
    if is_cut or git_failures.is_out_of_memory(error):
        return git_failures.too_large(remote.address)
    return git_failures.blocked(error, remote)
