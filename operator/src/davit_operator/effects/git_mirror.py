"""Bare repositories that hold the objects of the commits that were served.

A mirror only saves traffic: it may be removed at any time. It belongs to (URL, namespace, Secret),
so that no tenant reads another one's code from it; nothing is ever checked out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from davit_operator.effects.git_process import GitCommand, GitFailedError, GitSetup, git_output

LOCAL_TIMEOUT_SECONDS: Final = 60.0
# One pack per fetch: beyond this a new mirror is cheaper than looking through all of them.
_MAX_PACKS: Final = 40
_UNFINISHED: Final = "objects/pack/tmp_*"


def mirror_name(url: str, namespace: str, secret_uid: str) -> str:
    """Return the folder's name of the mirror that belongs to these three."""
    owner = json.dumps([url, namespace, secret_uid])
    return f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.git"


class Mirrors:
    """All mirrors of one operator, below one folder."""

    def __init__(self, folder: Path, setup: GitSetup, max_bytes: int) -> None:
        self._folder = folder
        self._setup = setup
        self._max_bytes = max_bytes
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def held(self, name: str, timeout_seconds: float) -> Iterator[Path | None]:
        """Give the mirror ``name`` to one thread, made if it must be; None: not within the time."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        if not lock.acquire(timeout=timeout_seconds):
            yield None
            return
        try:
            yield self._ready(self._folder / name)
        finally:
            lock.release()

    def prune(self, keep: Collection[str]) -> int:
        """Remove all mirrors whose names are not in ``keep``; return how many."""
        removed = 0
        for path in sorted(self._folder.glob("*.git")):
            with self._guard:
                lock = self._locks.setdefault(path.name, threading.Lock())
            if path.name not in keep and lock.acquire(blocking=False):
                try:
                    shutil.rmtree(path)
                finally:
                    lock.release()
                removed += 1
        return removed

    def _ready(self, mirror: Path) -> Path:
        _remove_leftovers(mirror)
        if self._is_overgrown(mirror):
            shutil.rmtree(mirror)
        if not (mirror / "objects").is_dir():
            mirror.mkdir(parents=True, exist_ok=True, mode=0o700)
            arguments = ("init", "--quiet", "--bare", "--template=", "--", str(mirror))
            git_output(
                self._setup,
                GitCommand(arguments=arguments, timeout_seconds=LOCAL_TIMEOUT_SECONDS),
            )
        return mirror

    def _is_overgrown(self, mirror: Path) -> bool:
        packs = [path.stat().st_size for path in (mirror / "objects" / "pack").glob("*.pack")]
        return len(packs) > _MAX_PACKS or sum(packs) > self._max_bytes


def _remove_leftovers(mirror: Path) -> None:
    """Remove what a killed git left behind; only the holder of the mirror may do that."""
    for pattern in ("*.lock", "refs/**/*.lock", _UNFINISHED):
        for path in mirror.glob(pattern):
            path.unlink()


def largest_leftover(mirror: Path) -> int:
    """Return the bytes of the largest pack whose download did not end."""
    return max((path.stat().st_size for path in mirror.glob(_UNFINISHED)), default=0)


def holds_commit(setup: GitSetup, mirror: Path, commit: str) -> bool:
    """Return whether ``commit`` (a full hash) is in ``mirror``, and is a commit."""
    arguments = (
        f"--git-dir={mirror}",
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{commit}^{{commit}}",
    )
    try:
        found = git_output(
            setup, GitCommand(arguments=arguments, timeout_seconds=LOCAL_TIMEOUT_SECONDS)
        )
    except GitFailedError:
        return False
    return found.decode().strip() == commit
