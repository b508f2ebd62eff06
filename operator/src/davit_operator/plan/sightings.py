"""What is looked for at a source, and what was seen there.

Repositories whose look is equal share it: one contact answers them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from davit_operator.api.jobrepository import GitSource, JobRepository
from davit_operator.plan.times import seconds

# Of a URL, or of what Git takes for one: git@host:path.
_AUTHORITY_END = re.compile(r"[/:]")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLook:
    """Which commit does the reference name?

    ``source`` is without what only says which files of the commit are served. ``namespace`` is that
    of its Secrets, so that nobody is vouched for by another one's credentials; without any it
    is empty, and everybody is nobody.
    """

    source: GitSource
    namespace: str
    timeout_seconds: int

    @property
    def server(self) -> str:
        """Return what stands for the server; not to be shown."""
        authority = self.source.url.rpartition("://")[2]
        return _AUTHORITY_END.split(authority, maxsplit=1)[0]

    def __str__(self) -> str:
        """Return no URL: one that will be refused may hold a password."""
        return f"Git look with the credentials of {self.namespace or 'nobody'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMapLook:
    """What do these keys hold? ``items`` are keys and paths; none: every key is a file."""

    namespace: str
    name: str
    items: tuple[tuple[str, str], ...] = ()

    @property
    def server(self) -> str:
        """Return that it is the API server, which answers in time."""
        return ""

    def __str__(self) -> str:
        """Return where the ConfigMap stands."""
        return f"ConfigMap {self.namespace}/{self.name}"


SourceLook = GitLook | ConfigMapLook


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a source holds: ``commit`` is a hash, ``revision`` says of what.

    ``proof`` is what the source's reader remembers of it.
    """

    revision: str
    commit: str
    proof: object = field(default=None, compare=False, repr=False)


class OutdatedError(Exception):
    """What was seen is not there any more, or no proof: look again."""


def look_of(repository: JobRepository) -> SourceLook | None:
    """Return what is looked for; None for an image, which only a pod can look into."""
    source, namespace = repository.spec.source, repository.metadata.namespace
    if source.config_map is not None:
        items = tuple((item.key, item.path) for item in source.config_map.items)
        return ConfigMapLook(namespace=namespace, name=source.config_map.name, items=items)
    if source.git is None:
        return None
    return GitLook(
        source=source.git.model_copy(update={"path": "", "ignore": ""}),
        namespace=namespace if source.git.secret_ref or source.git.proxy_secret_ref else "",
        timeout_seconds=seconds(repository.spec.timeout),
    )


def image_sighting(image: str, image_id: str = "") -> Sighting:
    """Return what a pod of ``image`` held: what the kubelet's ``imageID`` says, or its name."""
    digest = _DIGEST.search(image_id) or _DIGEST.search(image)
    if digest is None:
        return Sighting(revision=image, commit=image)
    name = image.partition("@")[0]
    return Sighting(revision=f"{name}@{digest[0]}", commit=digest[1])


def exact_image(image: str, image_id: str) -> str:
    """Return ``image`` with the digest that the kubelet reports; empty where none can be pulled.

    An ``imageID`` may be the node's own number of an image, or name another repository that holds
    the same: only the digest of the image's own repository is sure to be found again.
    """
    name, _, digest = image_id.removeprefix("docker-pullable://").partition("@")
    if not _DIGEST.fullmatch(digest) or _full_name(name) != _full_name(image):
        return ""
    return f"{image.partition('@')[0]}@{digest}"


def _full_name(image: str) -> str:
    """Return the repository of an image with all that may be left out, and without its tag."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    name = folder + slash + last.partition(":")[0]
    host, slash, rest = name.partition("/")
    if not slash or not (set(".:") & set(host) or host == "localhost"):
        host, rest = "docker.io", name
    if host == "docker.io" and "/" not in rest:
        rest = f"library/{rest}"
    return f"{host}/{rest}"


def is_pinned(image: str) -> bool:
    """Return whether ``image`` can only ever be one image."""
    return _DIGEST.search(image) is not None
