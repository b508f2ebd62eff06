"""Files that are too large for a pod's log: they go to the volume that is mounted for them."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from davit._runner.redact import Redactor

# Read by whoever mounts the volume after the run.
_MODE = 0o644
_PIECE_BYTES = 1024 * 1024


class Stored(NamedTuple):
    """A file that stands on the volume."""

    # In the run's folder; another one of its name was there before, where it differs from that.
    name: str
    path: str
    size: int
    digest: str


def write_large_file(folder: str, name: str, content: bytes, redactor: Redactor) -> Stored:
    """Write ``content`` into ``folder``, without secrets.

    Raises:
        OSError: the volume does not take it; nothing of it stays.
    """
    try:
        fd, stored = _new_file(folder, name)
    except OSError as error:
        raise _explained(error, name) from None
    path, digest, size = os.path.join(folder, stored), sha256(), 0  # noqa: PTH118 (pathlib costs the run path 7 ms)
    try:
        with os.fdopen(fd, "wb") as file:
            for piece in redactor.redact_pieces(_pieces(content)):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        os.unlink(path)  # noqa: PTH108 (as above)
        raise _explained(error, name) from None
    return Stored(stored, path, size, f"sha256:{digest.hexdigest()}")


def _pieces(content: bytes) -> list[memoryview]:
    view = memoryview(content)
    return [view[at : at + _PIECE_BYTES] for at in range(0, len(content), _PIECE_BYTES)]


def _new_file(folder: str, name: str) -> tuple[int, str]:
    """Return a new file's descriptor and name: the names of a run's files need not differ."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    number, stored = 1, name
    while True:
        try:
            return os.open(os.path.join(folder, stored), flags, _MODE), stored  # noqa: PTH118 (as above)
        except FileExistsError:
            number += 1
            stored = f"{number}-{name}"


def _explained(error: OSError, name: str) -> OSError:
    return OSError(
        error.errno,
        f"{error.strerror}: the file {name!r} cannot be written to the volume for large files. "
        "See spec.runner.files of JobDefinition or JobRepository, and the volume's owner and size",
    )
