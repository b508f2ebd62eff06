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
_PACKS: Final = "objects/pack/*.pack"
# Touched whenever the mirror is used.
_USED: Final = "davit-used"


def mirror_name(url: str, namespace: str, secret_uid: str) -> str:
    """Return the folder's name of the mirror that belongs to these three."""
    owner = json.dumps([url, namespace, secret_uid])
    return f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.git"


class Mirrors:
    """All mirrors of one operator, below one folder."""

    def __init__(
        self, folder: Path, setup: GitSetup, *, max_bytes: int, max_total_bytes: int
    ) -> None:
        self._folder = folder
        self._setup = setup
        self._max_bytes = max_bytes
        self._max_total_bytes = max_total_bytes
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
            self._shrink()

    def prune(self, keep: Collection[str]) -> int:
        """Remove all mirrors whose names are not in ``keep``; return how many."""
        unwanted = [path for path in self._folder.glob("*.git") if path.name not in keep]
        return sum(self._removed(path) for path in sorted(unwanted))

    def _removed(self, path: Path) -> bool:
        """Remove a mirror unless somebody holds it."""
        with self._guard:
            lock = self._locks.setdefault(path.name, threading.Lock())
        if not lock.acquire(blocking=False):
            return False
        try:
            # Another one may have been quicker.
            shutil.rmtree(path, ignore_errors=True)
        finally:
            lock.release()
        return True

    def _shrink(self) -> None:
        """Remove the mirrors that were not used for longest, until the others are small enough."""
        used = sorted((_last_use(path), path) for path in self._folder.glob("*.git"))
        sizes = {path: _packed_bytes(path) for _, path in used}
        total = sum(sizes.values())
        for _, path in used:
            if total <= self._max_total_bytes:
                return
            total -= sizes[path] if self._removed(path) else 0

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
        (mirror / _USED).touch()
        return mirror

    def _is_overgrown(self, mirror: Path) -> bool:
        packs = sum(1 for _ in mirror.glob(_PACKS))
        return packs > _MAX_PACKS or _packed_bytes(mirror) > self._max_bytes


def _packed_bytes(mirror: Path) -> int:
    return sum(_size(path) for path in mirror.glob(_PACKS))


def _last_use(mirror: Path) -> float:
    try:
        return (mirror / _USED).stat().st_mtime
    # It is being made, or removed.
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


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
