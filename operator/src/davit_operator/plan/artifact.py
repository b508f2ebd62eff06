"""The code of one commit as an archive whose bytes depend on nothing but the code.

The archive is a tar, compressed with bzip2: unlike zlib's, its output is the same with every
version and build of the library, so that every operator finds the same digest for the same commit.

Names that differ only by case are kept: pods run Linux, which tells them apart.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import tarfile
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from davit_operator.plan.artifact_tree import (
    DEFAULT_LIMITS,
    MAX_PART_BYTES,
    ArtifactLimits,
    FileMode,
    SourceFile,
    check_size,
    check_tree,
    too_large,
)

_MODES = {FileMode.REGULAR: 0o644, FileMode.EXECUTABLE: 0o755, FileMode.SYMLINK: 0o777}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactPart:
    """What one ConfigMap holds: 1 to ``MAX_PART_BYTES`` bytes; its name comes from the whole."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedArtifact:
    """A packed commit; ``parts`` joined in order are ``size_bytes`` bytes of tar.bz2.

    ``digest`` is ``sha256:`` and 64 hexadecimal digits, of the parts joined.
    """

    digest: str
    parts: tuple[ArtifactPart, ...]
    files: int
    size_bytes: int
    # What was left out of it, in sentences.
    notes: tuple[str, ...] = ()

    @property
    def published(self) -> PublishedArtifact:
        """Return what remains to be known once the parts are stored."""
        return PublishedArtifact(
            digest=self.digest,
            parts=tuple(part.name for part in self.parts),
            files=self.files,
            size_bytes=self.size_bytes,
            notes=self.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedArtifact:
    """An artifact whose parts stand in ConfigMaps of these names, in order."""

    digest: str
    parts: tuple[str, ...]
    files: int
    size_bytes: int
    notes: tuple[str, ...] = ()


AnyArtifact = PackedArtifact | PublishedArtifact
# Code that is in the image: nothing is mounted.
INSTALLED: Final = PublishedArtifact(digest="", parts=(), files=0, size_bytes=0)


def pack(files: Collection[SourceFile], limits: ArtifactLimits = DEFAULT_LIMITS) -> PackedArtifact:
    """Return ``files``, in whatever order they come, as an archive cut into parts.

    Raises:
        Stalled: ``ARTIFACT_REFUSED``, when there are too many files or bytes, packed or not, or one
            lies or points outside the tree.
    """
    check_size(len(files), sum(len(file.data) for file in files), limits)
    packed = _archive(check_tree(files), limits.packed_bytes)
    digest = hashlib.sha256(packed).hexdigest()
    cuts = range(0, len(packed), MAX_PART_BYTES)
    return PackedArtifact(
        digest=f"sha256:{digest}",
        parts=tuple(
            ArtifactPart(name=part_name(digest, n), data=packed[cut : cut + MAX_PART_BYTES])
            for n, cut in enumerate(cuts)
        ),
        files=len(files),
        size_bytes=len(packed),
    )


def artifact_name(digest: str) -> str:
    """Return what the names of the parts of the artifact ``digest`` begin with."""
    return f"davit-{digest.removeprefix('sha256:')[:32]}"


def part_name(digest: str, number: int) -> str:
    """Return the name of the ConfigMap with part ``number`` (from 0) of the artifact ``digest``."""
    return f"{artifact_name(digest)}-{number}"


def _archive(by_path: dict[str, SourceFile], max_bytes: int) -> bytes:
    sink = _Bzip2Sink(max_bytes)
    # The stream mode only ever appends; PAX headers say that names are UTF-8.
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar:
        # By code point, which is the order of the names' UTF-8 bytes on every machine.
        for _, file in sorted(by_path.items()):
            tar.addfile(_entry(file), io.BytesIO(file.data))
    return sink.packed()


def _entry(file: SourceFile) -> tarfile.TarInfo:
    # TarInfo's own defaults are root, no names of owners, and the first second of 1970.
    entry = tarfile.TarInfo(file.path)
    entry.mode = _MODES[file.mode]
    if file.mode is FileMode.SYMLINK:
        entry.type = tarfile.SYMTYPE
        entry.linkname = file.data.decode()
    else:
        entry.size = len(file.data)
    return entry


class _Bzip2Sink(io.RawIOBase):
    """Compresses what is written, and gives up as soon as that cannot fit the parts."""

    def __init__(self, max_bytes: int) -> None:
        self._compressor = bz2.BZ2Compressor(9)
        self._max_bytes = max_bytes
        self._out = bytearray()

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]  # io types it wider than 3.11 can say
        self._keep(self._compressor.compress(chunk))
        return len(chunk)

    def packed(self) -> bytes:
        """End the stream and return all of it."""
        self._keep(self._compressor.flush())
        return bytes(self._out)

    def _keep(self, compressed: bytes) -> None:
        self._out += compressed
        if len(self._out) > self._max_bytes:
            raise too_large(f"more than {self._max_bytes / 2**20:.1f} MiB of files, compressed")
