"""All that an attacker would write, each as one JobRepository."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.keys import proxies, secrets
from tests.hostile.names import commits, names, paths
from tests.hostile.urls import urls


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """What to write where: ``git`` is spec.source.git, ``secret`` the keys of its Secret."""

    name: str
    git: Mapping[str, Any]
    secret: Mapping[str, bytes] = field(default_factory=dict)
    proxy: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return its URL."""
        return str(self.git["url"])


def all_of_it(marker: str, server: str) -> Iterator[Hostile]:
    """Yield what needs no server of its own: each as one JobRepository."""
    good = f"https://{server}/jobs.git"
    kinds: tuple[tuple[str, Iterator[Mapping[str, Any]]], ...] = (
        ("url", ({"url": each} for each in urls(marker, server))),
        ("branch", ({"url": good, "ref": {"branch": each}} for each in names(marker))),
        ("tag", ({"url": good, "ref": {"tag": each}} for each in names(marker))),
        ("commit", ({"url": good, "ref": {"commit": each}} for each in commits(marker))),
        ("path", ({"url": good, "path": each} for each in paths(marker))),
    )
    for kind, found in kinds:
        for number, git in enumerate(found):
            yield Hostile(name=f"{kind}-{number}", git=git)
    for number, keys in enumerate(secrets(marker)):
        yield Hostile(name=f"secret-{number}", git={"url": good}, secret=keys)
    for number, keys in enumerate(proxies(marker)):
        yield Hostile(name=f"proxy-{number}", git={"url": good}, proxy=keys)
