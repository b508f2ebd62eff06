"""The files that a job made, written where its user finds them."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeptFile(NamedTuple):
    """A file as it was written."""

    path: Path
    size_bytes: int


def write_files(contents: Sequence[dict[str, Any]], folder: Path | None) -> list[KeptFile]:
    """Write each FileContent into ``folder``, or into a new temporary one.

    What an earlier run left under the same name is replaced; of one run's files of one name, the
    second gets a number.

    Raises:
        OSError: it cannot be written.
    """
    if not contents:
        return []
    folder = folder or Path(tempfile.mkdtemp(prefix="davit-"))
    kept: list[KeptFile] = []
    for content in contents:
        path = _free_path(folder / _base_name(content["name"]), {file.path for file in kept})
        data = base64.b64decode(content["data"])
        path.write_bytes(data)
        kept.append(KeptFile(path, len(data)))
    return kept


def _base_name(name: str) -> str:
    """Return a name that stays in its folder, whatever the job's process said."""
    name = name.replace("\x00", "").rpartition("/")[2]
    return "file" if name in ("", ".", "..") else name


def _free_path(path: Path, taken: set[Path]) -> Path:
    candidate, number = path, 2
    while candidate in taken:
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return candidate
