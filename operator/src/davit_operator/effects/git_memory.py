"""Files in memory: what only git and its children may read, and only while they run."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file without a name on any disk, gone when its ``MemoryFiles`` are closed."""

    descriptor: int

    @property
    def inherited_path(self) -> str:
        """Return its path in a child that was given the descriptor."""
        return f"/proc/self/fd/{self.descriptor}"

    @property
    def our_path(self) -> str:
        """Return its path for any process of our user: OpenSSH closes what it inherits."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"


class MemoryFiles:
    """The files of one command; a context manager."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.descriptors: list[int] = []

    def __enter__(self) -> MemoryFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add(self, content: bytes) -> MemoryFile:
        """Return a file that holds ``content``, readable by our user alone."""
        descriptor = os.memfd_create("davit-git", os.MFD_CLOEXEC)
        self._stack.callback(os.close, descriptor)
        # OpenSSH refuses private keys that others may read.
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        self.descriptors.append(descriptor)
        return MemoryFile(descriptor)
